/* SPDX-License-Identifier: MIT */
/* UDP ports that the caller serves. */
#include "tests/host/net_host.h"
#include "tests/host/test.h"
#include "lib/errno.h"

static struct net_stack stack;
static struct wire w;

struct ask {
	struct net_udp_request request;
	size_t size;
	int result;
	unsigned calls;
};

static int serve_ask(void *ctx, const struct net_udp_request *request, uint8_t *reply,
		     size_t size)
{
	struct ask *ask = ctx;

	ask->request = *request;
	ask->size = size;
	ask->calls++;
	for (int i = 0; i < ask->result && (size_t)i < size; i++)
		reply[i] = 'a' + i % 26;
	return ask->result;
}

static void a_handler_of_ones_own(void **state)
{
	struct ask ask = {.result = 3};

	(void)state;
	host_start(&stack, WIRE_MTU);
	assert_int_equal(net_stack_serve(&stack, 999, serve_ask, &ask), 0);
	wire_udp(&w, 40000, 999, 5);
	assert_int_equal(host_receive(&stack, &w), AT_IP_DATA + 8 + 3);
	host_check_reply(&w, AT_IP_DATA + 8 + 3);
	assert_memory_equal(w.reply + AT_IP_DATA + 8, "abc", 3);
	assert_int_equal(ask.request.address, WIRE_PEER);
	assert_int_equal(ask.request.port, 40000);
	assert_int_equal(ask.request.length, 5);
	assert_int_equal(ask.size, WIRE_MTU - 28);
	ask.result = 0; /* an empty datagram */
	assert_int_equal(host_receive(&stack, &w), AT_IP_DATA + 8);
	ask.result = -ENODATA; /* none */
	assert_int_equal(host_receive(&stack, &w), 0);
	assert_int_equal(ask.calls, 3);
	assert_int_equal(stack.drops[NET_DROP_NONE], 3);
	assert_int_equal(stack.replies, 2);
}

/* Handlers that refuse, or say that they wrote more than there is room for. */
static void handlers_that_fail(void **state)
{
	static const struct {
		int result;
		enum net_drop want;
	} cases[] = {
		{-EINVAL, NET_DROP_UDP_HANDLER},      {WIRE_MTU - 28, NET_DROP_NONE},
		{WIRE_MTU - 27, NET_DROP_REPLY_SIZE}, {65536, NET_DROP_REPLY_SIZE},
		{INT32_MAX, NET_DROP_REPLY_SIZE},     {INT32_MIN, NET_DROP_UDP_HANDLER},
	};
	struct ask ask = {0};

	(void)state;
	host_start(&stack, WIRE_MTU);
	net_stack_serve(&stack, 999, serve_ask, &ask);
	for (size_t i = 0; i < COUNT(cases); i++) {
		wire_udp(&w, 40000, 999, 5);
		ask.result = cases[i].result;
		if (cases[i].want)
			host_drops(&stack, &w, cases[i].want);
		else
			assert_int_equal(host_receive(&stack, &w), 14 + WIRE_MTU);
	}
}

static void the_table_of_ports(void **state)
{
	struct ask ask = {0};

	(void)state;
	host_start(&stack, WIRE_MTU);
	assert_int_equal(net_stack_serve(&stack, 0, serve_ask, &ask), -EINVAL);
	assert_int_equal(net_stack_serve(&stack, 7, serve_ask, &ask), -EBUSY);
	for (unsigned i = 1; i < NET_STACK_PORTS; i++)
		assert_int_equal(net_stack_serve(&stack, 100 + i, serve_ask, &ask), 0);
	assert_int_equal(net_stack_serve(&stack, 101, serve_ask, &ask), -EBUSY);
	assert_int_equal(net_stack_serve(&stack, 200, serve_ask, &ask), -ENOSPC);
	wire_udp(&w, 40000, 200, 5);
	host_drops(&stack, &w, NET_DROP_UDP_PORT);
	assert_int_equal(ask.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handler_of_ones_own),
		cmocka_unit_test(handlers_that_fail),
		cmocka_unit_test(the_table_of_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

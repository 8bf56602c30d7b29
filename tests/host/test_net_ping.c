/* SPDX-License-Identifier: MIT */
/* Pings of our own: who is asked for the way, what is sent, and which reply is taken for one.
 */
#include "tests/host/net_host.h"
#include "tests/host/test.h"
#include "lib/errno.h"

#define SECOND  1000000000ull
#define GATEWAY 0xc0a807feu

static struct net_stack stack;
static struct wire w;

static int start(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	return 0;
}

/* An ARP reply or echo reply as from the peer at that address. */
static int arp_reply(uint32_t from, uint64_t now_ns)
{
	wire_arp(&w, 2, from, WIRE_US);
	w.now_ns = now_ns;
	return host_receive(&stack, &w);
}

/* The echo request in w.reply, answered by hand. */
static void turn_around(int length, uint64_t now_ns)
{
	memcpy(w.bytes, w.reply, length);
	memcpy(w.bytes + AT_MAC_TO, &wire_us, 6);
	memcpy(w.bytes + AT_MAC_FROM, &wire_peer, 6);
	memcpy(w.bytes + AT_IP + IP_FROM, w.reply + AT_IP + IP_TO, 4);
	memcpy(w.bytes + AT_IP + IP_TO, w.reply + AT_IP + IP_FROM, 4);
	w.bytes[AT_IP_DATA + ICMP_TYPE] = 0;
	w.length = length;
	w.now_ns = now_ns;
	wire_seal_ip(&w);
	wire_seal_icmp(&w);
}

/* Up to the echo request, which is in w.reply: its length. */
static int sent(uint32_t target, uint32_t hop, unsigned sequence, size_t n)
{
	assert_int_equal(net_ping_start(&stack, target, 0x4711, sequence, n), 0);
	assert_int_equal(host_ping_poll(&stack, &w, 0), 42);
	assert_int_equal(wire_get32(w.reply + AT_ARP + ARP_TARGET), hop);
	assert_int_equal(arp_reply(hop, 1), 0);
	return host_ping_poll(&stack, &w, 10);
}

static void asks_sends_and_is_answered(void **state)
{
	int length = sent(WIRE_PEER, WIRE_PEER, 5, 100);

	(void)state;
	assert_int_equal(length, AT_IP_DATA + 108);
	host_check_reply(&w, length);
	assert_int_equal(w.reply[AT_IP_DATA + ICMP_TYPE], 8);
	assert_int_equal(wire_get16(w.reply + AT_IP_DATA + ICMP_ID), 0x4711);
	assert_int_equal(wire_get16(w.reply + AT_IP_DATA + ICMP_SEQUENCE), 5);
	assert_int_equal(stack.ping.state, NET_PING_SENT);
	turn_around(length, 1010);
	assert_int_equal(host_receive(&stack, &w), 0);
	assert_int_equal(stack.ping.state, NET_PING_ANSWERED);
	assert_int_equal(stack.ping.round_ns, 1000);
	assert_int_equal(host_ping_poll(&stack, &w, 2000), 0);
}

static void the_question_is_a_broadcast(void **state)
{
	static struct wire want;

	(void)state;
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 1, 0), 0);
	wire_arp(&want, 1, WIRE_US, WIRE_PEER);
	memcpy(want.bytes + AT_MAC_FROM, &wire_us, 6);
	memcpy(want.bytes + AT_ARP + ARP_SENDER_MAC, &wire_us, 6);
	assert_int_equal(host_ping_poll(&stack, &w, 0), 42);
	assert_memory_equal(w.reply, want.bytes, 42);
}

/* Once a second, not at each poll; who is known is not asked at all. */
static void asks_again(void **state)
{
	(void)state;
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 1, 10), 0);
	assert_int_equal(host_ping_poll(&stack, &w, 5), 42);
	assert_int_equal(host_ping_poll(&stack, &w, 5), 0);
	assert_int_equal(host_ping_poll(&stack, &w, 4 + SECOND), 0);
	assert_int_equal(host_ping_poll(&stack, &w, 5 + SECOND), 42);
	assert_int_equal(arp_reply(WIRE_PEER, 6 + SECOND), 0);
	assert_int_equal(host_ping_poll(&stack, &w, 6 + SECOND), AT_IP_DATA + 18);
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 2, 10), 0);
	assert_int_equal(host_ping_poll(&stack, &w, 7 + SECOND), AT_IP_DATA + 18);
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 3, 10), 0);
	assert_int_equal(host_ping_poll(&stack, &w, 6 + SECOND + NET_ARP_LIFETIME_NS), 42);
}

/* The answer of somebody else does not tell the way. */
static void another_one_answers(void **state)
{
	(void)state;
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 1, 10), 0);
	assert_int_equal(host_ping_poll(&stack, &w, 0), 42);
	assert_int_equal(arp_reply(0xc0a80709, 1), net_drop_errno(NET_DROP_ARP_UNASKED));
	assert_int_equal(host_ping_poll(&stack, &w, 1), 0);
}

static void by_the_gateway(void **state)
{
	int length;

	(void)state;
	assert_int_equal(net_ping_start(&stack, WIRE_AWAY, 1, 1, 10), -ENXIO);
	stack.config.gateway = GATEWAY;
	length = sent(WIRE_AWAY, GATEWAY, 1, 10);
	assert_int_equal(length, AT_IP_DATA + 18);
	assert_int_equal(wire_get32(w.reply + AT_IP + IP_TO), WIRE_AWAY);
	turn_around(length, 100);
	assert_int_equal(host_receive(&stack, &w), 0);
	assert_int_equal(stack.ping.state, NET_PING_ANSWERED);
}

static void whom_it_does_not_ping(void **state)
{
	static const uint32_t refused[] = {
		0, WIRE_US, 0xc0a80700, 0xc0a807ff, 0xffffffff, 0x7f000001, 0xe0000001,
	};

	(void)state;
	stack.config.gateway = GATEWAY;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_int_equal(net_ping_start(&stack, refused[i], 1, 1, 0), -EINVAL);
	assert_int_equal(stack.ping.state, NET_PING_IDLE);
	assert_int_equal(host_ping_poll(&stack, &w, 0), 0);
}

static void of_every_size(void **state)
{
	(void)state;
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 1, WIRE_MTU - 27), -EMSGSIZE);
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 1, SIZE_MAX), -EMSGSIZE);
	net_arp_learn(&stack.cache, WIRE_PEER, &wire_peer, 0);
	for (size_t n = 0; n <= WIRE_MTU - 28; n++) {
		int length;

		assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, n, n), 0);
		length = host_ping_poll(&stack, &w, 0);
		assert_int_equal(length, AT_IP_DATA + 8 + n);
		host_check_reply(&w, length);
		turn_around(length, 1);
		assert_int_equal(host_receive(&stack, &w), 0);
		assert_int_equal(stack.ping.state, NET_PING_ANSWERED);
	}
}

/* Each frame in a buffer that is too small: nothing is taken for sent. */
static void buffers_too_small(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 1, 10), 0);
	for (w.room = 1; w.room < 42; w.room++)
		assert_int_equal(host_ping_poll(&stack, &w, 0), -EMSGSIZE);
	assert_int_equal(host_ping_poll(&stack, &w, 0), 42);
	net_arp_learn(&stack.cache, WIRE_PEER, &wire_peer, 0);
	for (w.room = 1; w.room < AT_IP_DATA + 18; w.room++)
		assert_int_equal(host_ping_poll(&stack, &w, 0), -EMSGSIZE);
	assert_int_equal(host_ping_poll(&stack, &w, 0), AT_IP_DATA + 18);
}

/* One thing is wrong with each; the right one still counts afterwards, once. */
static void replies_to_something_else(void **state)
{
	static const struct {
		size_t at;
		unsigned change;
		enum net_drop want;
	} cases[] = {
		{AT_IP_DATA + ICMP_ID, 1, NET_DROP_ICMP_UNASKED},
		{AT_IP_DATA + ICMP_SEQUENCE, 1, NET_DROP_ICMP_UNASKED},
		{AT_IP + IP_FROM + 2, 0x80, NET_DROP_ICMP_UNASKED}, /* another host */
		{AT_IP_DATA + 8, 1, NET_DROP_ICMP_DATA},            /* the first byte */
		{AT_IP_DATA + 16, 1, NET_DROP_ICMP_DATA},           /* the last two */
	};
	int length = sent(WIRE_PEER, WIRE_PEER, 1, 10);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		turn_around(length, 100);
		wire_put16(&w, cases[i].at,
			   wire_get16(w.bytes + cases[i].at) ^ cases[i].change);
		wire_seal_ip(&w);
		wire_seal_icmp(&w);
		host_drops(&stack, &w, cases[i].want);
		assert_int_equal(stack.ping.state, NET_PING_SENT);
	}
	turn_around(length, 100);
	assert_int_equal(host_receive(&stack, &w), 0);
	assert_int_equal(stack.ping.state, NET_PING_ANSWERED);
	host_drops(&stack, &w, NET_DROP_ICMP_UNASKED); /* answered twice */
}

/* Less data than were sent, or more. */
static void replies_of_another_length(void **state)
{
	int length = sent(WIRE_PEER, WIRE_PEER, 1, 10);

	(void)state;
	for (int n = 0; n < 30; n++) {
		if (n == 10)
			continue;
		turn_around(length, 100);
		for (int i = 0; i < n; i++)
			wire_put8(&w, AT_IP_DATA + 8 + i, (1 + i) & 0xff);
		w.length = AT_IP_DATA + 8 + n;
		wire_put16(&w, AT_IP + IP_LENGTH, 28 + n);
		wire_seal_ip(&w);
		wire_seal_icmp(&w);
		host_drops(&stack, &w, NET_DROP_ICMP_DATA);
	}
}

static void answered_before_it_was_sent(void **state)
{
	int length = sent(WIRE_PEER, WIRE_PEER, 1, 10);

	(void)state;
	turn_around(length, 100);
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 0x4711, 1, 10), 0);
	host_drops(&stack, &w, NET_DROP_ICMP_UNASKED);
}

#define PING_TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PING_TEST(asks_sends_and_is_answered),
		PING_TEST(the_question_is_a_broadcast),
		PING_TEST(asks_again),
		PING_TEST(another_one_answers),
		PING_TEST(by_the_gateway),
		PING_TEST(whom_it_does_not_ping),
		PING_TEST(of_every_size),
		PING_TEST(buffers_too_small),
		PING_TEST(replies_to_something_else),
		PING_TEST(replies_of_another_length),
		PING_TEST(answered_before_it_was_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

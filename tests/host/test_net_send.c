/* SPDX-License-Identifier: MIT */
/* Datagrams of our own: where they go, what they carry, and that they fit. */
#include "tests/host/net_host.h"
#include "tests/host/test.h"
#include "lib/errno.h"

#define GATEWAY   0xc0a807feu
#define DATA_FROM (AT_IP_DATA + 8)
#define DATA_MAX  (WIRE_MTU - 28)

static struct net_stack stack;
static struct wire w;

static int start(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	memset(&w, 0, sizeof(w));
	return 0;
}

/* The first n bytes of w.bytes, in memory of exactly their size, as is the frame's. */
static int send_to(uint32_t to, size_t n, uint64_t now_ns)
{
	uint8_t *data = exact_copy(w.bytes, n);
	size_t room = w.room ? w.room : WIRE_MAX;
	struct net_datagram datagram = {to, 4711, 9, data, n};
	struct net_output out = {malloc(room), room, 1, 1}; /* both are to be set */
	int result = net_stack_send(&stack, &datagram, now_ns, &out);

	assert_int_equal(out.length, result > 0 ? result : 0);
	memcpy(w.reply, out.frame, out.length);
	w.reply_flags = out.flags;
	free(out.frame);
	free(data);
	return result;
}

static void check(size_t n)
{
	const uint8_t *udp = w.reply + AT_IP_DATA;

	host_check_reply(&w, DATA_FROM + n);
	assert_int_equal(w.reply[AT_IP + IP_PROTOCOL], 17);
	assert_int_equal(wire_get16(udp + UDP_FROM), 4711);
	assert_int_equal(wire_get16(udp + UDP_TO), 9);
	assert_int_equal(wire_get16(udp + UDP_LENGTH), n + 8);
	assert_memory_equal(w.reply + DATA_FROM, w.bytes, n);
}

static void of_every_size(void **state)
{
	(void)state;
	net_arp_learn(&stack.cache, WIRE_PEER, &wire_peer, 0);
	for (size_t n = 0; n <= DATA_MAX; n++) {
		w.bytes[n] = n * 7 + 1;
		assert_int_equal(send_to(WIRE_PEER, n, 0), DATA_FROM + n);
		assert_int_equal(w.reply_flags, 0);
		check(n);
	}
	assert_int_equal(send_to(WIRE_PEER, DATA_MAX + 1, 0), -EMSGSIZE);
}

/* Then the field holds what the pseudo header alone adds up to. */
static void the_checksum_may_be_left_out(void **state)
{
	unsigned sum = 0;

	(void)state;
	stack.csum_blank = true;
	net_arp_learn(&stack.cache, WIRE_PEER, &wire_peer, 0);
	assert_int_equal(send_to(WIRE_PEER, 100, 0), DATA_FROM + 100);
	assert_int_equal(w.reply_flags, NET_CSUM_BLANK);
	check(100);
	for (unsigned i = 0; i < 8; i += 2)
		sum += wire_get16(w.reply + AT_IP + IP_FROM + i);
	sum += 17 + 108;
	sum = (sum & 0xffff) + (sum >> 16);
	assert_int_equal(wire_get16(w.reply + AT_IP_DATA + UDP_SUM), sum);
}

/* To a host that is not on the network by the gateway, whose MAC counts then. */
static void which_way(void **state)
{
	(void)state;
	assert_int_equal(send_to(WIRE_AWAY, 4, 0), -EAGAIN);
	stack.config.gateway = GATEWAY;
	net_arp_learn(&stack.cache, WIRE_AWAY, &wire_us, 0);
	assert_int_equal(send_to(WIRE_AWAY, 4, 0), -EAGAIN);
	net_arp_learn(&stack.cache, GATEWAY, &wire_peer, 0);
	assert_int_equal(send_to(WIRE_AWAY, 4, 0), DATA_FROM + 4);
	assert_memory_equal(w.reply + AT_MAC_TO, &wire_peer, 6);
	assert_int_equal(wire_get32(w.reply + AT_IP + IP_TO), WIRE_AWAY);
}

static void who_is_not_known_any_more(void **state)
{
	(void)state;
	assert_int_equal(send_to(WIRE_PEER, 4, 0), -EAGAIN);
	net_arp_learn(&stack.cache, WIRE_PEER, &wire_peer, 5);
	assert_int_equal(send_to(WIRE_PEER, 4, 4 + NET_ARP_LIFETIME_NS), DATA_FROM + 4);
	assert_int_equal(send_to(WIRE_PEER, 4, 5 + NET_ARP_LIFETIME_NS), -EAGAIN);
}

static void buffers_too_small(void **state)
{
	(void)state;
	net_arp_learn(&stack.cache, WIRE_PEER, &wire_peer, 0);
	for (w.room = 1; w.room < DATA_FROM + 10; w.room++)
		assert_int_equal(send_to(WIRE_PEER, 10, 0), -EMSGSIZE);
	assert_int_equal(send_to(WIRE_PEER, 10, 0), DATA_FROM + 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(of_every_size, start),
		cmocka_unit_test_setup(the_checksum_may_be_left_out, start),
		cmocka_unit_test_setup(which_way, start),
		cmocka_unit_test_setup(who_is_not_known_any_more, start),
		cmocka_unit_test_setup(buffers_too_small, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

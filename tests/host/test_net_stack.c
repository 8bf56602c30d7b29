/* SPDX-License-Identifier: MIT */
/* What a stack answers: pings and UDP of every length, over the checksum flags, in any buffer.
 */
#include "tests/host/net_host.h"
#include "tests/host/test.h"
#include "lib/errno.h"

static struct net_stack stack;
static struct wire w;

static void refuses_what_it_cannot_be(void **state)
{
	const struct net_mac group = {{1, 0, 0, 0, 0, 1}};

	(void)state;
	assert_int_equal(net_stack_init(&stack, &group, &wire_config, 1500), -EINVAL);
	assert_int_equal(net_stack_init(&stack, &wire_us, &wire_config, 67), -EINVAL);
	assert_int_equal(net_stack_init(&stack, &wire_us, &wire_config, 65536), -EINVAL);
	assert_int_equal(net_stack_init(&stack, &wire_us, &wire_config, 68), 0);
}

/* One ping with n bytes of data. */
static void ping_once(size_t n)
{
	int length;

	wire_echo(&w, 8, 0xbeef, n, n);
	length = host_receive(&stack, &w);
	assert_int_equal(length, w.length);
	host_check_reply(&w, length);
	assert_int_equal(w.reply[AT_IP_DATA + ICMP_TYPE], 0);
	/* id, sequence and data come back as they were. */
	assert_memory_equal(w.reply + AT_IP_DATA + ICMP_ID, w.bytes + AT_IP_DATA + ICMP_ID,
			    4 + n);
	assert_int_equal(w.reply_flags, 0);
}

static void pings_of_every_size(void **state)
{
	static const size_t mtus[] = {68, 1500, 1501, 9000, 65535};

	(void)state;
	for (size_t m = 0; m < COUNT(mtus); m++) {
		size_t most = mtus[m] - 28, step = mtus[m] < 2000 ? 1 : 997;

		host_start(&stack, mtus[m]);
		for (size_t n = 0; n <= most; n += step)
			ping_once(n);
		ping_once(most);
		if (mtus[m] == 65535)
			continue;
		wire_echo(&w, 8, 1, 1, most + 1);
		host_drops(&stack, &w, NET_DROP_LONG);
	}
}

/* The smallest frames are padded to 60 bytes by whoever sends them over a wire. */
static void a_padded_ping(void **state)
{
	int length;

	(void)state;
	host_start(&stack, WIRE_MTU);
	wire_echo(&w, 8, 1, 1, 3);
	w.length = 60;
	memset(w.bytes + AT_IP_DATA + 11, 0xff, 60 - AT_IP_DATA - 11);
	length = host_receive(&stack, &w);
	assert_int_equal(length, AT_IP_DATA + 11);
	host_check_reply(&w, length);
}

static void a_ping_with_options(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	for (size_t n = 0; n <= 40; n += 4) {
		wire_echo(&w, 8, 1, 1, 100);
		wire_options(&w, n);
		assert_int_equal(host_receive(&stack, &w), AT_IP_DATA + 108);
		host_check_reply(&w, AT_IP_DATA + 108);
	}
}

/* From another network, by a router: the answer goes to the router's MAC. */
static void a_ping_from_away(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	wire_echo(&w, 8, 1, 1, 10);
	wire_put32(&w, AT_IP + IP_FROM, WIRE_AWAY);
	wire_seal_ip(&w);
	assert_int_equal(host_receive(&stack, &w), w.length);
	assert_memory_equal(w.reply + AT_MAC_TO, &wire_peer, 6);
	assert_int_equal(wire_get32(w.reply + AT_IP + IP_TO), WIRE_AWAY);
}

static void echo_once(size_t n)
{
	int length;

	wire_udp(&w, 40000, 7, n);
	length = host_receive(&stack, &w);
	assert_int_equal(length, w.length);
	host_check_reply(&w, length);
	assert_int_equal(wire_get16(w.reply + AT_IP_DATA + UDP_FROM), 7);
	assert_int_equal(wire_get16(w.reply + AT_IP_DATA + UDP_TO), 40000);
	assert_int_equal(wire_get16(w.reply + AT_IP_DATA + UDP_LENGTH), 8 + n);
	assert_memory_equal(w.reply + AT_IP_DATA + 8, w.bytes + AT_IP_DATA + 8, n);
}

static void udp_echo_of_every_size(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	for (size_t n = 0; n <= WIRE_MTU - 28; n++)
		echo_once(n);
	host_start(&stack, 65535);
	echo_once(65535 - 28);
}

/* A checksum that the backend vouches for, or that is blank, is not looked at; what goes out is
 * right all the same. */
static void checksum_flags(void **state)
{
	static const unsigned flags[] = {NET_CSUM_VALIDATED, NET_CSUM_BLANK,
					 NET_CSUM_VALIDATED | NET_CSUM_BLANK};

	(void)state;
	host_start(&stack, WIRE_MTU);
	for (size_t i = 0; i < COUNT(flags); i++) {
		wire_udp(&w, 40000, 7, 30);
		wire_put16(&w, AT_IP_DATA + UDP_SUM, 0x1234);
		host_drops(&stack, &w, NET_DROP_UDP_CHECKSUM);
		w.flags = flags[i];
		host_check_reply(&w, host_receive(&stack, &w));
		wire_echo(&w, 8, 1, 2, 30);
		wire_put16(&w, AT_IP_DATA + ICMP_SUM, 0x1234);
		host_drops(&stack, &w, NET_DROP_ICMP_CHECKSUM);
		w.flags = flags[i];
		host_check_reply(&w, host_receive(&stack, &w));
	}
}

/* They say nothing about IP's own. */
static void flags_do_not_vouch_for_the_header(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	wire_udp(&w, 40000, 7, 30);
	wire_put16(&w, AT_IP + IP_SUM, 0x1234);
	w.flags = NET_CSUM_VALIDATED | NET_CSUM_BLANK;
	host_drops(&stack, &w, NET_DROP_IP_CHECKSUM);
}

/* With offload UDP goes out blank, and says so; ICMP never does. */
static void blank_checksums_out(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	stack.csum_blank = true;
	wire_udp(&w, 40000, 7, 30);
	assert_int_equal(host_receive(&stack, &w), w.length);
	assert_int_equal(w.reply_flags, NET_CSUM_BLANK);
	memcpy(w.bytes, w.reply, w.length);
	wire_seal_udp(&w);
	assert_int_equal(wire_checksum(w.reply + AT_IP_DATA, w.length - AT_IP_DATA),
			 wire_get16(w.bytes + AT_IP_DATA + UDP_SUM));
	ping_once(30);
}

/* A buffer that is too small by one byte, and one that fits exactly. */
static void small_buffers(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	for (size_t room = 1; room <= AT_IP_DATA + 18; room++) {
		bool fits = room == AT_IP_DATA + 18;

		wire_udp(&w, 40000, 7, 10);
		w.room = room;
		assert_int_equal(host_receive(&stack, &w) > 0, fits);
		wire_echo(&w, 8, 1, 1, 10);
		w.room = room;
		assert_int_equal(host_receive(&stack, &w) > 0, fits);
	}
	assert_int_equal(stack.replies, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_it_cannot_be),
		cmocka_unit_test(pings_of_every_size),
		cmocka_unit_test(a_padded_ping),
		cmocka_unit_test(a_ping_with_options),
		cmocka_unit_test(a_ping_from_away),
		cmocka_unit_test(udp_echo_of_every_size),
		cmocka_unit_test(checksum_flags),
		cmocka_unit_test(flags_do_not_vouch_for_the_header),
		cmocka_unit_test(blank_checksums_out),
		cmocka_unit_test(small_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

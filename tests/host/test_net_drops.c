/* SPDX-License-Identifier: MIT */
/* Each reason for which a frame is dropped, by a good frame with one thing wrong. The last test
 * fails if a reason was left out. */
#include "tests/host/net_host.h"
#include "tests/host/test.h"
#include "lib/errno.h"

#define SOMEBODY 0xc0a80709u

static struct net_stack stack;
static struct wire w;

static int refuse(void *ctx, const struct net_udp_request *request, uint8_t *reply, size_t size)
{
	(void)ctx;
	(void)request;
	(void)reply;
	(void)size;
	return -EPERM;
}

static int start(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	return net_stack_serve(&stack, 8, refuse, NULL);
}

enum base { BASE_ARP, BASE_ARP_REPLY, BASE_ECHO, BASE_ECHO_REPLY, BASE_UDP };
enum seal { SEAL_NONE, SEAL_IP = 1, SEAL_ICMP = 2, SEAL_UDP = 4 };

/* A good frame, in which `bytes` bytes are overwritten; then its length is cut. */
static const struct fault {
	enum net_drop want;
	enum base base;
	size_t at;
	unsigned bytes;
	uint32_t value;
	unsigned seals;
	size_t length; /* 0: as it is */
} faults[] = {
	{NET_DROP_SHORT, BASE_UDP, 0, 0, 0, 0, 13},
	{NET_DROP_LONG, BASE_UDP, 0, 0, 0, 0, 14 + WIRE_MTU + 1},
	{NET_DROP_SOURCE_MAC, BASE_UDP, AT_MAC_FROM, 1, 0x01, 0, 0},
	{NET_DROP_SOURCE_MAC, BASE_ARP, AT_MAC_FROM, 1, 0xff, 0, 0},
	{NET_DROP_SOURCE_MAC, BASE_UDP, AT_MAC_FROM + 5, 1, 0x02, 0, 0}, /* ours */
	{NET_DROP_OTHER_MAC, BASE_UDP, AT_MAC_TO + 5, 1, 0x03, 0, 0},
	{NET_DROP_OTHER_MAC, BASE_ARP, AT_MAC_TO, 4, 0x01005e00, 0, 0}, /* a group */
	{NET_DROP_TYPE, BASE_UDP, AT_TYPE, 2, 0x86dd, 0, 0},            /* IPv6 */
	{NET_DROP_TYPE, BASE_UDP, AT_TYPE, 2, 0x8100, 0, 0},            /* a VLAN's */
	{NET_DROP_TYPE, BASE_UDP, AT_TYPE, 2, 46, 0, 0},                /* a length (802.3) */
	{NET_DROP_ARP_SHORT, BASE_ARP, 0, 0, 0, 0, 41},
	{NET_DROP_ARP_KIND, BASE_ARP, AT_ARP, 2, 6, 0, 0},
	{NET_DROP_ARP_SENDER, BASE_ARP, AT_ARP + ARP_SENDER_MAC, 1, 1, 0, 0},
	{NET_DROP_ARP_CONFLICT, BASE_ARP, AT_ARP + ARP_SENDER, 4, WIRE_US, 0, 0},
	{NET_DROP_ARP_OTHER, BASE_ARP, AT_ARP + ARP_TARGET, 4, SOMEBODY, 0, 0},
	{NET_DROP_ARP_UNASKED, BASE_ARP_REPLY, 0, 0, 0, 0, 0},
	{NET_DROP_IP_SHORT, BASE_UDP, 0, 0, 0, 0, AT_IP_DATA - 1},
	{NET_DROP_IP_SHORT, BASE_UDP, 0, 0, 0, 0, AT_IP},
	{NET_DROP_IP_VERSION, BASE_UDP, AT_IP, 1, 0x65, SEAL_IP, 0},
	{NET_DROP_IP_IHL, BASE_UDP, AT_IP, 1, 0x44, SEAL_IP, 0},
	{NET_DROP_IP_IHL, BASE_UDP, AT_IP, 1, 0x4f, SEAL_IP, 0},
	{NET_DROP_IP_LENGTH, BASE_UDP, AT_IP + IP_LENGTH, 2, 19, SEAL_IP, 0},
	{NET_DROP_IP_LENGTH, BASE_UDP, AT_IP + IP_LENGTH, 2, 49, SEAL_IP, 0},
	{NET_DROP_IP_LENGTH, BASE_UDP, AT_IP + IP_LENGTH, 2, 65535, SEAL_IP, 0},
	{NET_DROP_IP_CHECKSUM, BASE_UDP, AT_IP + IP_SUM, 2, 0, 0, 0},
	{NET_DROP_IP_FRAGMENT, BASE_UDP, AT_IP + IP_FRAGMENT, 2, 0x2000, SEAL_IP, 0},
	{NET_DROP_IP_SOURCE, BASE_UDP, AT_IP + IP_FROM, 4, 0, SEAL_IP, 0},
	{NET_DROP_IP_SOURCE, BASE_ECHO, AT_IP + IP_FROM, 4, WIRE_US, SEAL_IP, 0},
	{NET_DROP_IP_SOURCE, BASE_ECHO, AT_IP + IP_FROM, 4, 0x7f000001, SEAL_IP, 0},
	{NET_DROP_IP_SOURCE, BASE_ECHO, AT_IP + IP_FROM, 4, 0xe0000001, SEAL_IP, 0},
	{NET_DROP_IP_SOURCE, BASE_ECHO, AT_IP + IP_FROM, 4, 0xffffffff, SEAL_IP, 0},
	{NET_DROP_IP_SOURCE, BASE_ECHO, AT_IP + IP_FROM, 4, 0xc0a807ff, SEAL_IP, 0},
	{NET_DROP_IP_SOURCE, BASE_ECHO, AT_IP + IP_FROM, 4, 0xc0a80700, SEAL_IP, 0},
	{NET_DROP_IP_BROADCAST, BASE_ECHO, AT_IP + IP_TO, 4, 0xc0a807ff, SEAL_IP, 0},
	{NET_DROP_IP_BROADCAST, BASE_UDP, AT_IP + IP_TO, 4, 0xc0a80700, SEAL_IP, 0},
	{NET_DROP_IP_BROADCAST, BASE_UDP, AT_IP + IP_TO, 4, 0xffffffff, SEAL_IP, 0},
	{NET_DROP_IP_OTHER, BASE_UDP, AT_IP + IP_TO, 4, SOMEBODY, SEAL_IP, 0},
	{NET_DROP_IP_OTHER, BASE_UDP, AT_IP + IP_TO, 4, 0xe0000001, SEAL_IP, 0}, /* a group */
	{NET_DROP_IP_OTHER, BASE_UDP, AT_IP + IP_TO, 4, 0, SEAL_IP, 0},
	{NET_DROP_IP_PROTOCOL, BASE_UDP, AT_IP + IP_PROTOCOL, 1, 6, SEAL_IP, 0}, /* TCP */
	{NET_DROP_ICMP_SHORT, BASE_ECHO, AT_IP + IP_LENGTH, 2, 27, SEAL_IP, 0},
	{NET_DROP_ICMP_SHORT, BASE_ECHO, AT_IP + IP_LENGTH, 2, 20, SEAL_IP, 0},
	{NET_DROP_ICMP_CHECKSUM, BASE_ECHO, AT_IP_DATA + ICMP_SUM, 2, 0, 0, 0},
	{NET_DROP_ICMP_TYPE, BASE_ECHO, AT_IP_DATA, 1, 5, SEAL_ICMP, 0}, /* redirect */
	{NET_DROP_ICMP_UNASKED, BASE_ECHO_REPLY, 0, 0, 0, 0, 0},
	{NET_DROP_UDP_SHORT, BASE_UDP, AT_IP + IP_LENGTH, 2, 27, SEAL_IP, 0},
	{NET_DROP_UDP_SHORT, BASE_UDP, AT_IP + IP_LENGTH, 2, 20, SEAL_IP, 0},
	{NET_DROP_UDP_LENGTH, BASE_UDP, AT_IP_DATA + UDP_LENGTH, 2, 7, 0, 0},
	{NET_DROP_UDP_LENGTH, BASE_UDP, AT_IP_DATA + UDP_LENGTH, 2, 29, 0, 0},
	{NET_DROP_UDP_LENGTH, BASE_UDP, AT_IP_DATA + UDP_LENGTH, 2, 65535, 0, 0},
	{NET_DROP_UDP_CHECKSUM, BASE_UDP, AT_IP_DATA + UDP_SUM, 2, 1, 0, 0},
	{NET_DROP_UDP_PORT, BASE_UDP, AT_IP_DATA + UDP_TO, 2, 9, SEAL_UDP, 0},
	{NET_DROP_UDP_PORT, BASE_UDP, AT_IP_DATA + UDP_TO, 2, 0, SEAL_UDP, 0},
	{NET_DROP_UDP_SOURCE, BASE_UDP, AT_IP_DATA + UDP_FROM, 2, 7, SEAL_UDP, 0},
	{NET_DROP_UDP_SOURCE, BASE_UDP, AT_IP_DATA + UDP_FROM, 2, 8, SEAL_UDP, 0},
	{NET_DROP_UDP_SOURCE, BASE_UDP, AT_IP_DATA + UDP_FROM, 2, 0, SEAL_UDP, 0},
	{NET_DROP_UDP_HANDLER, BASE_UDP, AT_IP_DATA + UDP_TO, 2, 8, SEAL_UDP, 0},
};

static void make_base(enum base base)
{
	if (base == BASE_ARP || base == BASE_ARP_REPLY)
		wire_arp(&w, base == BASE_ARP ? 1 : 2, WIRE_PEER, WIRE_US);
	else if (base == BASE_UDP)
		wire_udp(&w, 40000, 7, 20);
	else
		wire_echo(&w, base == BASE_ECHO ? 8 : 0, 1, 2, 20);
}

static void make_fault(const struct fault *f)
{
	make_base(f->base);
	if (f->bytes == 1)
		wire_put8(&w, f->at, f->value);
	else if (f->bytes == 2)
		wire_put16(&w, f->at, f->value);
	else if (f->bytes == 4)
		wire_put32(&w, f->at, f->value);
	if (f->seals & SEAL_IP)
		wire_seal_ip(&w);
	if (f->seals & SEAL_ICMP)
		wire_seal_icmp(&w);
	if (f->seals & SEAL_UDP)
		wire_seal_udp(&w);
	if (f->length)
		w.length = f->length;
}

static bool reached[NR_NET_DROPS];

/* What they are made from is served. */
static void good_frames(void **state)
{
	static const enum base good[] = {BASE_ARP, BASE_ECHO, BASE_UDP};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		make_base(good[i]);
		assert_int_equal(host_receive(&stack, &w), w.length);
	}
	reached[NET_DROP_NONE] = true;
}

static void each_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		make_fault(&faults[i]);
		host_drops(&stack, &w, faults[i].want);
		reached[faults[i].want] = true;
	}
}

/* A frame to everybody, but with our address: no datagram's to be answered. */
static void unicast_by_broadcast(void **state)
{
	(void)state;
	for (enum base base = BASE_ECHO; base <= BASE_UDP; base++) {
		make_base(base);
		memcpy(w.bytes + AT_MAC_TO, &wire_all, 6);
		host_drops(&stack, &w, NET_DROP_IP_BROADCAST);
	}
}

static void a_reply_too_large(void **state)
{
	(void)state;
	make_base(BASE_UDP);
	w.room = 20;
	host_drops(&stack, &w, NET_DROP_REPLY_SIZE);
	reached[NET_DROP_REPLY_SIZE] = true;
}

static void an_echo_with_other_data(void **state)
{
	(void)state;
	make_base(BASE_ECHO_REPLY); /* its data begin with 0, those of sequence 2 do not */
	net_arp_learn(&stack.cache, WIRE_PEER, &wire_peer, 0);
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 2, 20), 0);
	assert_true(host_ping_poll(&stack, &w, 0) > 0);
	host_drops(&stack, &w, NET_DROP_ICMP_DATA);
	reached[NET_DROP_ICMP_DATA] = true;
}

static void every_reason_was_reached(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NR_NET_DROPS; i++)
		if (!reached[i])
			fail_msg("no test reaches %s", net_drop_name(i));
}

#define DROP_TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DROP_TEST(good_frames),
		DROP_TEST(each_fault),
		DROP_TEST(unicast_by_broadcast),
		DROP_TEST(a_reply_too_large),
		DROP_TEST(an_echo_with_other_data),
		cmocka_unit_test(every_reason_was_reached), /* the last one */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

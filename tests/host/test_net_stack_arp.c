/* SPDX-License-Identifier: MIT */
/* ARP as a host does it: whom it answers, from whom it learns, and who claims its address. */
#include "tests/host/net_host.h"
#include "tests/host/test.h"
#include "lib/errno.h"

#define SOMEBODY 0xc0a80709u

static struct net_stack stack;
static struct wire w;

static int start(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	return 0;
}

static const struct net_mac *known(uint32_t address)
{
	return net_arp_find(&stack.cache, address, w.now_ns);
}

/* The reply is the peer's request turned around. */
static void check_answer(int length, uint32_t to)
{
	static struct wire want;

	wire_arp(&want, 2, WIRE_US, to);
	memcpy(want.bytes + AT_MAC_TO, &wire_peer, 6);
	memcpy(want.bytes + AT_MAC_FROM, &wire_us, 6);
	memcpy(want.bytes + AT_ARP + ARP_SENDER_MAC, &wire_us, 6);
	memcpy(want.bytes + AT_ARP + ARP_TARGET_MAC, &wire_peer, 6);
	assert_int_equal(length, 42);
	assert_memory_equal(w.reply, want.bytes, 42);
}

static void answers_who_asks_for_us(void **state)
{
	(void)state;
	wire_arp(&w, 1, WIRE_PEER, WIRE_US);
	check_answer(host_receive(&stack, &w), WIRE_PEER);
	assert_memory_equal(known(WIRE_PEER), &wire_peer, 6);
	memcpy(w.bytes + AT_MAC_TO, &wire_us, 6); /* asked directly, as arping(8) does later */
	check_answer(host_receive(&stack, &w), WIRE_PEER);
	w.length = 60;
	check_answer(host_receive(&stack, &w), WIRE_PEER);
}

/* RFC 5227: whoever is about to take an address asks for it without having one. */
static void answers_a_probe_for_our_address(void **state)
{
	(void)state;
	wire_arp(&w, 1, 0, WIRE_US);
	check_answer(host_receive(&stack, &w), 0);
	assert_int_equal(stack.drops[NET_DROP_ARP_CONFLICT], 0);
	for (unsigned i = 0; i < NET_ARP_ENTRIES; i++)
		assert_int_equal(stack.cache.entry[i].address, 0);
}

/* Somebody of another network on the same wire is answered, but not learnt. */
static void answers_who_is_not_on_the_network(void **state)
{
	static const uint32_t strange[] = {WIRE_AWAY, 0xc0a80700, 0xc0a807ff, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < COUNT(strange); i++) {
		wire_arp(&w, 1, strange[i], WIRE_US);
		check_answer(host_receive(&stack, &w), strange[i]);
		assert_null(known(strange[i]));
	}
}

static void leaves_what_is_for_others(void **state)
{
	(void)state;
	wire_arp(&w, 1, WIRE_PEER, SOMEBODY);
	host_drops(&stack, &w, NET_DROP_ARP_OTHER);
	assert_null(known(WIRE_PEER));
	wire_arp(&w, 2, WIRE_PEER, SOMEBODY);
	host_drops(&stack, &w, NET_DROP_ARP_OTHER);
	wire_arp(&w, 1, WIRE_PEER, WIRE_PEER); /* gratuitous, of somebody unknown */
	host_drops(&stack, &w, NET_DROP_ARP_OTHER);
	assert_null(known(WIRE_PEER));
}

static void a_reply_that_nobody_asked_for(void **state)
{
	(void)state;
	wire_arp(&w, 2, WIRE_PEER, WIRE_US);
	host_drops(&stack, &w, NET_DROP_ARP_UNASKED);
	assert_null(known(WIRE_PEER));
}

/* RFC 826: what is known of somebody is renewed by whatever he says. */
static void a_known_host_moves(void **state)
{
	const struct net_mac moved = {{0x00, 0x16, 0x3e, 0x00, 0x00, 0x77}};

	(void)state;
	wire_arp(&w, 1, WIRE_PEER, WIRE_US);
	assert_true(host_receive(&stack, &w) > 0);
	wire_arp(&w, 1, WIRE_PEER, WIRE_PEER);
	memcpy(w.bytes + AT_ARP + ARP_SENDER_MAC, &moved, 6);
	memcpy(w.bytes + AT_MAC_FROM, &moved, 6);
	assert_int_equal(host_receive(&stack, &w), 0);
	assert_memory_equal(known(WIRE_PEER), &moved, 6);
}

/* Not renewed once forgotten. */
static void a_forgotten_host_moves(void **state)
{
	(void)state;
	wire_arp(&w, 1, WIRE_PEER, WIRE_US);
	assert_true(host_receive(&stack, &w) > 0);
	wire_arp(&w, 1, WIRE_PEER, WIRE_PEER);
	w.now_ns = NET_ARP_LIFETIME_NS;
	host_drops(&stack, &w, NET_DROP_ARP_OTHER);
}

/* In a request, a reply, or gratuitously; with a MAC of its own, or with a stolen one of ours.
 */
static void somebody_claims_our_address(void **state)
{
	(void)state;
	for (unsigned operation = 1; operation <= 2; operation++) {
		wire_arp(&w, operation, WIRE_US, SOMEBODY);
		host_drops(&stack, &w, NET_DROP_ARP_CONFLICT);
		assert_memory_equal(&stack.rival, &wire_peer, 6);
		wire_arp(&w, operation, WIRE_US, WIRE_US);
		host_drops(&stack, &w, NET_DROP_ARP_CONFLICT);
		memcpy(w.bytes + AT_ARP + ARP_SENDER_MAC, &wire_us, 6);
		host_drops(&stack, &w, NET_DROP_ARP_CONFLICT);
	}
	assert_int_equal(stack.drops[NET_DROP_ARP_CONFLICT], 6);
	assert_null(known(WIRE_US));
}

/* Another address with our MAC: pings to it would go nowhere. */
static void somebody_claims_our_mac(void **state)
{
	(void)state;
	wire_arp(&w, 1, WIRE_PEER, WIRE_US);
	memcpy(w.bytes + AT_ARP + ARP_SENDER_MAC, &wire_us, 6);
	host_drops(&stack, &w, NET_DROP_ARP_SENDER);
	assert_null(known(WIRE_PEER));
}

/* Our own announcement that a bridge sends back is no conflict. */
static void our_own_come_back(void **state)
{
	struct net_output out = {.frame = w.bytes, .size = sizeof(w.bytes)};

	(void)state;
	memset(&w, 0, sizeof(w));
	w.length = net_stack_announce(&stack, &out);
	host_drops(&stack, &w, NET_DROP_SOURCE_MAC);
}

static void announces_itself(void **state)
{
	static struct wire want;
	struct net_output out = {.frame = w.bytes, .size = 42};

	(void)state;
	wire_arp(&want, 1, WIRE_US, WIRE_US);
	memcpy(want.bytes + AT_MAC_FROM, &wire_us, 6);
	memcpy(want.bytes + AT_ARP + ARP_SENDER_MAC, &wire_us, 6);
	assert_int_equal(net_stack_announce(&stack, &out), 42);
	assert_memory_equal(w.bytes, want.bytes, 42);
	out.size = 41;
	assert_int_equal(net_stack_announce(&stack, &out), -EMSGSIZE);
	assert_int_equal(out.length, 0);
}

static void an_answer_that_does_not_fit(void **state)
{
	(void)state;
	wire_arp(&w, 1, WIRE_PEER, WIRE_US);
	for (w.room = 1; w.room < 42; w.room++)
		host_drops(&stack, &w, NET_DROP_REPLY_SIZE);
	check_answer(host_receive(&stack, &w), WIRE_PEER);
}

/* More hosts than there are entries ask for us: each is answered, the memory is what it was. */
static void everybody_asks(void **state)
{
	(void)state;
	for (uint32_t host = 1; host < 255; host++) {
		uint32_t sender = (WIRE_US & ~0xffu) | host;

		if (sender == WIRE_US)
			continue;
		wire_arp(&w, 1, sender, WIRE_US);
		w.now_ns = host;
		check_answer(host_receive(&stack, &w), sender);
		assert_non_null(known(sender));
	}
}

#define ARP_TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ARP_TEST(answers_who_asks_for_us),
		ARP_TEST(answers_a_probe_for_our_address),
		ARP_TEST(answers_who_is_not_on_the_network),
		ARP_TEST(leaves_what_is_for_others),
		ARP_TEST(a_reply_that_nobody_asked_for),
		ARP_TEST(a_known_host_moves),
		ARP_TEST(a_forgotten_host_moves),
		ARP_TEST(somebody_claims_our_address),
		ARP_TEST(somebody_claims_our_mac),
		ARP_TEST(our_own_come_back),
		ARP_TEST(announces_itself),
		ARP_TEST(an_answer_that_does_not_fit),
		ARP_TEST(everybody_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* ARP packets and the cache. What a stack does with them: test_net_stack_arp.c. */
#include "tests/host/net_wire.h"
#include "tests/host/test.h"
#include "lib/net_arp.h"

#define SECOND 1000000000ull

static struct wire w;

static enum net_drop parse(size_t length, struct net_arp *arp)
{
	uint8_t *copy = exact_copy(w.bytes + AT_ARP, length);
	struct net_reader r = net_reader_open(copy, length);
	enum net_drop drop = net_arp_parse(&r, arp);

	free(copy);
	return drop;
}

static void parses_a_reply(void **state)
{
	struct net_arp arp;

	(void)state;
	wire_arp(&w, 2, WIRE_PEER, WIRE_US);
	assert_int_equal(parse(28, &arp), NET_DROP_NONE);
	assert_int_equal(arp.operation, NET_ARP_REPLY);
	assert_int_equal(arp.sender, WIRE_PEER);
	assert_int_equal(arp.target, WIRE_US);
	assert_memory_equal(&arp.sender_mac, &wire_peer, 6);
	assert_memory_equal(&arp.target_mac, &wire_us, 6);
}

static void every_truncation(void **state)
{
	struct net_arp arp;

	(void)state;
	wire_arp(&w, 1, WIRE_PEER, WIRE_US);
	for (size_t n = 0; n < 28; n++)
		assert_int_equal(parse(n, &arp), NET_DROP_ARP_SHORT);
	for (size_t n = 28; n <= 46; n++) /* padded to Ethernet's 60 bytes, at most */
		assert_int_equal(parse(n, &arp), NET_DROP_NONE);
}

static void fields_that_lie(void **state)
{
	static const struct {
		size_t at;
		unsigned value;
		enum net_drop want;
	} cases[] = {
		{0, 6, NET_DROP_ARP_KIND},      /* IEEE 802 */
		{2, 0x86dd, NET_DROP_ARP_KIND}, /* IPv6 */
		{4, 0x0804, NET_DROP_ARP_KIND}, /* a MAC of 8 bytes */
		{4, 0x0610, NET_DROP_ARP_KIND}, /* an address of 16 */
		{4, 0x0000, NET_DROP_ARP_KIND},
		{4, 0xffff, NET_DROP_ARP_KIND},
		{6, 0, NET_DROP_ARP_KIND},
		{6, 3, NET_DROP_ARP_KIND},        /* RARP's */
		{6, 0x0100, NET_DROP_ARP_KIND},   /* the other byte order */
		{8, 0x0116, NET_DROP_ARP_SENDER}, /* a group */
		{8, 0xffff, NET_DROP_ARP_SENDER},
	};
	struct net_arp arp;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		wire_arp(&w, 1, WIRE_PEER, WIRE_US);
		wire_put16(&w, AT_ARP + cases[i].at, cases[i].value);
		assert_int_equal(parse(28, &arp), cases[i].want);
	}
	wire_arp(&w, 1, WIRE_PEER, WIRE_US);
	memset(w.bytes + AT_ARP + ARP_SENDER_MAC, 0, 6);
	assert_int_equal(parse(28, &arp), NET_DROP_ARP_SENDER);
}

/* What is written is what the tests' own writer makes of it, but for the direction. */
static void writes_frames(void **state)
{
	for (unsigned operation = 1; operation <= 2; operation++) {
		struct net_arp arp = {
			.operation = operation,
			.sender_mac = wire_peer,
			.sender = WIRE_PEER,
			.target = WIRE_US,
		};
		uint8_t out[42];
		struct net_writer to = net_writer_open(out, sizeof(out));

		if (operation == 2)
			arp.target_mac = wire_us;
		wire_arp(&w, operation, WIRE_PEER, WIRE_US);
		net_arp_write(&to, &arp);
		assert_int_equal(to.length, 42);
		assert_false(to.overrun);
		assert_memory_equal(out, w.bytes, 42);
	}
	(void)state;
}

static struct net_mac mac_of(unsigned n)
{
	return (struct net_mac){{2, 0, 0, 0, n >> 8, n}};
}

static void learn(struct net_arp_cache *cache, uint32_t address, unsigned mac, uint64_t now_ns)
{
	net_arp_learn(cache, address, &(struct net_mac){{2, 0, 0, 0, mac >> 8, mac}}, now_ns);
}

static void is_mac(const struct net_arp_cache *cache, uint32_t address, uint64_t now_ns,
		   unsigned want)
{
	const struct net_mac mac = mac_of(want), *got = net_arp_find(cache, address, now_ns);

	assert_non_null(got);
	assert_memory_equal(got, &mac, 6);
}

static void remembers_and_forgets(void **state)
{
	struct net_arp_cache cache = {0};

	(void)state;
	assert_null(net_arp_find(&cache, WIRE_PEER, 0));
	learn(&cache, WIRE_PEER, 1, 5 * SECOND);
	is_mac(&cache, WIRE_PEER, 5 * SECOND, 1);
	is_mac(&cache, WIRE_PEER, 5 * SECOND + NET_ARP_LIFETIME_NS - 1, 1);
	assert_null(net_arp_find(&cache, WIRE_PEER, 5 * SECOND + NET_ARP_LIFETIME_NS));
	assert_null(net_arp_find(&cache, WIRE_US, 5 * SECOND));
}

static void what_is_heard_anew_lives_on(void **state)
{
	struct net_arp_cache cache = {0};

	(void)state;
	learn(&cache, WIRE_PEER, 1, 0);
	learn(&cache, WIRE_PEER, 2, NET_ARP_LIFETIME_NS - 1);
	is_mac(&cache, WIRE_PEER, NET_ARP_LIFETIME_NS + SECOND, 2);
	learn(&cache, WIRE_PEER, 3,
	      5 * NET_ARP_LIFETIME_NS); /* once forgotten, no second entry */
	is_mac(&cache, WIRE_PEER, 5 * NET_ARP_LIFETIME_NS, 3);
}

static void the_oldest_makes_room(void **state)
{
	struct net_arp_cache cache = {0};

	(void)state;
	for (unsigned i = 0; i < NET_ARP_ENTRIES; i++)
		learn(&cache, 100 + i, i, i * SECOND);
	learn(&cache, 100, 0, 20 * SECOND); /* now 101 is the oldest */
	learn(&cache, 200, 50, 21 * SECOND);
	assert_null(net_arp_find(&cache, 101, 21 * SECOND));
	is_mac(&cache, 200, 21 * SECOND, 50);
	is_mac(&cache, 100, 21 * SECOND, 0);
	for (unsigned i = 2; i < NET_ARP_ENTRIES; i++)
		is_mac(&cache, 100 + i, 21 * SECOND, i);
}

/* No address, no entry: a free one is not taken for it. */
static void nobody_is_not_found(void **state)
{
	struct net_arp_cache cache = {0};

	(void)state;
	assert_null(net_arp_find(&cache, 0, 0));
}

static void a_flood_stays_in_its_bounds(void **state)
{
	struct net_arp_cache *cache = calloc(1, sizeof(*cache));
	uint32_t random = 7;

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		uint32_t address = next_random(&random);

		learn(cache, address, i, i);
		is_mac(cache, address, i, i);
	}
	free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_a_reply),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(fields_that_lie),
		cmocka_unit_test(writes_frames),
		cmocka_unit_test(remembers_and_forgets),
		cmocka_unit_test(what_is_heard_anew_lives_on),
		cmocka_unit_test(the_oldest_makes_room),
		cmocka_unit_test(nobody_is_not_found),
		cmocka_unit_test(a_flood_stays_in_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Any bytes at all: cut frames, frames with changed bytes, noise, storms. The sanitizer watches
 * that nothing beyond the frame is read, and nothing beyond the reply's buffer written. */
#include "tests/host/net_host.h"
#include "tests/host/test.h"

static struct net_stack stack;
static struct wire w;

enum { NR_FRAMES = 6 };

/* One of each kind that is served, or that a ping waits for. */
static void make_frame(unsigned kind)
{
	switch (kind) {
	case 0:
	case 1:
		wire_arp(&w, kind + 1, WIRE_PEER, WIRE_US);
		return;
	case 2:
	case 3:
		wire_echo(&w, kind == 2 ? 8 : 0, 1, 2, 30);
		return;
	case 4:
		wire_udp(&w, 40000, 7, 30);
		return;
	default:
		wire_udp(&w, 40000, 7, 30);
		wire_options(&w, 12);
	}
}

/* A stack that has a ping under way. */
static int start(void **state)
{
	(void)state;
	host_start(&stack, WIRE_MTU);
	assert_int_equal(net_ping_start(&stack, WIRE_PEER, 1, 2, 30), 0);
	return 0;
}

static void every_truncation(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < NR_FRAMES; kind++) {
		make_frame(kind);
		while (w.length-- > 0)
			assert_true(host_receive(&stack, &w) < 0);
	}
	assert_int_equal(stack.replies, 0);
}

/* The same with the flags by which checksums are not looked at. */
static void every_truncation_unverified(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < NR_FRAMES; kind++) {
		make_frame(kind);
		w.flags = NET_CSUM_VALIDATED | NET_CSUM_BLANK;
		while (w.length-- > 0)
			assert_true(host_receive(&stack, &w) < 0);
	}
}

/* Every byte takes every value. With right IP checksums, so that the fields are believed. */
static void every_byte_changed(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < NR_FRAMES; kind++) {
		make_frame(kind);
		w.flags = NET_CSUM_VALIDATED;
		for (size_t at = 0; at < w.length; at++) {
			uint8_t as_it_was[256];
			size_t head = w.length < sizeof(as_it_was) ? w.length : 256;

			memcpy(as_it_was, w.bytes, head);
			for (unsigned value = 0; value < 256; value++) {
				wire_put8(&w, at, value);
				if (kind > 1)
					wire_seal_ip(&w);
				host_receive(&stack, &w);
			}
			memcpy(w.bytes, as_it_was, head);
		}
	}
}

/* 16-bit fields at every place, with lengths that are often near to right. */
static void every_word_changed(void **state)
{
	static const uint16_t values[] = {0,  1,  7,  8,  9,  19,     20,     21,     27,
					  28, 29, 57, 58, 59, 0x7fff, 0x8000, 0xfffe, 0xffff};

	(void)state;
	for (unsigned kind = 0; kind < NR_FRAMES; kind++)
		for (size_t at = 12; at < 60; at++)
			for (size_t i = 0; i < COUNT(values); i++) {
				make_frame(kind);
				w.flags = NET_CSUM_BLANK;
				wire_put16(&w, at, values[i]);
				if (kind > 1)
					wire_seal_ip(&w);
				host_receive(&stack, &w);
			}
}

static void noise(void **state)
{
	uint32_t random = 12345;

	(void)state;
	for (unsigned turn = 0; turn < 30000; turn++) {
		size_t changes = next_random(&random) % 6;

		make_frame(next_random(&random) % NR_FRAMES);
		for (size_t i = 0; i < changes; i++)
			wire_put8(&w, next_random(&random) % w.length, next_random(&random));
		if (next_random(&random) % 2 && wire_get16(w.bytes + AT_TYPE) == 0x0800)
			wire_seal_ip(&w);
		w.flags = next_random(&random) % 4;
		w.room = 1 + next_random(&random) % 128;
		w.now_ns = turn * 10000000ull;
		w.length = next_random(&random) % 4 ? w.length : next_random(&random) % 120;
		host_receive(&stack, &w);
		host_ping_poll(&stack, &w, w.now_ns);
	}
	assert_true(stack.replies > 1000); /* it was not noise alone */
	assert_true(stack.drops[NET_DROP_UDP_LENGTH] > 0);
}

static void nothing_but_noise(void **state)
{
	uint32_t random = 99;

	(void)state;
	for (unsigned turn = 0; turn < 3000; turn++) {
		memset(&w, 0, sizeof(w));
		w.length = next_random(&random) % 200;
		for (size_t i = 0; i < w.length; i++)
			wire_put8(&w, i, next_random(&random));
		host_receive(&stack, &w);
	}
	assert_int_equal(stack.replies, 0);
}

/* No frame, and no room for a reply: not even an address of it is computed. */
static void nothing_at_all(void **state)
{
	struct net_output out = {.frame = NULL, .size = 0};
	struct net_input in = {.frame = NULL, .length = 0};

	(void)state;
	assert_int_equal(net_stack_receive(&stack, &in, &out), net_drop_errno(NET_DROP_SHORT));
	for (unsigned kind = 0; kind < NR_FRAMES; kind++) {
		make_frame(kind);
		in.frame = w.bytes;
		in.length = w.length;
		assert_true(net_stack_receive(&stack, &in, &out) <= 0);
	}
	assert_true(net_stack_announce(&stack, &out) < 0);
	assert_true(net_ping_poll(&stack, 0, &out) < 0);
}

/* A storm of broadcasts makes no replies, so that two such hosts cannot keep one up. */
static void a_broadcast_storm(void **state)
{
	(void)state;
	for (unsigned turn = 0; turn < 2000; turn++) {
		make_frame(2 + turn % 3);
		memcpy(w.bytes + AT_MAC_TO, &wire_all, 6);
		wire_put32(&w, AT_IP + IP_TO, turn % 2 ? 0xc0a807ff : 0xffffffff);
		wire_seal_ip(&w);
		host_drops(&stack, &w, NET_DROP_IP_BROADCAST);
	}
	assert_int_equal(stack.replies, 0);
}

/* Requests for others, as a bridge full of hosts makes them: no replies, and nothing learnt. */
static void a_storm_of_questions(void **state)
{
	static const struct net_arp_cache empty;

	(void)state;
	for (uint32_t turn = 0; turn < 2000; turn++) {
		wire_arp(&w, 1, (WIRE_US & ~0xffu) | (16 + turn % 200), 0xc0a80703);
		host_drops(&stack, &w, NET_DROP_ARP_OTHER);
	}
	assert_memory_equal(&stack.cache, &empty, sizeof(empty));
}

/* What one such host sends is never answered by another one. */
static void replies_are_not_answered(void **state)
{
	static struct net_stack other;

	(void)state;
	assert_int_equal(net_stack_init(&other, &wire_peer,
					&(struct net_config){WIRE_PEER, 0xffffff00, 0},
					WIRE_MTU),
			 0);
	for (unsigned kind = 0; kind < NR_FRAMES; kind++) {
		int length;

		make_frame(kind);
		length = host_receive(&stack, &w);
		if (length <= 0)
			continue;
		memcpy(w.bytes, w.reply, length);
		w.length = length;
		assert_true(host_receive(&other, &w) <= 0);
	}
	assert_int_equal(stack.replies, 4);
	assert_int_equal(other.replies, 0);
}

#define HOSTILE_TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOSTILE_TEST(every_truncation),
		HOSTILE_TEST(every_truncation_unverified),
		HOSTILE_TEST(every_byte_changed),
		HOSTILE_TEST(every_word_changed),
		HOSTILE_TEST(noise),
		HOSTILE_TEST(nothing_but_noise),
		HOSTILE_TEST(nothing_at_all),
		HOSTILE_TEST(a_broadcast_storm),
		HOSTILE_TEST(a_storm_of_questions),
		HOSTILE_TEST(replies_are_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

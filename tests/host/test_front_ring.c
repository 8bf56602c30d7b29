/* SPDX-License-Identifier: MIT */
/* A frontend's ring against a backend that keeps to public/io/ring.h. */
#include "tests/host/ring_pair.h"

#include <xen/grant_table.h>
#include <xen/io/blkif.h>
#include <xen/io/netif.h>

#include "lib/errno.h"

static void test_shapes_of_protocols(void **state)
{
	static const struct {
		struct front_ring_shape shape;
		size_t bytes;
		uint32_t slots;
	} cases[] = {
		{FRONT_RING_SHAPE(blkif), 4096, 32},
		{FRONT_RING_SHAPE(blkif), 8192, 64},
		{FRONT_RING_SHAPE(blkif), 65536, 512},
		{FRONT_RING_SHAPE(netif_tx), 4096, 256},
		{FRONT_RING_SHAPE(netif_rx), 4096, 256},
		{FRONT_RING_SHAPE(toy), 64 + 16, 1},
		{FRONT_RING_SHAPE(toy), 64 + 47, 2},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		void *page = malloc(cases[i].bytes);
		struct front_ring r;

		memset(page, 0xff, cases[i].bytes);
		assert_int_equal(front_ring_begin(&r, page, cases[i].bytes, &cases[i].shape),
				 0);
		assert_int_equal(r.slots, cases[i].slots);
		assert_int_equal(front_ring_room(&r), cases[i].slots);
		for (size_t at = 64; at < cases[i].bytes; at++)
			assert_int_equal(((uint8_t *)page)[at], 0);
		free(page);
	}
	assert_int_equal(__CONST_RING_SIZE(blkif, 65536), 512);
	assert_int_equal(__CONST_RING_SIZE(netif_tx, 4096), 256);
}

static void test_shapes_that_are_none(void **state)
{
	static const struct {
		struct front_ring_shape shape;
		size_t bytes;
	} cases[] = {
		{{16, 16, 8}, 64 + 15},
		{{16, 16, 8}, 0},
		{{16, 16, 8}, FRONT_RING_BYTES_MAX + 1},
		{{16, 17, 8}, 4096},
		{{16, 16, 17}, 4096},
		{{0, 0, 0}, 4096},
		{{16, 0, 8}, 4096},
		{{16, 16, 0}, 4096},
		{{18, 16, 8}, 4096},
	};
	struct front_ring r;
	char page[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(front_ring_begin(&r, page, cases[i].bytes, &cases[i].shape),
				 -EINVAL);
}

/* Full rings of one and several pages, past the indices' run over. */
static void test_all_come_back_in_order(void **state)
{
	static const size_t sizes[] = {80, 112, 4096, 8192, 65536};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct pair *p = pair_new(sizes[i]);
		uint32_t slots = p->front.slots;
		uint64_t a;

		pair_set(p, UINT32_MAX - slots - slots / 2);
		for (unsigned turn = 0; turn < 4; turn++) {
			for (uint32_t n = 0; n < slots; n++) {
				assert_int_equal(front_ring_room(&p->front), slots - n);
				assert_int_equal(pair_put(p, turn * 1000000 + n), 0);
			}
			assert_int_equal(pair_put(p, 0), -ENOSPC);
			assert_true(front_ring_push(&p->front));
			assert_true(pair_serve(p, UINT32_MAX));
			assert_int_equal(pair_put(p, 0), -ENOSPC); /* not before it is taken */
			for (uint32_t n = 0; n < slots; n++) {
				assert_int_equal(pair_take(p, &a), 1);
				assert_int_equal(a, turn * 1000000 + n + 1);
			}
			assert_int_equal(pair_take(p, &a), 0);
			assert_int_equal(front_ring_await(&p->front), 0);
		}
		assert_int_equal(p->notified, 4);
		pair_free(p);
	}
}

/* The backend sees nothing before the push, and is notified only while it sleeps. */
static void test_notify_the_backend(void **state)
{
	struct pair *p = pair_new(4096);

	(void)state;
	assert_false(front_ring_push(&p->front)); /* nothing to push */
	assert_int_equal(pair_put(p, 1), 0);
	assert_int_equal(p->shared->req_prod, 0);
	assert_true(front_ring_push(&p->front)); /* req_event is 1: the very first */
	assert_int_equal(p->shared->req_prod, 1);
	assert_false(front_ring_push(&p->front));
	assert_int_equal(pair_put(p, 2), 0);
	assert_false(front_ring_push(&p->front)); /* it has not been to sleep since */
	assert_true(pair_serve(p, 2));
	assert_int_equal(p->shared->req_event, 3);
	assert_int_equal(pair_put(p, 3), 0);
	assert_int_equal(pair_put(p, 4), 0);
	assert_true(front_ring_push(&p->front)); /* 3 is among them */
	pair_free(p);
}

/* Against the header's own macro, for any req_event. */
static void test_notify_as_the_header_does(void **state)
{
	uint32_t seed = 3;

	(void)state;
	for (unsigned turn = 0; turn < 20000; turn++) {
		struct pair *p = pair_new(4096);
		toy_front_ring_t header;
		uint32_t at = next_random(&seed), n = next_random(&seed) % 4;
		uint32_t event = at + next_random(&seed) % 8 - 2;
		bool notify = false, ours;

		pair_set(p, at);
		FRONT_RING_ATTACH(&header, p->shared, at, 4096);
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(pair_put(p, i), 0);
		p->shared->req_event = turn % 5 ? event : next_random(&seed);
		ours = front_ring_push(&p->front);
		p->shared->req_prod = at;
		header.req_prod_pvt = at + n;
		RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&header, notify);
		assert_int_equal(ours, notify);
		assert_int_equal(p->shared->req_prod, at + n);
		pair_free(p);
	}
}

/* What comes between the last take and the await is seen; what comes after it is notified. */
static void test_await(void **state)
{
	struct pair *p = pair_new(4096);
	uint64_t a;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pair_put(p, i), 0);
	front_ring_push(&p->front);
	pair_serve(p, 1);
	assert_int_equal(p->notified, 1); /* rsp_event is 1 */
	assert_int_equal(pair_take(p, &a), 1);
	assert_int_equal(pair_take(p, &a), 0);
	pair_serve(p, 1);
	assert_int_equal(p->notified, 1); /* nobody asked */
	assert_int_equal(front_ring_await(&p->front), 1);
	assert_int_equal(front_ring_await(&p->front), 1); /* still */
	assert_int_equal(pair_take(p, &a), 1);
	assert_int_equal(a, 2);
	assert_int_equal(front_ring_await(&p->front), 0);
	assert_int_equal(p->shared->rsp_event, 3);
	pair_serve(p, 1);
	assert_int_equal(p->notified, 2);
	pair_free(p);
}

/* Two thirds of what is out come in with one notification, however the requests were pushed; and what
 * is left comes in as well. */
static void test_hold(void **state)
{
	static const unsigned out[] = {1, 2, 3, 4, 8, 16, 31, 32};
	uint64_t a;

	(void)state;
	for (size_t i = 0; i < COUNT(out); i++) {
		struct pair *p = pair_new(4096);
		unsigned first = out[i] > 1 ? 2 * out[i] / 3 : 1;

		for (unsigned n = 0; n < out[i]; n++) {
			assert_int_equal(pair_put(p, n), 0);
			front_ring_push(&p->front);
			front_ring_hold(&p->front);
		}
		for (unsigned n = 1; n < first; n++)
			pair_serve(p, 1);
		assert_int_equal(p->notified, 0);
		pair_serve(p, 1);
		assert_int_equal(p->notified, 1);
		for (unsigned n = 0; n < first; n++)
			assert_int_equal(pair_take(p, &a), 1);
		assert_int_equal(front_ring_await(&p->front), 0);
		front_ring_hold(&p->front);
		pair_serve(p, UINT32_MAX);
		assert_int_equal(p->notified, out[i] > 1 ? 2 : 1);
		pair_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes_of_protocols),
		cmocka_unit_test(test_shapes_that_are_none),
		cmocka_unit_test(test_all_come_back_in_order),
		cmocka_unit_test(test_notify_the_backend),
		cmocka_unit_test(test_notify_as_the_header_does),
		cmocka_unit_test(test_await),
		cmocka_unit_test(test_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

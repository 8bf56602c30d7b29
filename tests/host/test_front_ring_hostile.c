/* SPDX-License-Identifier: MIT */
/* A frontend's ring against backends that lie. */
#include "tests/host/ring_pair.h"

#include "lib/errno.h"

/* Our own indices in the page are the backend's to write, and change nothing. */
static void test_our_indices_are_not_read_back(void **state)
{
	struct pair *p = pair_new(4096);
	uint64_t a;

	(void)state;
	p->shared->req_prod = 77;
	p->shared->rsp_event = 0x80000000;
	assert_int_equal(pair_put(p, 5), 0);
	assert_true(front_ring_push(&p->front));
	assert_int_equal(p->shared->req_prod, 1);
	p->shared->ring[0].rsp.a = 6;
	p->shared->rsp_prod = 1;
	p->shared->req_prod = 0;
	assert_int_equal(pair_take(p, &a), 1);
	assert_int_equal(a, 6);
	assert_int_equal(front_ring_await(&p->front), 0);
	assert_int_equal(p->shared->rsp_event, 2);
	pair_free(p);
}

/* Eight sent and a ninth put, five answered and taken: what may rsp_prod be? err 1: a response. */
static void expect_death(uint32_t at, uint32_t rsp_prod, int err)
{
	struct pair *p = pair_new(4096);
	uint32_t slots = p->front.slots;
	uint64_t a;

	pair_set(p, at);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(pair_put(p, i), 0);
	front_ring_push(&p->front);
	assert_int_equal(pair_put(p, 8), 0); /* put, not pushed: not to be answered */
	pair_serve(p, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(pair_take(p, &a), 1);
	p->shared->rsp_prod = rsp_prod;
	assert_int_equal(pair_take(p, &a), err);
	assert_int_equal(front_ring_room(&p->front), slots - (err == 1 ? 3 : 4));
	p->shared->rsp_prod = at + 5; /* too late */
	assert_int_equal(front_ring_await(&p->front), err < 0 ? err : rsp_prod - at > 6);
	if (err < 0) {
		assert_int_equal(pair_put(p, 9), err);
		assert_false(front_ring_push(&p->front));
		assert_int_equal(pair_take(p, &a), err);
		assert_int_equal(p->shared->req_prod, at + 8);
		assert_int_equal(front_ring_begin(&p->front, p->shared, 4096, &toy_shape), 0);
		assert_int_equal(pair_put(p, 9), 0);
		assert_true(front_ring_push(&p->front));
	}
	pair_free(p);
}

static void test_rsp_prod(void **state)
{
	static const uint32_t begins[] = {0, 1000, UINT32_MAX - 6, 0x7ffffffe};

	(void)state;
	for (size_t i = 0; i < COUNT(begins); i++) {
		uint32_t at = begins[i], slots = 128;

		expect_death(at, at + 5, 0);
		expect_death(at, at + 7, 1);
		expect_death(at, at + 8, 1);
		expect_death(at, at + 9, -EOVERFLOW);
		expect_death(at, at + 8 + slots, -EOVERFLOW);
		expect_death(at, at + 8 + slots + 1, -ERANGE);
		expect_death(at, at + 0x80000000, -ERANGE);
		expect_death(at, at + 5 - slots - 1, -ERANGE);
		expect_death(at, at + 5 - slots, -EILSEQ);
		expect_death(at, at + 4, -EILSEQ);
	}
	assert_string_not_equal(front_ring_error(-EOVERFLOW), front_ring_error(-EILSEQ));
	assert_string_not_equal(front_ring_error(-ERANGE), front_ring_error(-EILSEQ));
	assert_string_not_equal(front_ring_error(-ERANGE), front_ring_error(0));
}

/* It goes back behind what it had announced, which nobody has taken yet. */
static void test_announced_and_taken_back(void **state)
{
	struct pair *p = pair_new(4096);
	uint64_t a;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pair_put(p, i), 0);
	front_ring_push(&p->front);
	pair_serve(p, 3);
	assert_int_equal(pair_take(p, &a), 1);
	p->shared->rsp_prod = 2;
	assert_int_equal(pair_take(p, &a), 1);
	assert_int_equal(pair_take(p, &a), 1); /* announced is announced */
	assert_int_equal(pair_take(p, &a), -EILSEQ);
	pair_free(p);
}

/* A response is what it was when it was taken. */
static void test_a_copy_stays(void **state)
{
	struct pair *p = pair_new(4096);
	struct reply r;

	(void)state;
	assert_int_equal(pair_put(p, 5), 0);
	front_ring_push(&p->front);
	pair_serve(p, 1);
	assert_int_equal(front_ring_take(&p->front, &r), 1);
	memset(p->shared, 0xff, 4096);
	assert_int_equal(r.a, 6);
	pair_free(p);
}

/* Arbitrary bytes as the page, changed at any time: nothing outside it is touched, and no more
 * is taken than was sent. */
static void test_arbitrary_pages(void **state)
{
	uint32_t seed = 11, deaths = 0;

	(void)state;
	for (unsigned turn = 0; turn < 2000; turn++) {
		struct pair *p = pair_new(64 + 16 * (1 + next_random(&seed) % 9));
		uint32_t sent = 0, taken = 0;
		uint64_t a;

		for (unsigned step = 0; step < 60; step++) {
			uint32_t *words = (uint32_t *)p->shared;

			words[next_random(&seed) % 20] = next_random(&seed) % 3 ? sent : step;
			if (next_random(&seed) % 50 == 0)
				words[2] = next_random(&seed);
			sent += pair_put(p, step) == 0;
			front_ring_push(&p->front);
			taken += pair_take(p, &a) == 1;
			taken += front_ring_await(&p->front) == 1 && pair_take(p, &a) == 1;
			assert_true(taken <= sent && sent - taken <= p->front.slots);
		}
		deaths += p->front.err != 0;
		pair_free(p);
	}
	assert_true(deaths > 100 && deaths <= 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_indices_are_not_read_back),
		cmocka_unit_test(test_rsp_prod),
		cmocka_unit_test(test_announced_and_taken_back),
		cmocka_unit_test(test_a_copy_stays),
		cmocka_unit_test(test_arbitrary_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The allocator of vectors beside a model of it: by chance, and in every short sequence. */
#include "tests/host/test.h"
#include "tests/host/vecspace_model.h"
#include "lib/vecspace.h"

static void check_same(const struct vecspace *vs, const struct model *m)
{
	for (unsigned v = 0; v < 256; v++)
		if (numspace_taken(&vs->ns, v) != m->taken[v])
			fail_msg("vector %#x differs", v);
}

static void test_random_against_model(void **state)
{
	uint32_t seed = 2008;
	struct vecspace vs;
	struct model m;

	(void)state;
	vecspace_init(&vs);
	model_init(&m);
	for (unsigned step = 0; step < 60000; step++) {
		uint32_t r = next_random(&seed);
		unsigned v = r >> 8 & 0x1ff;

		/* Fill and drain by turns, so that both ends are met. */
		bool fill = step / 1500 % 2 == 0;

		if (r % 8 == 0)
			assert_int_equal(vecspace_reserve(&vs, v), model_reserve(&m, v));
		else if (r % 8 == 1)
			assert_int_equal(vecspace_alloc_class(&vs, v % 18),
					 model_alloc_class(&m, v % 18));
		else if (fill ? r % 8 < 6 : r % 8 < 3)
			assert_int_equal(vecspace_alloc(&vs), model_alloc(&m));
		else
			assert_int_equal(vecspace_release(&vs, v), model_release(&m, v));
		check_same(&vs, &m);
	}
}

/* Every sequence of LENGTH operations on a space of which two classes have two free vectors each
 * and one has one: full and empty classes, ties and the turn all come up in so few steps. */
#define LENGTH 5u

static const uint8_t spare[] = {0x30, 0x3f, 0x7e, 0x7f, 0xfe};

struct world {
	struct vecspace vs;
	struct model m;
};

/* By the functions under test, so that the counts they keep are right. */
static void world_init(struct world *w)
{
	vecspace_init(&w->vs);
	model_init(&w->m);
	for (unsigned v = 0x30; v < 0xff; v++) {
		if (memchr(spare, (int)v, sizeof(spare)))
			continue;
		assert_int_equal(vecspace_reserve(&w->vs, v), 0);
		assert_int_equal(model_reserve(&w->m, v), 0);
	}
}

/* The operations: alloc; alloc_class of each spare vector's; reserve and release of each. */
#define OPS (1 + 3 * COUNT(spare))

static void world_step(struct world *w, unsigned op)
{
	unsigned v = op ? spare[(op - 1) % COUNT(spare)] : 0;
	int got, want;

	if (!op) {
		got = vecspace_alloc(&w->vs);
		want = model_alloc(&w->m);
	} else if (op <= COUNT(spare)) {
		got = vecspace_alloc_class(&w->vs, v / 16);
		want = model_alloc_class(&w->m, v / 16);
	} else if (op <= 2 * COUNT(spare)) {
		got = vecspace_reserve(&w->vs, v);
		want = model_reserve(&w->m, v);
	} else {
		got = vecspace_release(&w->vs, v);
		want = model_release(&w->m, v);
	}
	if (got != want)
		fail_msg("operation %u of %#x: got %d, not %d", op, v, got, want);
}

/* The spare ones one by one; of the rest, which nothing here names, that all are taken. */
static void world_check(const struct world *w)
{
	unsigned in_use = NR_VECTORS - COUNT(spare);

	for (unsigned i = 0; i < COUNT(spare); i++) {
		bool taken = w->m.taken[spare[i]];

		in_use += taken;
		if (numspace_taken(&w->vs.ns, spare[i]) != taken)
			fail_msg("vector %#x differs", spare[i]);
	}
	if (w->vs.ns.in_use != in_use)
		fail_msg("%u vectors in use, not %u", w->vs.ns.in_use, in_use);
}

static unsigned long every_sequence(const struct world *before, unsigned length)
{
	unsigned long n = 1;

	world_check(before);
	for (unsigned op = 0; length && op < OPS; op++) {
		struct world w = *before;

		w.vs.ns.taken = w.vs.map; /* the copy's own */
		world_step(&w, op);
		n += every_sequence(&w, length - 1);
	}
	return n;
}

static void test_every_sequence(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	/* 1 + 16 + 16^2 + ... */
	assert_int_equal(every_sequence(&w, LENGTH), ((1ul << 4 * (LENGTH + 1)) - 1) / (OPS - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_against_model),
		cmocka_unit_test(test_every_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

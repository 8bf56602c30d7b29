/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/errno.h"
#include "lib/vecspace.h"

#define FIRST 3u
#define LAST  15u

/* The policy as the header states it, on an array of bool. */
struct model {
	bool taken[256];
	unsigned last_class; /* of the last vecspace_alloc */
};

static void model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	for (unsigned v = 0; v < 0x30; v++)
		m->taken[v] = true;
	m->taken[0xff] = true;
	m->last_class = LAST; /* so that the first is FIRST */
}

static unsigned model_load(const struct model *m, unsigned class)
{
	unsigned load = 0;

	for (unsigned i = 0; i < 16; i++)
		load += m->taken[class * 16 + i];
	return load;
}

static int model_alloc_class(struct model *m, unsigned class)
{
	if (class < FIRST || class > LAST)
		return -EINVAL;
	for (unsigned v = class * 16; v < class * 16 + 16; v++) {
		if (!m->taken[v]) {
			m->taken[v] = true;
			return (int)v;
		}
	}
	return -ENOSPC;
}

static int model_alloc(struct model *m)
{
	for (unsigned load = 0; load < 16; load++) {
		for (unsigned i = 1; i <= LAST - FIRST + 1; i++) {
			unsigned class = m->last_class + i;

			if (class > LAST)
				class -= LAST - FIRST + 1;
			if (model_load(m, class) != load)
				continue;
			m->last_class = class;
			return model_alloc_class(m, class);
		}
	}
	return -ENOSPC;
}

static int model_release(struct model *m, unsigned v)
{
	if (v < 0x30 || v >= 0xff || !m->taken[v])
		return -EINVAL;
	m->taken[v] = false;
	return 0;
}

static int model_reserve(struct model *m, unsigned v)
{
	if (v > 255)
		return -EINVAL;
	if (m->taken[v])
		return -EBUSY;
	m->taken[v] = true;
	return 0;
}

static void check_same(const struct vecspace *vs, const struct model *m)
{
	for (unsigned v = 0; v < 256; v++)
		if (numspace_taken(&vs->ns, v) != m->taken[v])
			fail_msg("vector %#x differs", v);
}

static void test_fixed_vectors(void **state)
{
	struct vecspace vs;

	(void)state;
	memset(&vs, 0xa5, sizeof(vs));
	vecspace_init(&vs);
	for (unsigned v = 0; v < 256; v++) {
		bool fixed = v < 0x30 || v == 0xff;

		assert_int_equal(numspace_taken(&vs.ns, v), fixed);
		assert_int_equal(vecspace_release(&vs, v), -EINVAL);
		if (fixed)
			assert_int_equal(vecspace_reserve(&vs, v), -EBUSY);
	}
	assert_int_equal(vecspace_reserve(&vs, 256), -EINVAL);
	assert_int_equal(vecspace_release(&vs, 256), -EINVAL);
	assert_int_equal(vs.ns.in_use, 0x30 + 1);
}

/* No class gets its second before every other has its first. */
static void test_spread(void **state)
{
	struct vecspace vs;

	(void)state;
	vecspace_init(&vs);
	for (int class = 3; class <= 15; class ++)
		assert_int_equal(vecspace_alloc(&vs), class << 4);
	for (int class = 3; class <= 15; class ++)
		assert_int_equal(vecspace_alloc(&vs), class << 4 | 1);
	assert_int_equal(vecspace_alloc(&vs), 0x32);
}

static void test_every_vector_once(void **state)
{
	bool seen[256] = {false};
	struct vecspace vs;
	unsigned n = 0;
	int v;

	(void)state;
	vecspace_init(&vs);
	while ((v = vecspace_alloc(&vs)) >= 0) {
		assert_in_range(v, 0x30, 0xfe);
		assert_false(seen[v]);
		seen[v] = true;
		n++;
		assert_true(n < 256);
	}
	assert_int_equal(v, -ENOSPC);
	assert_int_equal(n, 0xfe - 0x30 + 1);
	assert_int_equal(vecspace_alloc(&vs), -ENOSPC);
	assert_int_equal(vecspace_release(&vs, 0x7a), 0);
	assert_int_equal(vecspace_release(&vs, 0x7a), -EINVAL);
	assert_int_equal(vecspace_alloc(&vs), 0x7a);
}

/* A class that has become empty is served before any other gets another one. */
static void test_an_emptied_class_comes_first(void **state)
{
	struct vecspace vs;

	(void)state;
	vecspace_init(&vs);
	for (unsigned i = 0; i < 13; i++)
		vecspace_alloc(&vs);
	assert_int_equal(vecspace_release(&vs, 0x70), 0);
	assert_int_equal(vecspace_alloc(&vs), 0x70);
	/* and then the turn goes on behind it */
	assert_int_equal(vecspace_alloc(&vs), 0x81);
}

static void test_alloc_class(void **state)
{
	struct vecspace vs;

	(void)state;
	vecspace_init(&vs);
	for (unsigned class = 0; class < 20; class ++) {
		int count = class < 3 || class > 15 ? 0 : class == 15 ? 15 : 16;

		for (int i = 0; i < count; i++)
			assert_int_equal(vecspace_alloc_class(&vs, class), (class << 4) + i);
		assert_int_equal(vecspace_alloc_class(&vs, class), count ? -ENOSPC : -EINVAL);
	}
	assert_int_equal(vecspace_alloc_class(&vs, UINT32_MAX), -EINVAL);
	assert_int_equal(vecspace_alloc(&vs), -ENOSPC);
}

/* What was reserved counts: the class that holds it is not the emptiest any more. */
static void test_reserved_counts(void **state)
{
	struct vecspace vs;

	(void)state;
	vecspace_init(&vs);
	assert_int_equal(vecspace_reserve(&vs, 0x38), 0);
	assert_int_equal(vecspace_reserve(&vs, 0x38), -EBUSY);
	assert_int_equal(vecspace_alloc(&vs), 0x40);
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

/* Pairs against all fillings of two CPUs by chance: own where it can stay, else one that was free
 * on both, until no number is free on both. */
static void test_pairs(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct vecspace from, to;
		unsigned own, both = 0;
		int got;

		vecspace_init(&from);
		vecspace_init(&to);
		own = (unsigned)vecspace_alloc(&from);
		for (unsigned v = 0x30; v < 0xff; v++) {
			seed = seed * 1664525 + 1013904223;
			if ((seed >> 30) == 0)
				vecspace_reserve(&from, v);
			if ((seed >> 28 & 1) != 0)
				vecspace_reserve(&to, v);
			both += !numspace_taken(&from.ns, v) && !numspace_taken(&to.ns, v);
		}
		if (!numspace_taken(&to.ns, own)) {
			assert_int_equal(vecspace_alloc_pair(&from, own, &to), own);
			assert_true(numspace_taken(&to.ns, own));
		}
		for (; both; both--) {
			struct vecspace old_from = from, old_to = to;

			got = vecspace_alloc_pair(&from, own, &to);
			assert_in_range(got, 0x30, 0xfe);
			assert_false(old_from.map[got / 64] >> (got % 64) & 1);
			assert_false(old_to.map[got / 64] >> (got % 64) & 1);
			assert_true(numspace_taken(&from.ns, got));
			assert_true(numspace_taken(&to.ns, got));
		}
		assert_int_equal(vecspace_alloc_pair(&from, own, &to), -ENOSPC);
	}
}

/* One of each priority class before a second of any. */
static void test_pairs_spread(void **state)
{
	struct vecspace from, to;
	bool seen[16] = {false};
	int own;

	(void)state;
	vecspace_init(&from);
	vecspace_init(&to);
	own = vecspace_alloc(&from);
	assert_int_equal(vecspace_reserve(&to, own), 0);
	for (unsigned i = FIRST; i <= LAST; i++) {
		int v = vecspace_alloc_pair(&from, own, &to);

		assert_true(v > 0 && (!seen[v / 16] || v / 16 == own / 16));
		seen[v / 16] = true;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_vectors),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_every_vector_once),
		cmocka_unit_test(test_an_emptied_class_comes_first),
		cmocka_unit_test(test_alloc_class),
		cmocka_unit_test(test_reserved_counts),
		cmocka_unit_test(test_random_against_model),
		cmocka_unit_test(test_every_sequence),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_pairs_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

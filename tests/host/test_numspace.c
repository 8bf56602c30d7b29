/* SPDX-License-Identifier: MIT */
/* Every sequence of operations up to some length, against a model that is an array of bool. */
#include "tests/host/test.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/numspace.h"

#define MAX_SIZE 72u

struct model {
	bool taken[MAX_SIZE];
	unsigned size;
};

/* The space and its model side by side; copied whole when a sequence branches. */
struct pair {
	uint64_t map[BITMAP_WORDS(MAX_SIZE)];
	unsigned in_use;
	struct model model;
};

static int model_reserve_range(struct model *m, unsigned lo, unsigned hi)
{
	if (lo > hi || hi > m->size)
		return -EINVAL;
	for (unsigned i = lo; i < hi; i++)
		if (m->taken[i])
			return -EBUSY;
	for (unsigned i = lo; i < hi; i++)
		m->taken[i] = true;
	return 0;
}

static int model_reserve(struct model *m, unsigned n)
{
	return n < m->size ? model_reserve_range(m, n, n + 1) : -EINVAL;
}

static int model_alloc(struct model *m, unsigned lo, unsigned hi)
{
	if (lo > hi || hi > m->size)
		return -EINVAL;
	for (unsigned i = lo; i < hi; i++) {
		if (!m->taken[i]) {
			m->taken[i] = true;
			return (int)i;
		}
	}
	return -ENOSPC;
}

static int model_release(struct model *m, unsigned n)
{
	if (n >= m->size || !m->taken[n])
		return -EINVAL;
	m->taken[n] = false;
	return 0;
}

enum op { OP_RESERVE, OP_RELEASE, OP_ALLOC, OP_RANGE };

static void apply(struct pair *p, enum op op, unsigned a, unsigned b)
{
	struct numspace ns = {.taken = p->map, .size = p->model.size, .in_use = p->in_use};
	int got = 0, expected = 0;
	unsigned in_use = 0;

	switch (op) {
	case OP_RESERVE:
		got = numspace_reserve(&ns, a);
		expected = model_reserve(&p->model, a);
		break;
	case OP_RELEASE:
		got = numspace_release(&ns, a);
		expected = model_release(&p->model, a);
		break;
	case OP_ALLOC:
		got = numspace_alloc(&ns, a, b);
		expected = model_alloc(&p->model, a, b);
		break;
	case OP_RANGE:
		got = numspace_reserve_range(&ns, a, b);
		expected = model_reserve_range(&p->model, a, b);
		break;
	}
	if (got != expected)
		fail_msg("op %d(%u, %u): %d, not %d", op, a, b, got, expected);
	for (unsigned i = 0; i < p->model.size; i++) {
		if (numspace_taken(&ns, i) != p->model.taken[i])
			fail_msg("op %d(%u, %u): number %u differs", op, a, b, i);
		in_use += p->model.taken[i];
	}
	if (ns.in_use != in_use)
		fail_msg("op %d(%u, %u): %u in use, not %u", op, a, b, ns.in_use, in_use);
	p->in_use = ns.in_use;
}

static void pair_init(struct pair *p, unsigned size)
{
	struct numspace ns;

	memset(p, 0xff, sizeof(*p)); /* init must clear the map itself */
	memset(&p->model, 0, sizeof(p->model));
	p->model.size = size;
	numspace_init(&ns, p->map, size);
	p->in_use = ns.in_use;
	assert_int_equal(ns.in_use, 0);
}

/* All operations on the numbers [base, base + width], the last of which is outside the space.
 */
static void every_sequence(const struct pair *p, unsigned base, unsigned width, unsigned depth,
			   bool ranges)
{
	if (depth == 0)
		return;
	for (enum op op = OP_RESERVE; op <= OP_RANGE; op++) {
		bool two = op >= OP_ALLOC;

		for (unsigned a = 0; a <= width; a++) {
			for (unsigned b = 0; b <= (two ? width + 1 : 0); b++) {
				/* Without ranges there is one allocation, from all. */
				if (two && !ranges && (op != OP_ALLOC || a != 0 || b != width))
					continue;

				struct pair next = *p;

				apply(&next, op, base + a, base + b);
				every_sequence(&next, base, width, depth - 1, ranges);
			}
		}
	}
}

static void test_every_sequence_of_singles(void **state)
{
	struct pair p;

	(void)state;
	for (unsigned size = 1; size <= 4; size++) {
		pair_init(&p, size);
		every_sequence(&p, 0, size, 5, false);
	}
}

static void test_every_sequence_with_ranges(void **state)
{
	struct pair p;

	(void)state;
	for (unsigned size = 1; size <= 3; size++) {
		pair_init(&p, size);
		every_sequence(&p, 0, size, 3, true);
	}
}

/* The same in a window that lies across the end of the first 64-bit word. */
static void test_every_sequence_across_words(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, 66);
	apply(&p, OP_RANGE, 0, 62);
	every_sequence(&p, 62, 4, 2, true);
	every_sequence(&p, 62, 4, 4, false);
}

static void test_outside(void **state)
{
	uint64_t *map = malloc(2 * sizeof(*map));
	struct numspace ns;

	(void)state;
	numspace_init(&ns, map, 100);
	assert_int_equal(numspace_reserve(&ns, 100), -EINVAL);
	assert_int_equal(numspace_reserve(&ns, UINT32_MAX), -EINVAL);
	assert_int_equal(numspace_release(&ns, 1u << 31), -EINVAL);
	assert_false(numspace_taken(&ns, 1u << 31));
	assert_int_equal(numspace_reserve_range(&ns, 90, 101), -EINVAL);
	assert_int_equal(numspace_reserve_range(&ns, UINT32_MAX, 5), -EINVAL);
	assert_int_equal(numspace_alloc(&ns, 0, UINT32_MAX), -EINVAL);
	assert_int_equal(ns.in_use, 0);
	free(map);
}

static void test_a_full_space(void **state)
{
	uint64_t map[BITMAP_WORDS(300)];
	struct numspace ns;

	(void)state;
	numspace_init(&ns, map, 300);
	for (int i = 0; i < 300; i++)
		assert_int_equal(numspace_alloc(&ns, 0, 300), i);
	assert_int_equal(numspace_alloc(&ns, 0, 300), -ENOSPC);
	assert_int_equal(numspace_release(&ns, 177), 0);
	assert_int_equal(numspace_alloc(&ns, 178, 300), -ENOSPC);
	assert_int_equal(numspace_alloc(&ns, 0, 177), -ENOSPC);
	assert_int_equal(numspace_alloc(&ns, 0, 300), 177);
	assert_int_equal(ns.in_use, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_sequence_of_singles),
		cmocka_unit_test(test_every_sequence_with_ranges),
		cmocka_unit_test(test_every_sequence_across_words),
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_a_full_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

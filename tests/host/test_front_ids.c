/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"

#include "lib/errno.h"
#include "lib/front_ids.h"

static struct front_ids_slot *ids_new(struct front_ids *ids, uint32_t count, unsigned bits)
{
	struct front_ids_slot *slot = malloc(count * sizeof(*slot));

	memset(slot, 0xa5, count * sizeof(*slot));
	assert_int_equal(front_ids_init(ids, slot, count, bits), 0);
	return slot;
}

static void test_sizes(void **state)
{
	static const struct {
		uint32_t count;
		unsigned bits;
		int err;
	} cases[] = {
		{1, 1, 0},
		{1, 64, 0},
		{2, 1, -EINVAL},
		{2, 2, 0},
		{0, 64, -EINVAL},
		{1, 0, -EINVAL},
		{1, 65, -EINVAL},
		{256, 16, 0},
		{257, 16, 0},
		{32769, 16, -EINVAL},
		{32768, 16, 0},
		{65536, 64, 0},
		{65537, 64, -EINVAL},
		{UINT32_MAX, 64, -EINVAL},
	};
	static struct front_ids_slot slots[FRONT_IDS_MAX];
	struct front_ids ids;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(front_ids_init(&ids, slots, cases[i].count, cases[i].bits),
				 cases[i].err);
}

static void test_all_and_no_more(void **state)
{
	struct front_ids ids;
	struct front_ids_slot *slot = ids_new(&ids, 5, 64);
	uint64_t id[5], none;
	bool seen[5] = {false};

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		int n = front_ids_take(&ids, &id[i]);

		assert_true(n >= 0 && n < 5 && !seen[n]);
		seen[n] = true;
		assert_int_equal(front_ids_id(&ids, n), id[i]);
	}
	assert_int_equal(ids.nr_out, 5);
	assert_int_equal(front_ids_take(&ids, &none), -ENOSPC);
	for (unsigned i = 0; i < 5; i++)
		assert_true(front_ids_answer(&ids, id[4 - i]) >= 0);
	assert_int_equal(ids.nr_out, 0);
	assert_int_equal(front_ids_first(&ids), FRONT_IDS_END);
	free(slot);
}

/* The slot answered last is the next one used: its grants are the likeliest to be mapped. */
static void test_last_in_first_out(void **state)
{
	struct front_ids ids;
	struct front_ids_slot *slot = ids_new(&ids, 8, 64);
	uint64_t a, b, c;
	int slot_b;

	(void)state;
	front_ids_take(&ids, &a);
	slot_b = front_ids_take(&ids, &b);
	assert_int_equal(front_ids_answer(&ids, a) >= 0, true);
	assert_int_equal(front_ids_answer(&ids, b), slot_b);
	assert_int_equal(front_ids_take(&ids, &c), slot_b);
	assert_true(c != b);
	free(slot);
}

static void test_never_sent(void **state)
{
	struct front_ids ids;
	struct front_ids_slot *slot = ids_new(&ids, 5, 64);
	uint64_t id;
	int n;

	(void)state;
	for (uint64_t i = 0; i < 64; i++)
		assert_int_equal(front_ids_answer(&ids, i), -ENOENT);
	n = front_ids_take(&ids, &id);
	for (unsigned bit = 0; bit < 64; bit++)
		assert_int_equal(front_ids_answer(&ids, id ^ 1ull << bit), -ENOENT);
	assert_int_equal(front_ids_answer(&ids, id + 8), -ENOENT); /* the slot's next use */
	assert_int_equal(front_ids_answer(&ids, UINT64_MAX), -ENOENT);
	assert_int_equal(ids.nr_out, 1);
	assert_int_equal(front_ids_answer(&ids, id), n);
	free(slot);
}

/* A second answer, also when the slot is out again for another request. */
static void test_answered_already(void **state)
{
	struct front_ids ids;
	struct front_ids_slot *slot = ids_new(&ids, 1, 64);
	uint64_t id[10];

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(front_ids_take(&ids, &id[i]), 0);
		for (unsigned old = 0; old < i; old++)
			assert_int_equal(front_ids_answer(&ids, id[old]), -EEXIST);
		assert_int_equal(front_ids_answer(&ids, id[i]), 0);
		assert_int_equal(front_ids_answer(&ids, id[i]), -EEXIST);
	}
	assert_string_not_equal(front_ids_error(-EEXIST), front_ids_error(-ENOENT));
	assert_string_not_equal(front_ids_error(-EEXIST), front_ids_error(0));
	free(slot);
}

/* Three bits above the slot's: an id comes again after eight uses, and is one of 16 bits. */
static void test_few_bits(void **state)
{
	struct front_ids ids;
	struct front_ids_slot *slot = ids_new(&ids, 5000, 16);
	uint64_t id, ids_seen[8];
	int n = 0;

	(void)state;
	for (unsigned use = 0; use < 30; use++) {
		int now = front_ids_take(&ids, &id);

		assert_true(use == 0 || now == n);
		n = now;
		assert_true(id <= UINT16_MAX);
		if (use >= 8)
			assert_int_equal(id, ids_seen[use % 8]);
		ids_seen[use % 8] = id;
		if (use)
			assert_int_equal(front_ids_answer(&ids, ids_seen[(use - 1) % 8]),
					 -EEXIST);
		assert_int_equal(front_ids_answer(&ids, id | 0x10000), -ENOENT);
		assert_int_equal(front_ids_answer(&ids, id), n);
		assert_int_equal(front_ids_answer(&ids, id), -EEXIST);
	}
	free(slot);
}

/* A long life against a list kept in the plainest way: which are out, and in which order. */
static void test_random_life(void **state)
{
	struct front_ids ids;
	struct front_ids_slot *slot = ids_new(&ids, 37, 64);
	uint64_t out[37], old[64] = {0};
	unsigned nr_out = 0, nr_old = 0;
	uint32_t seed = 5;

	(void)state;
	for (unsigned turn = 0; turn < 100000; turn++) {
		uint32_t r = next_random(&seed), i;

		if (r % 2) {
			int n = front_ids_take(&ids, &out[nr_out % 37]);

			assert_int_equal(n < 0, nr_out == 37);
			nr_out += n >= 0;
		} else if (nr_out) {
			i = r / 2 % nr_out;
			old[nr_old++ % 64] = out[i];
			assert_int_equal(front_ids_answer(&ids, out[i]) >= 0, true);
			memmove(&out[i], &out[i + 1], (--nr_out - i) * sizeof(out[0]));
		}
		if (nr_old >= 64)
			assert_int_equal(front_ids_answer(&ids, old[r % 64]), -EEXIST);
		i = front_ids_first(&ids);
		for (unsigned at = 0; at < nr_out; at++, i = front_ids_next(&ids, i))
			assert_int_equal(front_ids_id(&ids, i), out[at]);
		assert_int_equal(i, FRONT_IDS_END);
		assert_int_equal(ids.nr_out, nr_out);
	}
	free(slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_all_and_no_more),
		cmocka_unit_test(test_last_in_first_out),
		cmocka_unit_test(test_never_sent),
		cmocka_unit_test(test_answered_already),
		cmocka_unit_test(test_few_bits),
		cmocka_unit_test(test_random_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

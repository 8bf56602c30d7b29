/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/bitmap.h"

#define BITS 130u /* two whole words and a bit */

static unsigned naive_find_clear(const bool *bits, unsigned from, unsigned end)
{
	for (unsigned i = from; i < end; i++)
		if (!bits[i])
			return i;
	return end;
}

static void test_words(void **state)
{
	(void)state;
	assert_int_equal(BITMAP_WORDS(0), 0);
	assert_int_equal(BITMAP_WORDS(1), 1);
	assert_int_equal(BITMAP_WORDS(64), 1);
	assert_int_equal(BITMAP_WORDS(65), 2);
}

/* A bit is set and cleared alone, whatever its neighbours are. */
static void test_set_and_clear_touch_one_bit(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 192; bit++) {
		uint64_t zeros[3] = {0}, ones[3] = {~0ULL, ~0ULL, ~0ULL};

		bitmap_set(zeros, bit);
		bitmap_clear(ones, bit);
		for (unsigned i = 0; i < 192; i++) {
			assert_int_equal(bitmap_test(zeros, i), i == bit);
			assert_int_equal(bitmap_test(ones, i), i != bit);
		}
	}
}

static void check_all_ranges(const bool *bits)
{
	uint64_t *map = calloc(BITMAP_WORDS(BITS), sizeof(*map));

	assert_non_null(map);
	for (unsigned i = 0; i < BITS; i++)
		if (bits[i])
			bitmap_set(map, i);
	for (unsigned from = 0; from <= BITS; from++)
		for (unsigned end = from; end <= BITS; end++)
			assert_int_equal(bitmap_find_clear(map, from, end),
					 naive_find_clear(bits, from, end));
	free(map);
}

static void test_find_clear_with_one_hole(void **state)
{
	(void)state;
	for (unsigned hole = 0; hole <= BITS; hole++) {
		bool bits[BITS + 1];

		memset(bits, true, sizeof(bits));
		bits[hole] = false; /* the last one lies outside: no hole */
		check_all_ranges(bits);
	}
}

static void test_find_clear_random(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		bool bits[BITS];

		for (unsigned i = 0; i < BITS; i++)
			bits[i] = next_random(&seed) % 16 != 0;
		check_all_ranges(bits);
	}
}

static void test_find_clear_empty_range(void **state)
{
	uint64_t map[1] = {0};

	(void)state;
	assert_int_equal(bitmap_find_clear(map, 5, 5), 5);
	assert_int_equal(bitmap_find_clear(map, 9, 5), 5);
	assert_int_equal(bitmap_find_clear(map, 64, 64), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_set_and_clear_touch_one_bit),
		cmocka_unit_test(test_find_clear_with_one_hole),
		cmocka_unit_test(test_find_clear_random),
		cmocka_unit_test(test_find_clear_empty_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"

#include "lib/blk_pattern.h"
#include "lib/splitmix64.h"

/* The first numbers of splitmix64 with the state 1234567, as in Rosetta Code's task of that
 * name. */
static void test_known_numbers(void **state)
{
	static const uint64_t expected[] = {
		6457827717110365317u, 3203168211198807973u,  9817491932198370423u,
		4593380528125082431u, 16408922859458223821u,
	};
	uint64_t *words = malloc(512);

	(void)state;
	blk_pattern_fill(words, 0, 1, 1234567);
	for (unsigned i = 0; i < COUNT(expected); i++)
		assert_true(words[i] == expected[i]);
	assert_true(splitmix64(1234567, 0) == expected[0]);
	free(words);
}

/* Sectors are of one stream, wherever reading begins. */
static void test_stream(void **state)
{
	uint8_t *all = malloc(20 * 512), *part = malloc(3 * 512);

	(void)state;
	blk_pattern_fill(all, 1000, 20, 7);
	for (unsigned s = 0; s <= 17; s++) {
		blk_pattern_fill(part, 1000 + s, 3, 7);
		assert_memory_equal(part, all + s * 512, 3 * 512);
	}
	blk_pattern_fill(part, 1000, 3, 8);
	assert_memory_not_equal(part, all, 512);
	free(all);
	free(part);
}

static void test_check(void **state)
{
	uint8_t *bytes = malloc(4 * 512);

	(void)state;
	blk_pattern_fill(bytes, 5, 4, 9);
	assert_int_equal(blk_pattern_check(bytes, 5, 4, 9), 4);
	assert_int_equal(blk_pattern_check(bytes, 5, 4, 10), 0);
	assert_int_equal(blk_pattern_check(bytes, 6, 4, 9), 0);
	for (unsigned at = 0; at < 4 * 512; at++) {
		bytes[at] ^= 1;
		assert_int_equal(blk_pattern_check(bytes, 5, 4, 9), at / 512);
		bytes[at] ^= 1;
	}
	free(bytes);
}

/* Every io is one that the disk can do, and none of its bounds is never reached. */
static void check_plan(uint64_t sectors, uint32_t unit)
{
	uint64_t most = 0, least = UINT64_MAX, end = 0, begin = UINT64_MAX;

	for (uint64_t i = 0; i < 20000; i++) {
		struct blk_plan_io io = blk_plan(sectors, unit, 3, i);

		assert_true(io.count && io.count <= BLK_PLAN_SECTORS_MAX);
		assert_true(io.first + io.count <= sectors);
		assert_int_equal(io.first % unit + io.count % unit, 0);
		assert_true(io.offset < 4096 && io.offset % (unit * 512) == 0);
		assert_true(io.seed == 3 + i);
		most = io.count > most ? io.count : most;
		least = io.count < least ? io.count : least;
		begin = io.first < begin ? io.first : begin;
		end = io.first + io.count > end ? io.first + io.count : end;
	}
	assert_int_equal(least, unit);
	assert_int_equal(begin, 0);
	assert_int_equal(end, sectors / unit * unit);
	assert_int_equal(most, (sectors < 512 ? sectors : 512) / unit * unit);
}

static void test_plan(void **state)
{
	(void)state;
	check_plan(2048, 1);
	check_plan(2048, 8);
	check_plan(16, 8);
	check_plan(8, 8);
	check_plan(1, 1);
	check_plan(700, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_numbers),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

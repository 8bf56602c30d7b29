/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/xs_queue.h"

static void test_in_order(void **state)
{
	struct xs_queue *q = calloc(1, sizeof(*q));
	char *path = malloc(XS_QUEUE_SIZE);
	uint32_t id = 0;

	(void)state;
	assert_false(xs_queue_take(q, &id, path));
	assert_true(xs_queue_put(q, 7, "a/b"));
	assert_true(xs_queue_put(q, 8, ""));
	assert_true(xs_queue_take(q, &id, path));
	assert_int_equal(id, 7);
	assert_string_equal(path, "a/b");
	assert_true(xs_queue_put(q, 9, "c"));
	assert_true(xs_queue_take(q, &id, path));
	assert_int_equal(id, 8);
	assert_string_equal(path, "");
	assert_true(xs_queue_take(q, &id, path));
	assert_int_equal(id, 9);
	assert_string_equal(path, "c");
	assert_false(xs_queue_take(q, &id, path));
	free(path);
	free(q);
}

/* A path that fits to the byte, and one that is a byte longer, which changes nothing. */
static void test_longest(void **state)
{
	struct xs_queue *q = calloc(1, sizeof(*q));
	char *path = malloc(XS_QUEUE_SIZE), *got = malloc(XS_QUEUE_SIZE);
	size_t longest = XS_QUEUE_SIZE - 4 - 1;
	uint32_t id;

	(void)state;
	memset(path, 'p', XS_QUEUE_SIZE); /* not even ended */
	assert_false(xs_queue_put(q, 1, path));
	path[longest + 1] = '\0';
	assert_false(xs_queue_put(q, 1, path));
	assert_false(xs_queue_take(q, &id, got));
	path[longest] = '\0';
	assert_true(xs_queue_put(q, 1, path));
	assert_false(xs_queue_put(q, 2, ""));
	assert_true(xs_queue_take(q, &id, got));
	assert_string_equal(got, path);
	assert_true(xs_queue_put(q, 2, ""));
	free(got);
	free(path);
	free(q);
}

/* A long life against a plain list of what was put in. */
static void test_random_life(void **state)
{
	struct xs_queue *q = calloc(1, sizeof(*q));
	char *got = malloc(XS_QUEUE_SIZE), path[64];
	uint32_t seed = 3, put = 0, taken = 0, id, full = 0;
	static uint32_t lengths[20000];

	(void)state;
	while (put < COUNT(lengths)) {
		if (next_random(&seed) % 100 < 52) {
			uint32_t n = next_random(&seed) % sizeof(path);

			memset(path, 'a' + put % 26, n);
			path[n < sizeof(path) ? n : 0] = '\0';
			lengths[put] = n;
			if (xs_queue_put(q, put, path))
				put++;
			else
				full++;
		} else if (xs_queue_take(q, &id, got)) {
			assert_int_equal(id, taken);
			assert_int_equal(strlen(got), lengths[taken]);
			assert_true(!got[0] || got[0] == (char)('a' + taken % 26));
			taken++;
		}
	}
	assert_true(full > 10);
	free(got);
	free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_random_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

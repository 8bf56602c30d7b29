/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/byte_ring.h"

#define SIZE 8u

static void test_own_ring(void **state)
{
	(void)state;
	struct byte_ring *r = calloc(1, sizeof(*r));
	char byte;

	r->put = r->taken = UINT32_MAX - 100; /* the counts run over */
	assert_false(byte_ring_take(r, &byte));
	for (unsigned i = 0; i < BYTE_RING_SIZE; i++) {
		assert_false(byte_ring_is_full(r));
		assert_true(byte_ring_put(r, (char)i));
	}
	assert_true(byte_ring_is_full(r));
	assert_false(byte_ring_put(r, 'x'));
	for (unsigned i = 0; i < BYTE_RING_SIZE; i++) {
		assert_true(byte_ring_take(r, &byte));
		assert_int_equal(byte, (char)i);
	}
	assert_true(byte_ring_is_empty(r));
	free(r);
}

/* Whatever the other side says: no more than the ring holds, and never beyond it. */
static void test_foreign_ring(void **state)
{
	(void)state;
	static const uint32_t starts[] = {0, 5, UINT32_MAX - 3};

	for (size_t i = 0; i < COUNT(starts); i++) {
		for (uint32_t ahead = 0; ahead < 4 * SIZE; ahead++) {
			char *bytes = exact_copy("abcdefgh", SIZE), byte = 0;
			uint32_t taken = starts[i], put = starts[i] + ahead, n = 0;

			while (byte_ring_take_foreign(bytes, SIZE, put, &taken, &byte))
				assert_int_equal(byte, "abcdefgh"[(starts[i] + n++) % SIZE]);
			assert_int_equal(n, ahead <= SIZE ? ahead : 0);
			assert_int_equal(taken, put);
			free(bytes);
		}
	}
}

static void test_foreign_ring_goes_back(void **state)
{
	(void)state;
	uint32_t taken = 7;
	char byte;

	assert_false(byte_ring_take_foreign("abcdefgh", SIZE, 6, &taken, &byte));
	assert_int_equal(taken, 6);
	assert_true(byte_ring_take_foreign("abcdefgh", SIZE, 7, &taken, &byte));
	assert_int_equal(byte, 'g');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_ring),
		cmocka_unit_test(test_foreign_ring),
		cmocka_unit_test(test_foreign_ring_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The ring arithmetic of lib/xs_wire.h. */
#include "tests/host/test.h"
#include "lib/errno.h"
#include "lib/xs_wire.h"

#define RING XENSTORE_RING_SIZE

static const uint32_t starts[] = {0,
				  1,
				  1023,
				  1024,
				  77777,
				  0x7fffffff,
				  0x80000000,
				  UINT32_MAX - 1024,
				  UINT32_MAX - 1023,
				  UINT32_MAX - 1,
				  UINT32_MAX};

static void test_ring_used_and_free(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(starts); i++) {
		for (uint32_t n = 0; n <= RING; n++) {
			assert_int_equal(xs_ring_used(starts[i], starts[i] + n), n);
			assert_int_equal(xs_ring_free(starts[i], starts[i] + n), RING - n);
		}
	}
}

/* Indices that no honest peer writes: too far apart, or the consumer ahead. */
static void test_hostile_indices(void **state)
{
	static const uint32_t apart[] = {RING + 1,   RING * 2,          0x7fffffff,
					 0x80000000, UINT32_MAX - RING, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(starts); i++) {
		for (size_t j = 0; j < COUNT(apart); j++) {
			assert_int_equal(xs_ring_used(starts[i], starts[i] + apart[j]),
					 -EINVAL);
			assert_int_equal(xs_ring_free(starts[i], starts[i] + apart[j]),
					 -EINVAL);
		}
	}
}

/* Byte by byte what the copy functions do. */
static void naive_copy_in(char *ring, uint32_t prod, const char *src, uint32_t length)
{
	while (length--)
		ring[prod++ % RING] = *src++;
}

static void fill(char *p, size_t n)
{
	uint32_t seed = 9;

	while (n--)
		*p++ = (char)next_random(&seed);
}

static void test_copies(void **state)
{
	static const uint32_t lengths[] = {0, 1, 2, 15, 16, 17, 511, 1022, 1023, 1024};
	char data[RING];

	(void)state;
	fill(data, sizeof(data));
	for (size_t i = 0; i < COUNT(starts); i++) {
		for (size_t j = 0; j < COUNT(lengths); j++) {
			char *ring = calloc(1, RING), expected[RING] = {0};
			char *src = exact_copy(data, lengths[j]);
			char *dst = exact_copy(expected, lengths[j]);

			assert_non_null(ring);
			naive_copy_in(expected, starts[i], data, lengths[j]);
			xs_ring_copy_in(ring, starts[i], src, lengths[j]);
			assert_memory_equal(ring, expected, RING);
			xs_ring_copy_out(ring, starts[i], dst, lengths[j]);
			assert_memory_equal(dst, data, lengths[j]);
			free(dst);
			free(src);
			free(ring);
		}
	}
}

/* A long message through the ring in pieces, the indices crossing 2^32 on the way. */
static void test_stream_across_the_wrap(void **state)
{
	uint32_t cons = UINT32_MAX - 2500, prod = cons, seed = 3;
	char ring[RING], sent[10000], got[10000];
	size_t in = 0, out = 0;

	(void)state;
	fill(sent, sizeof(sent));
	while (out < sizeof(sent)) {
		uint32_t n = next_random(&seed) % 700;
		int room = xs_ring_free(cons, prod), there;

		n = n < (uint32_t)room ? n : (uint32_t)room;
		n = n < sizeof(sent) - in ? n : (uint32_t)(sizeof(sent) - in);
		xs_ring_copy_in(ring, prod, sent + in, n);
		prod += n;
		in += n;
		there = xs_ring_used(cons, prod);
		assert_int_equal(there, in - out);
		n = next_random(&seed) % 700;
		n = n < (uint32_t)there ? n : (uint32_t)there;
		xs_ring_copy_out(ring, cons, got + out, n);
		cons += n;
		out += n;
	}
	assert_memory_equal(sent, got, sizeof(sent));
	assert_true(cons < 10000); /* it did wrap */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring_used_and_free),
		cmocka_unit_test(test_hostile_indices),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_stream_across_the_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What every fuzzer includes: the bytes that libFuzzer hands over, taken off one by one, and
 * assertions whose text is in the report. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As tests/host/test.h has it, whose helpers some fuzzers use. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define fuzz_assert(what)                                                                \
	do {                                                                             \
		if (!(what)) {                                                           \
			fprintf(stderr, "fuzz: %s:%d: not so: %s\n", __FILE__, __LINE__, \
				#what);                                                  \
			abort();                                                         \
		}                                                                        \
	} while (0)

/* What is left of an input. Behind its end are zeros. */
struct fuzz {
	const uint8_t *bytes;
	size_t left;
};

static inline void fuzz_take(struct fuzz *f, void *to, size_t n)
{
	size_t there = n < f->left ? n : f->left;

	memset(to, 0, n);
	if (there)
		memcpy(to, f->bytes, there);
	f->bytes += there;
	f->left -= there;
}

static inline uint8_t fuzz_u8(struct fuzz *f)
{
	uint8_t value;

	fuzz_take(f, &value, sizeof(value));
	return value;
}

static inline uint16_t fuzz_u16(struct fuzz *f)
{
	uint16_t value;

	fuzz_take(f, &value, sizeof(value));
	return value;
}

static inline uint32_t fuzz_u32(struct fuzz *f)
{
	uint32_t value;

	fuzz_take(f, &value, sizeof(value));
	return value;
}

static inline uint64_t fuzz_u64(struct fuzz *f)
{
	uint64_t value;

	fuzz_take(f, &value, sizeof(value));
	return value;
}

/* An allocation of exactly n bytes, at least one: the sanitizer sees the first byte beyond. */
static inline void *fuzz_alloc(size_t n)
{
	void *bytes = calloc(1, n ? n : 1);

	fuzz_assert(bytes);
	return bytes;
}

/* The next n bytes of the input, fewer at its end, in an allocation of exactly their size; *n
 * is how many they are. */
static inline void *fuzz_copy(struct fuzz *f, size_t *n)
{
	uint8_t *bytes;

	if (*n > f->left)
		*n = f->left;
	/* Of none there is not a single byte, though malloc would have one. */
	bytes = malloc(*n);
	fuzz_assert(bytes);
	fuzz_take(f, bytes, *n);
	return bytes;
}

/* libFuzzer's entry. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/* What every host test includes. */
#ifndef TESTS_HOST_TEST_H
#define TESTS_HOST_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A copy in an allocation of exactly its size: the sanitizer sees the first byte beyond. */
static inline void *exact_copy(const void *bytes, size_t length)
{
	void *copy = malloc(length);

	assert_non_null(copy);
	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

/* Numbers that are the same in every run (xorshift); the state must not be 0. */
static inline uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

#endif

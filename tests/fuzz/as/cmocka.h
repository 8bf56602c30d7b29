/* SPDX-License-Identifier: MIT */
/* The helpers of the host tests within a fuzzer: what they assert, it asserts. */
#ifndef TESTS_FUZZ_AS_CMOCKA_H
#define TESTS_FUZZ_AS_CMOCKA_H

#include "tests/fuzz/fuzz.h"

#define assert_true(what)                fuzz_assert(what)
#define assert_false(what)               fuzz_assert(!(what))
#define assert_non_null(what)            fuzz_assert((what) != NULL)
#define assert_null(what)                fuzz_assert((what) == NULL)
#define assert_ptr_equal(a, b)           fuzz_assert((a) == (b))
#define assert_int_equal(a, b)           fuzz_assert((uintmax_t)(a) == (uintmax_t)(b))
#define assert_in_range(value, low, top) fuzz_assert((value) >= (low) && (value) <= (top))
#define assert_string_equal(a, b)        fuzz_assert(strcmp(a, b) == 0)
#define assert_memory_equal(a, b, n)     fuzz_assert(memcmp(a, b, n) == 0)
#define fail_msg(...)                    fuzz_assert(!#__VA_ARGS__)

#endif

/* SPDX-License-Identifier: MIT */
/* lib/string.c against the C library, and the str_* helpers. */
#include "tests/host/test.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Under these names lib/string.c is built for the host. */
void *daisy_memcpy(void *dst, const void *src, size_t n);
void *daisy_memmove(void *dst, const void *src, size_t n);
void *daisy_memset(void *dst, int byte, size_t n);
int daisy_memcmp(const void *a, const void *b, size_t n);
size_t daisy_strlen(const char *s);
size_t daisy_strnlen(const char *s, size_t max);
int daisy_strcmp(const char *a, const char *b);
int daisy_strncmp(const char *a, const char *b, size_t n);
char *daisy_strchr(const char *s, int c);

#define SIZE 80u

static void fill_random(unsigned char *p, size_t n)
{
	uint32_t seed = 5;

	while (n--)
		*p++ = (unsigned char)next_random(&seed);
}

static void test_memcpy(void **state)
{
	unsigned char src[SIZE];

	(void)state;
	fill_random(src, SIZE);
	for (size_t to = 0; to < 9; to++) {
		for (size_t from = 0; from < 9; from++) {
			for (size_t n = 0; n <= SIZE - 16; n++) {
				unsigned char got[SIZE] = {0}, expected[SIZE] = {0};

				memcpy(expected + to, src + from, n);
				assert_ptr_equal(daisy_memcpy(got + to, src + from, n),
						 got + to);
				assert_memory_equal(got, expected, SIZE);
			}
		}
	}
}

static void test_memmove(void **state)
{
	(void)state;
	for (size_t to = 0; to < 20; to++) {
		for (size_t from = 0; from < 20; from++) {
			for (size_t n = 0; n <= SIZE - 20; n++) {
				unsigned char got[SIZE], expected[SIZE];

				fill_random(got, SIZE);
				memcpy(expected, got, SIZE);
				memmove(expected + to, expected + from, n);
				assert_ptr_equal(daisy_memmove(got + to, got + from, n),
						 got + to);
				assert_memory_equal(got, expected, SIZE);
			}
		}
	}
}

static void test_memset(void **state)
{
	static const int bytes[] = {0, 1, 0x7f, 0x80, 0xff, 0x1a5, -1};

	(void)state;
	for (size_t i = 0; i < COUNT(bytes); i++) {
		for (size_t at = 0; at < 9; at++) {
			for (size_t n = 0; n <= SIZE - 9; n++) {
				unsigned char got[SIZE] = {0}, expected[SIZE] = {0};

				memset(expected + at, bytes[i], n);
				assert_ptr_equal(daisy_memset(got + at, bytes[i], n), got + at);
				assert_memory_equal(got, expected, SIZE);
			}
		}
	}
}

/* Buffers of the exact size: none of them may look at one byte more. */
static void test_memory_bounds(void **state)
{
	unsigned char bytes[SIZE];

	(void)state;
	fill_random(bytes, SIZE);
	for (size_t n = 1; n < SIZE; n++) {
		unsigned char *a = exact_copy(bytes, n), *b = exact_copy(bytes, n);

		daisy_memset(b, 0, n);
		daisy_memcpy(b, a, n);
		assert_int_equal(daisy_memcmp(a, b, n), 0);
		daisy_memmove(b, a, n);
		assert_memory_equal(a, b, n);
		free(a);
		free(b);
	}
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void test_compare(void **state)
{
	static const char *const words[] = {"",      "a",          "b",        "ab",
					    "abc",   "abd",        "\x80",     "\xff",
					    "a\x80", "route=auto", "route=gsi"};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		for (size_t j = 0; j < COUNT(words); j++) {
			const char *a = words[i], *b = words[j];
			size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

			assert_int_equal(sign(daisy_strcmp(a, b)), sign(strcmp(a, b)));
			assert_int_equal(sign(daisy_memcmp(a, b, n + 1)),
					 sign(memcmp(a, b, n + 1)));
			for (size_t k = 0; k < 12; k++)
				assert_int_equal(sign(daisy_strncmp(a, b, k)),
						 sign(strncmp(a, b, k)));
		}
	}
}

static void test_lengths_and_strchr(void **state)
{
	char *open = exact_copy("abcd", 4); /* no terminator */

	(void)state;
	assert_int_equal(daisy_strlen(""), 0);
	assert_int_equal(daisy_strlen("abc"), 3);
	assert_int_equal(daisy_strnlen("abc", 0), 0);
	assert_int_equal(daisy_strnlen("abc", 2), 2);
	assert_int_equal(daisy_strnlen("abc", 3), 3);
	assert_int_equal(daisy_strnlen("abc", 99), 3);
	assert_int_equal(daisy_strnlen(open, 4), 4);
	assert_int_equal(daisy_strncmp(open, "abcdef", 4), 0);
	free(open);

	const char *s = "abca\xe9";

	assert_ptr_equal(daisy_strchr(s, 'a'), s);
	assert_ptr_equal(daisy_strchr(s, 'c'), s + 2);
	assert_ptr_equal(daisy_strchr(s, 0xe9), s + 4);
	assert_ptr_equal(daisy_strchr(s, 0), s + 5);
	assert_null(daisy_strchr(s, 'x'));
}

static void test_str_copy(void **state)
{
	(void)state;
	for (size_t size = 0; size < 8; size++) {
		char *buf = exact_copy("zzzzzzz", size);

		assert_int_equal(str_copy(buf, "daisy", size), 5);
		if (size) {
			size_t n = size - 1 < 5 ? size - 1 : 5;

			assert_memory_equal(buf, "daisy", n);
			assert_int_equal(buf[n], 0);
		}
		free(buf);
	}
}

struct number {
	const char *text;
	int result;
	uint64_t value;
};

static const struct number numbers[] = {
	{"0", 0, 0},
	{"7", 0, 7},
	{"007", 0, 7},
	{"4096", 0, 4096},
	{"0x0", 0, 0},
	{"0xfEe00000", 0, 0xfee00000},
	{"0XAB", 0, 0xab},
	{"18446744073709551615", 0, UINT64_MAX},
	{"18446744073709551616", -ERANGE, 0},
	{"18446744073709551620", -ERANGE, 0},
	{"184467440737095516150", -ERANGE, 0},
	{"99999999999999999999999999", -ERANGE, 0},
	{"0xffffffffffffffff", 0, UINT64_MAX},
	{"0x10000000000000000", -ERANGE, 0},
	{"0x00000000000000000000001", 0, 1},
	{"", -EINVAL, 0},
	{"0x", -EINVAL, 0},
	{"x1", -EINVAL, 0},
	{"-1", -EINVAL, 0},
	{"+1", -EINVAL, 0},
	{" 1", -EINVAL, 0},
	{"1 ", -EINVAL, 0},
	{"12a", -EINVAL, 0},
	{"0xg", -EINVAL, 0},
	{"1k", -EINVAL, 0},
	{"99999999999999999999999999x", -EINVAL, 0},
};

static void test_str_to_u64(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uint64_t value = 4711;
		size_t length = strlen(numbers[i].text);
		char *open = exact_copy(numbers[i].text, length);
		uint64_t expected = numbers[i].result ? 4711 : numbers[i].value;

		assert_int_equal(str_to_u64(numbers[i].text, &value), numbers[i].result);
		assert_true(value == expected);
		value = 4711;
		assert_int_equal(str_span_to_u64(open, length, &value), numbers[i].result);
		assert_true(value == expected);
		free(open);
	}
}

static void test_str_list_next(void **state)
{
	static const char text[] = "one,,three";
	const char *list = text;
	size_t n = 77;

	(void)state;
	assert_ptr_equal(str_list_next(&list, &n), text);
	assert_int_equal(n, 3);
	assert_ptr_equal(str_list_next(&list, &n), text + 4);
	assert_int_equal(n, 0);
	assert_ptr_equal(str_list_next(&list, &n), text + 5);
	assert_int_equal(n, 5);
	assert_null(str_list_next(&list, &n));
	assert_null(str_list_next(&list, &n));
	list = "";
	assert_non_null(str_list_next(&list, &n));
	assert_int_equal(n, 0);
	assert_null(str_list_next(&list, &n));
}

static void test_str_list_matches(void **state)
{
	const char *list = "net_*,grant,xen*";

	(void)state;
	assert_true(str_list_matches(list, "net_"));
	assert_true(str_list_matches(list, "net_front"));
	assert_true(str_list_matches(list, "xenstore"));
	assert_true(str_list_matches(list, "grant"));
	assert_false(str_list_matches(list, "grant_v1"));
	assert_false(str_list_matches(list, "net"));
	assert_false(str_list_matches(list, "xe"));
	assert_false(str_list_matches(list, ""));
	assert_true(str_list_matches("*", "anything"));
	assert_false(str_list_matches("", "anything"));
	assert_false(str_list_matches(",", "anything"));
}

static void test_str_clean(void **state)
{
	char text[] = "a ~\x1f\n\x7f\xff\0b", same[] = "#!9", cut[] = "\n\n\0\n";

	(void)state;
	str_clean(text, sizeof(text), sizeof(text) - 1);
	assert_string_equal(text, "a ~?????b");
	str_clean(same, sizeof(same), 0);
	str_clean(same, sizeof(same), 3);
	assert_string_equal(same, "#!9");
	/* More was there than went in. */
	str_clean(cut, 3, 100);
	assert_memory_equal(cut, "??\0\n", 5);
	str_clean(cut, 0, 100);
	assert_memory_equal(cut, "??\0\n", 5);
}

static void test_str_list_has(void **state)
{
	const char *list = "route,clock,evtchn2";

	(void)state;
	assert_true(str_list_has(list, "route"));
	assert_true(str_list_has(list, "clock"));
	assert_true(str_list_has(list, "evtchn2"));
	assert_true(str_list_has("one", "one"));
	assert_false(str_list_has(list, "evtchn"));
	assert_false(str_list_has(list, "rout"));
	assert_false(str_list_has(list, "lock"));
	assert_false(str_list_has(list, "routes"));
	assert_false(str_list_has(list, "route,clock"));
	assert_false(str_list_has(list, ""));
	assert_false(str_list_has("", "a"));
	assert_false(str_list_has("", ""));
	assert_true(str_list_has(",,a,", "a"));
	assert_false(str_list_has("a,,b", ""));
}

static int find(const char *list, const char *word, size_t length)
{
	char *open = exact_copy(word, length);
	int i = str_list_find(list, open, length);

	free(open);
	return i;
}

static void test_str_list_find(void **state)
{
	const char *list = "auto,intx,gsi";

	(void)state;
	assert_int_equal(find(list, "auto", 4), 0);
	assert_int_equal(find(list, "intx=pic", 4), 1);
	assert_int_equal(find(list, "gsi", 3), 2);
	assert_int_equal(find("a,,b", "b", 1), 2);
	assert_int_equal(find(list, "gs", 2), -ENOENT);
	assert_int_equal(find(list, "gsix", 4), -ENOENT);
	assert_int_equal(find(list, "auto,intx", 9), -ENOENT);
	assert_int_equal(find(list, "gsi", 0), -ENOENT);
	assert_int_equal(find("", "", 0), -ENOENT);
	assert_int_equal(find("", "a", 1), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memcpy),       cmocka_unit_test(test_memmove),
		cmocka_unit_test(test_memset),       cmocka_unit_test(test_memory_bounds),
		cmocka_unit_test(test_compare),      cmocka_unit_test(test_lengths_and_strchr),
		cmocka_unit_test(test_str_copy),     cmocka_unit_test(test_str_to_u64),
		cmocka_unit_test(test_str_clean),    cmocka_unit_test(test_str_list_next),
		cmocka_unit_test(test_str_list_matches),
		cmocka_unit_test(test_str_list_has), cmocka_unit_test(test_str_list_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

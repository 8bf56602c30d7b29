/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/errno.h"
#include "lib/words.h"

#define MAX 4u

/* The words with a bar before each; or the error. */
static int split(const char *text, char *joined)
{
	char *copy = exact_copy(text, strlen(text) + 1), *words[MAX];
	int n = words_split(copy, words, MAX);

	joined[0] = '\0';
	for (int i = 0; i < n; i++)
		sprintf(joined + strlen(joined), "|%s", words[i]);
	free(copy);
	return n;
}

static void test_split(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
		int count;
	} table[] = {
		{"", "", 0},
		{" \t ", "", 0},
		{"irqs", "|irqs", 1},
		{"  irqs  -w ", "|irqs|-w", 2},
		{"a\tb c d", "|a|b|c|d", 4},
		{"a b c d e", "", -E2BIG},
		{"a b c d ", "|a|b|c|d", 4},
		{"xs write k 'a b'", "|xs|write|k|a b", 4},
		{"xs write k \"it's\"", "|xs|write|k|it's", 4},
		{"a'b c'\"d e\"f g", "|ab cd ef|g", 2},
		{"'' \"\"", "||", 2},
		{"a '", "", -EINVAL},
		{"a 'b\"", "", -EINVAL},
		{"\"a b", "", -EINVAL},
	};
	char joined[64];

	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(split(table[i].text, joined), table[i].count);
		assert_string_equal(joined, table[i].words);
	}
}

static void test_commands(void **state)
{
	(void)state;
	static const struct {
		const char *text, *first, *rest;
	} table[] = {
		{"", "", NULL},
		{"irqs", "irqs", NULL},
		{"a; b;c", "a", " b;c"},
		{";", "", ""},
		{"a ';' b;c", "a ';' b", "c"},
		{"a \"';\" b;c", "a \"';\" b", "c"},
		{"a 'b;c", "a 'b;c", NULL},
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		char *copy = exact_copy(table[i].text, strlen(table[i].text) + 1);
		char *rest = words_next_command(copy);

		assert_string_equal(copy, table[i].first);
		if (table[i].rest)
			assert_string_equal(rest, table[i].rest);
		else
			assert_null(rest);
		free(copy);
	}
}

/* Every text of these bytes, up to some length: only the sanitizer and the counts judge. */
static void test_every_short_text(void **state)
{
	(void)state;
	static const char bytes[] = {'a', ' ', '\'', '"', ';'};
	unsigned total = 1;

	for (unsigned length = 0; length < 7; length++, total *= sizeof(bytes)) {
		for (unsigned n = 0; n < total; n++) {
			char text[8] = "", joined[64];
			unsigned rest = n;

			for (unsigned i = 0; i < length; i++, rest /= sizeof(bytes))
				text[i] = bytes[rest % sizeof(bytes)];
			assert_true(split(text, joined) <= (int)MAX);
			assert_true(strlen(joined) <= length + MAX);
			words_next_command(text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_every_short_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

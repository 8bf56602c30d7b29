/* SPDX-License-Identifier: MIT */
/* Lines that are wrong, cut off, or never end. */
#include "tests/host/option_line.h"

static void expect_complaint(const char *text, const char *sentence)
{
	struct settings s;

	assert_int_equal(parse(&s, text), 1);
	assert_string_equal(s.sentences[0], sentence);
	/* The word has done nothing. */
	assert_false(s.quiet);
	assert_true(s.smp);
	assert_int_equal(s.ticks, 100);
	assert_string_equal(s.name, "none");
	assert_int_equal(s.route, 77);
}

static void test_unterminated_quote(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse(&s, "quiet name=\"ab ticks=5"), 1);
	assert_string_equal(s.sentences[0], "name=\"ab ticks=5: the quote is not closed; "
					    "the rest of the line is ignored");
	assert_true(s.quiet);
	assert_string_equal(s.name, "none");
	assert_int_equal(s.ticks, 100);
	assert_int_equal(parse(&s, "name=\""), 1);
	assert_int_equal(parse(&s, "name='"), 1);
	assert_int_equal(parse(&s, "name='ab\""), 1);
}

static void test_text_after_quote(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse(&s, "name='ab'c quiet"), 1);
	assert_string_equal(s.sentences[0], "name='ab'c: text follows the closing quote");
	assert_string_equal(s.name, "none");
	assert_true(s.quiet);
}

static void test_complaints(void **state)
{
	(void)state;
	expect_complaint("rout=gsi", "rout=gsi: no such option");
	expect_complaint("routes=gsi", "routes=gsi: no such option");
	expect_complaint("Route=gsi", "Route=gsi: no such option");
	expect_complaint("=5", "=5: no such option");
	expect_complaint("=", "=: no such option");
	expect_complaint("'quiet'", "'quiet': no such option");
	expect_complaint("route=foo", "route=foo: expected one of auto,intx,gsi");
	expect_complaint("route=gs", "route=gs: expected one of auto,intx,gsi");
	expect_complaint("route=gsii", "route=gsii: expected one of auto,intx,gsi");
	expect_complaint("route=auto,intx", "route=auto,intx: expected one of auto,intx,gsi");
	expect_complaint("route=", "route=: expected one of auto,intx,gsi");
	expect_complaint("route", "route: expected one of auto,intx,gsi");
	expect_complaint("smp=maybe", "smp=maybe: expected on, off, 1, 0, yes or no");
	expect_complaint("smp=", "smp=: expected on, off, 1, 0, yes or no");
	expect_complaint("smp=ON", "smp=ON: expected on, off, 1, 0, yes or no");
	expect_complaint("ticks", "ticks: expected a number below 2^64");
	expect_complaint("ticks=", "ticks=: expected a number below 2^64");
	expect_complaint("ticks=ten", "ticks=ten: expected a number below 2^64");
	expect_complaint("ticks=-1", "ticks=-1: expected a number below 2^64");
	expect_complaint("ticks=18446744073709551616",
			 "ticks=18446744073709551616: expected a number below 2^64");
	expect_complaint("name", "name: expected a text after =");
	expect_complaint("name=eightchr", "name=eightchr: the text is too long");
}

static void test_each_complaint_counts(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse(&s, "a b=1 quiet ticks=z route=gsi"), 3);
	assert_string_equal(s.sentences[0], "a: no such option");
	assert_string_equal(s.sentences[1], "b=1: no such option");
	assert_string_equal(s.sentences[2], "ticks=z: expected a number below 2^64");
	assert_true(s.quiet);
	assert_int_equal(s.route, 2);
}

static void test_stops_at_nul_and_at_length(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse_bytes(&s, "ticks=5\0quiet", 13), 0);
	assert_int_equal(s.ticks, 5);
	assert_false(s.quiet);
	assert_int_equal(parse_bytes(&s, "ticks=567", 7), 0);
	assert_int_equal(s.ticks, 5);
	assert_int_equal(parse_bytes(&s, "quiet", 0), 0);
	assert_false(s.quiet);
	assert_int_equal(parse_bytes(&s, "quiet", SIZE_MAX), 0);
	assert_true(s.quiet);
}

static void test_no_terminator_at_all(void **state)
{
	char line[4096];
	struct settings s;
	size_t at = 0;

	(void)state;
	/* 4 KiB full of words, and the one that counts is the last. */
	while (at + 8 <= sizeof(line)) {
		memcpy(line + at, "ticks=1 ", 8);
		at += 8;
	}
	memcpy(line + sizeof(line) - 8, "ticks=42", 8);

	char *open = exact_copy(line, sizeof(line));

	assert_int_equal(parse_bytes(&s, open, sizeof(line)), 0);
	assert_int_equal(s.ticks, 42);
	free(open);
}

static void test_a_word_of_four_kib(void **state)
{
	char line[4096], *open;
	struct settings s;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "name=", 5);
	open = exact_copy(line, sizeof(line));
	assert_int_equal(parse_bytes(&s, open, sizeof(line)), 1);
	assert_string_equal(s.name, "none");
	/* The sentence shows the beginning and still says what is wrong. */
	assert_memory_equal(s.sentences[0], "name=xxxx", 9);
	assert_non_null(strstr(s.sentences[0], "...: the text is too long"));
	free(open);
}

/* Every beginning of a line with everything in it. */
static void test_every_truncation(void **state)
{
	const char *line = "quiet smp=no ticks=0x1f name=\"a b\" route=intx other='x";
	struct settings s;

	(void)state;
	for (size_t n = 0; n <= strlen(line); n++) {
		char *open = exact_copy(line, n);

		parse_bytes(&s, open, n);
		assert_int_equal(s.quiet, n >= 5);
		if (n >= 34)
			assert_string_equal(s.name, "a b");
		free(open);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unterminated_quote),
		cmocka_unit_test(test_text_after_quote),
		cmocka_unit_test(test_complaints),
		cmocka_unit_test(test_each_complaint_counts),
		cmocka_unit_test(test_stops_at_nul_and_at_length),
		cmocka_unit_test(test_no_terminator_at_all),
		cmocka_unit_test(test_a_word_of_four_kib),
		cmocka_unit_test(test_every_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

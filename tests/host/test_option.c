/* SPDX-License-Identifier: MIT */
/* What an option may be. */
#include "tests/host/option_line.h"

static void test_nothing(void **state)
{
	static const char *const empty[] = {"", " ", "\t \n", "        "};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < COUNT(empty); i++) {
		assert_int_equal(parse(&s, empty[i]), 0);
		assert_int_equal(s.ticks, 100);
		assert_int_equal(s.route, 77);
	}
}

static void test_all_kinds(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse(&s, "quiet smp=off ticks=0x10 name=daisy route=gsi"), 0);
	assert_true(s.quiet);
	assert_false(s.smp);
	assert_int_equal(s.ticks, 16);
	assert_string_equal(s.name, "daisy");
	assert_int_equal(s.route, 2);
}

static void test_blanks_between_words(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse(&s, "  quiet\t\tticks=5 \n route=auto\r\n"), 0);
	assert_true(s.quiet);
	assert_int_equal(s.ticks, 5);
	assert_int_equal(s.route, 0);
}

static void test_flag_words(void **state)
{
	static const struct {
		const char *text;
		bool value;
	} words[] = {{"smp", true},     {"smp=on", true},   {"smp=1", true},
		     {"smp=yes", true}, {"smp=off", false}, {"smp=0", false},
		     {"smp=no", false}, {"smp='no'", false}};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		assert_int_equal(parse(&s, words[i].text), 0);
		assert_int_equal(s.smp, words[i].value);
	}
}

static void test_last_wins(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse(&s, "ticks=1 route=gsi ticks=2 route=intx quiet quiet=off"), 0);
	assert_int_equal(s.ticks, 2);
	assert_int_equal(s.route, 1);
	assert_false(s.quiet);
	/* A bad later one does not undo the good one before it. */
	assert_int_equal(parse(&s, "ticks=1 ticks=x"), 1);
	assert_int_equal(s.ticks, 1);
}

static void test_quotes(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse(&s, "name='a b' quiet"), 0);
	assert_string_equal(s.name, "a b");
	assert_true(s.quiet);
	assert_int_equal(parse(&s, "name=\"a 'b'\""), 0);
	assert_string_equal(s.name, "a 'b'");
	assert_int_equal(parse(&s, "name='\"=\"'"), 0);
	assert_string_equal(s.name, "\"=\"");
	assert_int_equal(parse(&s, "name=''"), 0);
	assert_string_equal(s.name, "");
	assert_int_equal(parse(&s, "ticks=\"12\""), 0);
	assert_int_equal(s.ticks, 12);
	/* Within a value a quote is a letter. */
	assert_int_equal(parse(&s, "name=it's quiet"), 0);
	assert_string_equal(s.name, "it's");
	assert_true(s.quiet);
	/* A second = belongs to the value. */
	assert_int_equal(parse(&s, "name=a=b"), 0);
	assert_string_equal(s.name, "a=b");
}

static void test_string_sizes(void **state)
{
	struct settings s;

	(void)state;
	assert_int_equal(parse(&s, "name="), 0);
	assert_string_equal(s.name, "");
	assert_int_equal(parse(&s, "name=seven77"), 0);
	assert_string_equal(s.name, "seven77");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_all_kinds),
		cmocka_unit_test(test_blanks_between_words),
		cmocka_unit_test(test_flag_words),
		cmocka_unit_test(test_last_wins),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_string_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

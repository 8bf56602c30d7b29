/* SPDX-License-Identifier: MIT */
/* Every key, whole, in pieces and broken off; the ends of lines; garbage. */
#include "tests/host/terminal.h"

/* --- keys --- */

static const struct key {
	const char *keys;
	const char *text; /* of "one two" with the cursor before the w, afterwards */
	unsigned cursor;
} keys[] = {
	{LEFT, "one two", 4},
	{RIGHT, "one two", 6},
	{"\x1bOD", "one two", 4},
	{"\x1bOC", "one two", 6},
	{"\x1b[1;5D", "one two", 4},
	{"\x1b[H", "one two", 0},
	{"\x1bOH", "one two", 0},
	{"\x1b[1~", "one two", 0},
	{"\x1b[7~", "one two", 0},
	{"\x01", "one two", 0},
	{"\x1b[F", "one two", 7},
	{"\x1bOF", "one two", 7},
	{"\x1b[4~", "one two", 7},
	{"\x1b[8~", "one two", 7},
	{"\x05", "one two", 7},
	{"\b", "one wo", 4},
	{"\x7f", "one wo", 4},
	{"\x1b[3~", "one to", 5},
	{"\x1b[3;2~", "one to", 5},
	{"\x15", "wo", 0},
	{"\x0b", "one t", 5},
	{"\x17", "one wo", 4},
	{"X", "one tXwo", 6},
	{UP, "before", 6},
	{UP DOWN, "one two", 7},
	{UP UP, "before", 6},
	{DOWN, "one two", 5},
	/* Keys that it does not know. */
	{"\x1b[5~", "one two", 5},
	{"\x1b[15~", "one two", 5},
	{"\x1b[99999993~", "one two", 5},
	{"\x1b[;3~", "one two", 5},
	{"\x1b[?25h", "one two", 5},
	{"\x1b[ q", "one two", 5},
	{"\x1bx", "one two", 5},
	{"\x1bOx", "one two", 5},
	{"\t", "one two", 5},
	{"\xc3\xa9", "one two", 5},
	{"\x1b[\xc3", "one two", 5},
};

static void begin_with_line(struct world *w)
{
	begin(w);
	type(w, "before\r");
	type(w, "one two" LEFT LEFT);
}

static void test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct world w;

		begin_with_line(&w);
		type(&w, keys[i].keys);
		expect(&w, keys[i].text, keys[i].cursor);
	}
}

/* Between any two bytes of it the prompt may be shown anew. */
static void test_keys_in_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		for (size_t cut = 0; cut <= strlen(keys[i].keys); cut++) {
			struct world w;

			begin_with_line(&w);
			for (size_t n = 0; n < strlen(keys[i].keys); n++) {
				if (n == cut)
					line_show(&w.line, PROMPT);
				feed(&w, keys[i].keys[n]);
			}
			expect(&w, keys[i].text, keys[i].cursor);
		}
	}
}

/* A sequence that breaks off, by another or by a control character, leaves nothing behind. */
static void test_keys_broken_off(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (keys[i].keys[0] != '\x1b')
			continue;
		for (size_t cut = 1; cut <= 3 && keys[i].keys[cut]; cut++) {
			struct world w;

			if (strchr(keys[i].keys + 1, '\x1b') == keys[i].keys + cut)
				break; /* two whole ones */
			begin_with_line(&w);
			for (size_t n = 0; n < cut; n++)
				feed(&w, keys[i].keys[n]);
			type(&w, LEFT);
			expect(&w, "one two", 4);
			for (size_t n = 0; n < cut; n++)
				feed(&w, keys[i].keys[n]);
			type(&w, "\x05[");
			expect(&w, "one two[", 8);
		}
	}
}

static void test_ends_do_nothing(void **state)
{
	(void)state;
	static const char *const at_start[] = {LEFT, "\b", "\x15", "\x17", "\x01"};
	static const char *const at_end[] = {RIGHT, "\x1b[3~", "\x0b", "\x05"};
	struct world w;

	begin(&w);
	for (unsigned empty = 0; empty < 2; empty++) {
		const char *text = empty ? "" : "abc";

		type(&w, "\x15");
		type(&w, text);
		for (size_t i = 0; i < COUNT(at_end); i++)
			type(&w, at_end[i]);
		expect(&w, text, (unsigned)strlen(text));
		type(&w, "\x01");
		for (size_t i = 0; i < COUNT(at_start); i++)
			type(&w, at_start[i]);
		expect(&w, text, 0);
		type(&w, "\x05");
	}
}

static void test_words_are_rubbed_out(void **state)
{
	(void)state;
	struct world w;

	begin(&w);
	type(&w, "  one  two  ");
	type(&w, "\x17");
	expect(&w, "  one  ", 7);
	type(&w, "\x17");
	expect(&w, "  ", 2);
	type(&w, "\x17");
	expect(&w, "", 0);
}

/* --- ends of lines --- */

static unsigned count_lines(struct world *w, const char *bytes)
{
	unsigned entered = 0;

	while (*bytes)
		entered += feed(w, *bytes++) == LINE_ENTERED;
	return entered;
}

static void test_enter(void **state)
{
	(void)state;
	struct world w;

	begin(&w);
	assert_int_equal(count_lines(&w, "a\rb\nc\r\nd\n\re\r\r\n\n"), 8);
	assert_int_equal(count_lines(&w, "\x1b[\r"), 1);
	type(&w, "D");
	expect(&w, "D", 1);
}

static void test_enter_shows_the_whole_line(void **state)
{
	(void)state;
	struct world w;

	begin(&w);
	type(&w, "one two" LEFT LEFT LEFT);
	assert_int_equal(line_feed(&w.line, '\r'), LINE_ENTERED);
	assert_string_equal(w.line.text, "one two");
	assert_string_equal(w.terminal.above, PROMPT "one two");
}

static void test_cancel(void **state)
{
	(void)state;
	struct world w;

	begin(&w);
	type(&w, "one two" LEFT LEFT LEFT);
	assert_int_equal(line_feed(&w.line, '\x03'), LINE_CANCELLED);
	assert_string_equal(w.terminal.above, PROMPT "one two^C");
	line_show(&w.line, PROMPT);
	expect(&w, "", 0);
	type(&w, UP); /* it is not kept */
	expect(&w, "", 0);
}

/* --- overlong --- */

static void test_overlong(void **state)
{
	(void)state;
	struct world w;
	char full[LINE_SIZE];

	begin(&w);
	memset(full, 'x', sizeof(full) - 1);
	full[sizeof(full) - 1] = '\0';
	for (unsigned i = 0; i < 3 * LINE_SIZE; i++)
		feed(&w, 'x');
	expect(&w, full, LINE_SIZE - 1);
	assert_int_equal(w.terminal.bells, 2 * LINE_SIZE + 1);
	type(&w, "\x01y"); /* nor in its middle */
	expect(&w, full, 0);
	type(&w, "\x1b[3~y");
	full[0] = 'y';
	expect(&w, full, 1);
	assert_int_equal(feed(&w, '\r'), LINE_ENTERED);
	type(&w, UP);
	expect(&w, full, LINE_SIZE - 1);
}

/* --- garbage --- */

/* What keys are made of comes often, so that many of them are whole. */
static char random_byte(uint32_t *seed)
{
	static const char parts[] = "\x1b\x1b\x1b[[[O0123479;~ABCDFH\x01\x05\x0b\x15\x17\x03\b\x7f\r\n ab";
	uint32_t random = next_random(seed);

	return random & 1 ? parts[(random >> 8) % (sizeof(parts) - 1)] : (char)(random >> 16);
}

static void test_garbage(void **state)
{
	(void)state;
	uint32_t seed = 1;
	unsigned lines = 0;

	for (unsigned round = 0; round < 200; round++) {
		struct world w;

		begin(&w);
		for (unsigned i = 0; i < 2000; i++)
			lines += feed(&w, random_byte(&seed)) == LINE_ENTERED;
	}
	assert_true(lines > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_keys_in_pieces),
		cmocka_unit_test(test_keys_broken_off),
		cmocka_unit_test(test_ends_do_nothing),
		cmocka_unit_test(test_words_are_rubbed_out),
		cmocka_unit_test(test_enter),
		cmocka_unit_test(test_enter_shows_the_whole_line),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_overlong),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

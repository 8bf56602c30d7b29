/* SPDX-License-Identifier: MIT */
/* The lines that were entered before. */
#include "tests/host/terminal.h"

static void test_history(void **state)
{
	(void)state;
	struct world w;

	begin(&w);
	type(&w, "one\rtwo\r\rtwo\rthree\r");
	type(&w, "draft" UP);
	expect(&w, "three", 5);
	type(&w, UP UP UP);
	expect(&w, "one", 3); /* no empty line, no line twice in a row */
	type(&w, DOWN "X\r");
	type(&w, UP UP UP);
	expect(&w, "two", 3); /* what was edited is a line of its own, the old one stays */
	type(&w, DOWN DOWN DOWN DOWN);
	expect(&w, "", 0);
}

static void test_history_gives_the_draft_back(void **state)
{
	(void)state;
	struct world w;

	begin(&w);
	type(&w, "one\rtwo\rdra" UP UP UP DOWN DOWN "ft" DOWN);
	expect(&w, "draft", 5);
	type(&w, UP "\x03");
	type(&w, DOWN);
	expect(&w, "", 0);
	type(&w, UP);
	expect(&w, "two", 3);
}

static void test_history_forgets_the_oldest(void **state)
{
	(void)state;
	struct world w;
	char text[8];

	begin(&w);
	for (unsigned i = 0; i < 3 * LINE_HISTORY; i++) {
		snprintf(text, sizeof(text), "%u\r", i);
		type(&w, text);
	}
	for (unsigned i = 3 * LINE_HISTORY; i > 2 * LINE_HISTORY; i--) {
		type(&w, UP);
		snprintf(text, sizeof(text), "%u", i - 1);
		assert_string_equal(w.line.text, text);
	}
	type(&w, UP UP);
	assert_string_equal(w.line.text, text);
	assert_null(line_history_get(&w.history, LINE_HISTORY + 1));
	assert_null(line_history_get(&w.history, 0));
}

static void test_history_is_shared(void **state)
{
	(void)state;
	struct world w;
	struct terminal other = {0};
	struct line l;

	begin(&w);
	line_init(&l, &w.history, terminal_echo, &other);
	type(&w, "one\r");
	for (const char *p = UP "\r"; *p; p++)
		line_feed(&l, *p);
	assert_string_equal(l.text, "one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_history_gives_the_draft_back),
		cmocka_unit_test(test_history_forgets_the_oldest),
		cmocka_unit_test(test_history_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

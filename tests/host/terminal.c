/* SPDX-License-Identifier: MIT */
#include "tests/host/terminal.h"

static void terminal_erase(struct terminal *t)
{
	memset(t->row + t->cursor, 0, sizeof(t->row) - t->cursor);
}

static void terminal_byte(struct terminal *t, char byte)
{
	static const char erase[] = "\x1b[K";

	if (t->escape || byte == erase[0]) {
		assert_int_equal(byte, erase[t->escape]);
		t->escape = (t->escape + 1) % 3;
		if (!t->escape)
			terminal_erase(t);
	} else if (byte == '\b') {
		assert_true(t->cursor > 0);
		t->cursor--;
	} else if (byte == '\r') {
		t->cursor = 0;
	} else if (byte == '\n') {
		strcpy(t->above, t->row);
		memset(t->row, 0, sizeof(t->row));
		t->cursor = 0;
		t->rows++;
	} else if (byte == '\a') {
		t->bells++;
	} else {
		assert_in_range(byte, ' ', '~');
		assert_true(t->cursor < COLUMNS);
		t->row[t->cursor++] = byte;
	}
}

void terminal_echo(void *ctx, const char *bytes, size_t count)
{
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++)
		terminal_byte(ctx, bytes[i]);
}

static void check(const struct world *w)
{
	const struct line *l = &w->line;

	assert_true(l->cursor <= l->length && l->length < LINE_SIZE);
	assert_int_equal(strnlen(l->text, LINE_SIZE), l->length);
	assert_int_equal(w->terminal.escape, 0);
	if (l->over)
		return;
	assert_memory_equal(w->terminal.row, PROMPT, strlen(PROMPT));
	assert_string_equal(w->terminal.row + strlen(PROMPT), l->text);
	assert_int_equal(w->terminal.cursor, strlen(PROMPT) + l->cursor);
}

void begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	line_init(&w->line, &w->history, terminal_echo, &w->terminal);
	line_show(&w->line, PROMPT);
	check(w);
}

/* As the shell does it: the prompt again when a line is over. */
enum line_result feed(struct world *w, char byte)
{
	enum line_result result = line_feed(&w->line, byte);

	check(w);
	if (result != LINE_EDITING)
		line_show(&w->line, PROMPT);
	return result;
}

void type(struct world *w, const char *keys)
{
	while (*keys)
		feed(w, *keys++);
}

void expect(const struct world *w, const char *text, unsigned cursor)
{
	assert_string_equal(w->line.text, text);
	assert_int_equal(w->line.cursor, cursor);
}

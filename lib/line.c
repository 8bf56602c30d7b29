/* SPDX-License-Identifier: MIT */
/* Between two calls the terminal's cursor is where line->cursor says. */
#include "lib/line.h"

#include "lib/string.h"

#define CTRL(letter) ((letter) - '@')
#define ESC	     '\x1b'
#define BELL	     '\a'
#define DEL	     '\x7f'
#define ERASE	     "\x1b[K" /* to the end of the line */

enum { PLAIN, AFTER_ESC, AFTER_SS3, IN_CSI, IN_CSI_REST };

#define PARAM_MAX 99u /* more is no key's */

static void line_flush(struct line *l)
{
	if (l->out_count)
		l->echo(l->ctx, l->out, l->out_count);
	l->out_count = 0;
}

static void line_put(struct line *l, char byte)
{
	if (l->out_count == LINE_ECHO)
		line_flush(l);
	l->out[l->out_count++] = byte;
}

static void line_put_text(struct line *l, const char *text)
{
	while (*text)
		line_put(l, *text++);
}

static void line_move(struct line *l, unsigned to)
{
	while (l->cursor < to)
		line_put(l, l->text[l->cursor++]);
	for (; l->cursor > to; l->cursor--)
		line_put(l, '\b');
}

/* The terminal shows something else from the cursor on. */
static void line_redraw(struct line *l)
{
	unsigned cursor = l->cursor;

	line_move(l, l->length);
	line_put_text(l, ERASE);
	line_move(l, cursor);
}

static void line_insert(struct line *l, char byte)
{
	unsigned cursor = l->cursor;

	if (l->length + 1 == LINE_SIZE) {
		line_put(l, BELL);
		return;
	}
	memmove(l->text + cursor + 1, l->text + cursor, l->length + 1 - cursor);
	l->text[cursor] = byte;
	l->length++;
	line_move(l, l->length);
	line_move(l, cursor + 1);
}

/* from <= cursor, and everything between them is shown. */
static void line_delete(struct line *l, unsigned from, unsigned to)
{
	if (from == to)
		return;
	line_move(l, from);
	memmove(l->text + from, l->text + to, l->length + 1 - to);
	l->length -= to - from;
	line_redraw(l);
}

static unsigned line_word_before(const struct line *l)
{
	unsigned at = l->cursor;

	while (at && l->text[at - 1] == ' ')
		at--;
	while (at && l->text[at - 1] != ' ')
		at--;
	return at;
}

/* --- history --- */

static void line_replace(struct line *l, const char *text)
{
	line_move(l, 0);
	str_copy(l->text, text, LINE_SIZE);
	l->length = strlen(l->text);
	line_move(l, l->length);
	line_put_text(l, ERASE);
}

static void line_older(struct line *l)
{
	const char *text = line_history_get(l->history, l->back + 1);

	if (!text)
		return;
	if (!l->back)
		str_copy(l->draft, l->text, LINE_SIZE);
	l->back++;
	line_replace(l, text);
}

static void line_newer(struct line *l)
{
	if (!l->back)
		return;
	l->back--;
	line_replace(l, l->back ? line_history_get(l->history, l->back) : l->draft);
}

/* --- keys --- */

static void line_right(struct line *l)
{
	if (l->cursor < l->length)
		line_move(l, l->cursor + 1);
}

static void line_left(struct line *l)
{
	if (l->cursor)
		line_move(l, l->cursor - 1);
}

/* ESC [ N ~ */
static void line_numbered_key(struct line *l)
{
	switch (l->param) {
	case 1:
	case 7:
		line_move(l, 0);
		break;
	case 3:
		line_delete(l, l->cursor, l->cursor + (l->cursor < l->length));
		break;
	case 4:
	case 8:
		line_move(l, l->length);
	}
}

/* The last byte of a sequence. */
static void line_key(struct line *l, char final)
{
	switch (final) {
	case 'A':
		line_older(l);
		break;
	case 'B':
		line_newer(l);
		break;
	case 'C':
		line_right(l);
		break;
	case 'D':
		line_left(l);
		break;
	case 'F':
		line_move(l, l->length);
		break;
	case 'H':
		line_move(l, 0);
		break;
	case '~':
		line_numbered_key(l);
	}
}

static enum line_result line_end(struct line *l, enum line_result how)
{
	line_move(l, l->length);
	line_put_text(l, how == LINE_CANCELLED ? "^C\n" : "\n");
	l->over = true;
	if (how == LINE_ENTERED)
		line_history_add(l->history, l->text);
	return how;
}

static enum line_result line_control(struct line *l, char byte, bool after_cr)
{
	switch (byte) {
	case CTRL('A'):
		line_move(l, 0);
		break;
	case CTRL('C'):
		return line_end(l, LINE_CANCELLED);
	case CTRL('E'):
		line_move(l, l->length);
		break;
	case CTRL('H'):
	case DEL:
		line_delete(l, l->cursor - (l->cursor > 0), l->cursor);
		break;
	case CTRL('K'):
		line_delete(l, l->cursor, l->length);
		break;
	case CTRL('U'):
		line_delete(l, 0, l->cursor);
		break;
	case CTRL('W'):
		line_delete(l, line_word_before(l), l->cursor);
		break;
	case '\n':
		if (after_cr) /* one key */
			break;
		/* fallthrough */
	case '\r':
		return line_end(l, LINE_ENTERED);
	}
	return LINE_EDITING;
}

/* ECMA-48, 5.4: parameters, and bytes between them and the last, are 0x20 to 0x3f. Only the first
 * parameter is a key's number, the others say what was held down with it. */
static void line_csi(struct line *l, char byte)
{
	if (byte >= '0' && byte <= '9' && l->state == IN_CSI) {
		unsigned param = l->param * 10u + (unsigned)(byte - '0');

		l->param = (uint8_t)(param > PARAM_MAX ? PARAM_MAX : param);
		return;
	}
	l->state = byte >= ' ' && byte < '@' ? IN_CSI_REST : PLAIN;
	if (byte >= '@')
		line_key(l, byte);
}

static void line_byte(struct line *l, char byte)
{
	switch (l->state) {
	case AFTER_ESC:
		l->state = byte == '[' ? IN_CSI : byte == 'O' ? AFTER_SS3 : PLAIN;
		l->param = 0;
		break;
	case AFTER_SS3:
		l->state = PLAIN;
		line_key(l, byte);
		break;
	case IN_CSI:
	case IN_CSI_REST:
		line_csi(l, byte);
		break;
	default:
		if (byte >= ' ')
			line_insert(l, byte);
	}
}

static void line_begin(struct line *l)
{
	if (!l->over)
		return;
	l->over = false;
	l->text[0] = '\0';
	l->length = l->cursor = l->back = 0;
}

enum line_result line_feed(struct line *l, char byte)
{
	enum line_result result = LINE_EDITING;
	bool after_cr = l->after_cr;

	line_begin(l);
	l->after_cr = byte == '\r';
	if (byte == ESC) {
		l->state = AFTER_ESC; /* whatever sequence there was is broken off */
	} else if ((byte >= 0 && byte < ' ') || byte == DEL) {
		l->state = PLAIN;
		result = line_control(l, byte, after_cr);
	} else {
		line_byte(l, byte);
	}
	line_flush(l);
	return result;
}

void line_show(struct line *l, const char *prompt)
{
	unsigned cursor;

	line_begin(l);
	cursor = l->cursor;
	line_put_text(l, "\r" ERASE);
	line_put_text(l, prompt);
	l->cursor = 0;
	line_move(l, l->length);
	line_move(l, cursor);
	line_flush(l);
}

void line_init(struct line *l, struct line_history *history, line_echo_fn *echo, void *ctx)
{
	*l = (struct line){.history = history, .echo = echo, .ctx = ctx};
}

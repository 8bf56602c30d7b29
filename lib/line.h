/* SPDX-License-Identifier: MIT */
/* A line that is being typed: bytes in, edits and echo out. It knows the keys of ANSI terminals
 * (ECMA-48: ESC [ ..., and ESC O ... of keypads in application mode), which may arrive in any
 * pieces:
 *
 *   left right home end, ctrl-A ctrl-E      move
 *   backspace, delete                       take one away
 *   ctrl-U ctrl-K ctrl-W                    all before, all behind the cursor; the word before it
 *   up down                                 the lines before; down at last gives back what was
 *                                           being typed
 *   enter (CR, LF or both), ctrl-C          end it
 *
 * Other keys, and bytes that are no ASCII text, do nothing. A line that is full takes no more,
 * and rings the bell. The terminal must not wrap it: LINE_SIZE columns, or the prompt with less
 * of a line. Pure logic: no terminal, no kernel. */
#ifndef LIB_LINE_H
#define LIB_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/line_history.h"

#define LINE_ECHO 64u

enum line_result {
	LINE_EDITING,
	LINE_ENTERED,	/* line->text is whole, until the next byte or line_show() */
	LINE_CANCELLED, /* ctrl-C: the next byte begins an empty line */
};

/* What a terminal is to show, "\n" for a new line. */
typedef void line_echo_fn(void *ctx, const char *bytes, size_t count);

struct line {
	char text[LINE_SIZE], draft[LINE_SIZE]; /* terminated */
	unsigned length, cursor;		/* cursor <= length < LINE_SIZE */
	unsigned back;				/* what of the history is shown; 0: none */
	bool over, after_cr;
	uint8_t state, param; /* of an escape sequence */
	struct line_history *history;
	line_echo_fn *echo;
	void *ctx;
	char out[LINE_ECHO]; /* echo is called with as many bytes as there are */
	unsigned out_count;
};

/* The history may be shared by several lines. */
void line_init(struct line *l, struct line_history *history, line_echo_fn *echo, void *ctx);
enum line_result line_feed(struct line *l, char byte);
/* Shows the prompt and the line on it anew: at first, and after something else was shown. */
void line_show(struct line *l, const char *prompt);

#endif

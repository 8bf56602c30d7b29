/* SPDX-License-Identifier: MIT */
/* The line editor before a terminal that understands what it is sent, and nothing more: what that
 * shows must be the line, with its cursor on the line's, after every byte. */
#ifndef TESTS_HOST_TERMINAL_H
#define TESTS_HOST_TERMINAL_H

#include "tests/host/test.h"
#include "lib/line.h"

#define PROMPT	"> "
#define COLUMNS 256u

#define LEFT  "\x1b[D"
#define RIGHT "\x1b[C"
#define UP    "\x1b[A"
#define DOWN  "\x1b[B"

struct terminal {
	char row[COLUMNS + 1], above[COLUMNS + 1]; /* above: the row that was left last */
	unsigned cursor, rows, bells;
	unsigned escape; /* bytes of ESC [ K that have come */
};

struct world {
	struct line_history history;
	struct line line;
	struct terminal terminal;
};

/* line_echo_fn; ctx is a terminal. */
void terminal_echo(void *ctx, const char *bytes, size_t count);

/* An empty line behind its prompt. */
void begin(struct world *w);
/* One byte, several; as the shell does it: the prompt again when a line is over. */
enum line_result feed(struct world *w, char byte);
void type(struct world *w, const char *keys);
void expect(const struct world *w, const char *text, unsigned cursor);

#endif

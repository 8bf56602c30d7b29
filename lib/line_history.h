/* SPDX-License-Identifier: MIT */
/* The last lines that were entered. */
#ifndef LIB_LINE_HISTORY_H
#define LIB_LINE_HISTORY_H

#define LINE_SIZE    128u /* bytes of a line, terminator included */
#define LINE_HISTORY 16u

struct line_history {
	char lines[LINE_HISTORY][LINE_SIZE];
	unsigned added; /* ever */
};

/* Keeps a line, of less than LINE_SIZE bytes; not an empty one, nor the newest once more. */
void line_history_add(struct line_history *h, const char *text);
/* back 1: the newest, 2: the one before. NULL: there is none, or not any more. */
const char *line_history_get(const struct line_history *h, unsigned back);

#endif

/* SPDX-License-Identifier: MIT */
/* A table with an option of each kind, and lines parsed with it. */
#ifndef TESTS_HOST_OPTION_LINE_H
#define TESTS_HOST_OPTION_LINE_H

#include "tests/host/test.h"

/* smp is true before a line is parsed, ticks 100, name "none", route 77; all else is 0. */
struct settings {
	bool quiet;
	bool smp;
	uint64_t ticks;
	char name[8];
	unsigned route;
	char sentences[8][256];
	unsigned complaints;
};

/* So many bytes, which may go on behind them. The number of complaints; s has the sentences. */
unsigned parse_bytes(struct settings *s, const char *text, size_t length);
/* From memory of the exact length, without a terminator. */
unsigned parse(struct settings *s, const char *text);

#endif

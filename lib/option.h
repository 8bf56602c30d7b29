/* SPDX-License-Identifier: MIT */
/* Command line parsing: words "key=value" or "key", separated by blanks; a value may be quoted
 * with ' or " to hold blanks. A quote counts at a value's first byte only, and its partner must
 * be the last; a quote that is never closed takes the rest of the line with it.
 *
 * Pure logic: the table says what exists, the callback complains. */
#ifndef LIB_OPTION_H
#define LIB_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
	OPTION_FLAG,   /* key, key=on|off|1|0|yes|no -> *(bool *)target */
	OPTION_U64,    /* key=number -> *(uint64_t *)target */
	OPTION_STRING, /* key=text -> (char *)target of .size bytes, cut is an error */
	OPTION_CHOICE, /* key=one of choices -> *(unsigned *)target, the index */
};

struct option {
	const char *key;
	enum option_kind kind;
	void *target;
	size_t size;         /* OPTION_STRING: bytes at target, terminator included */
	const char *choices; /* OPTION_CHOICE: "auto,intx,gsi" */
};

/* Called for each word that cannot be used, with a sentence that says what was wrong and what
 * would be right, e.g. "route=foo: expected one of auto,intx,gsi". The word is ignored,
 * its target untouched. A long word is cut in the sentence. */
typedef void option_complain_fn(const char *sentence, void *ctx);

/* Parses text (length bytes at the most, or up to its NUL) against a table of n options. A key
 * given twice: the last wins. Returns the number of complaints. Never writes to text. */
unsigned option_parse(const char *text, size_t length, const struct option *table, size_t n,
		      option_complain_fn *complain, void *ctx);

#endif

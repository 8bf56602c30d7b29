/* SPDX-License-Identifier: MIT */
/* The writing half of lib/printf.c: a bounded buffer, and fields aligned in a width. */
#ifndef LIB_FMT_OUT_H
#define LIB_FMT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the text goes: what does not fit is counted all the same. */
struct fmt_out {
	char *buf;
	size_t size;
	size_t length;
};

enum fmt_length { LENGTH_INT, LENGTH_CHAR, LENGTH_SHORT, LENGTH_64 };

/* What stands between a % and its letter, and the letter. */
struct fmt_spec {
	bool left;
	bool zero;
	size_t width;
	int precision; /* -1: none given */
	enum fmt_length length;
	bool sized; /* a length modifier was written */
	char conversion;
};

void fmt_put_char(struct fmt_out *o, char c);
void fmt_put_text(struct fmt_out *o, const char *text, size_t n);
/* A field: the prefix, zeros, and n bytes of text, aligned in the width. */
void fmt_put_field(struct fmt_out *o, const struct fmt_spec *s, const char *prefix,
		   size_t zeros, const char *text, size_t n);
/* A number in the conversion's base, with its precision. */
void fmt_put_number(struct fmt_out *o, const struct fmt_spec *s, uint64_t value,
		    const char *prefix);
void fmt_put_signed(struct fmt_out *o, const struct fmt_spec *s, int64_t value);
/* A text; with a precision it need not be terminated. */
void fmt_put_string(struct fmt_out *o, const struct fmt_spec *s, const char *text);

#endif

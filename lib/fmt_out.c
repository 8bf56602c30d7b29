/* SPDX-License-Identifier: MIT */
#include "lib/fmt_out.h"
#include "lib/string.h"

void fmt_put_char(struct fmt_out *o, char c)
{
	if (o->length < o->size)
		o->buf[o->length] = c;
	o->length++;
}

void fmt_put_text(struct fmt_out *o, const char *text, size_t n)
{
	while (n--)
		fmt_put_char(o, *text++);
}

static void fmt_put_fill(struct fmt_out *o, char c, size_t n)
{
	/* A width of two thousand million costs no more than the buffer has room. */
	for (; n && o->length < o->size; n--)
		fmt_put_char(o, c);
	o->length += n;
}

void fmt_put_field(struct fmt_out *o, const struct fmt_spec *s, const char *prefix,
		   size_t zeros, const char *text, size_t n)
{
	size_t prefix_length = strlen(prefix);
	size_t used = prefix_length + zeros + n;
	size_t blanks = s->width > used ? s->width - used : 0;

	if (!s->left)
		fmt_put_fill(o, ' ', blanks);
	fmt_put_text(o, prefix, prefix_length);
	fmt_put_fill(o, '0', zeros);
	fmt_put_text(o, text, n);
	if (s->left)
		fmt_put_fill(o, ' ', blanks);
}

void fmt_put_number(struct fmt_out *o, const struct fmt_spec *s, uint64_t value,
		    const char *prefix)
{
	const char *digits = s->conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	bool decimal = s->conversion == 'd' || s->conversion == 'i' || s->conversion == 'u';
	unsigned base = decimal ? 10 : 16;
	char text[20]; /* 2^64 has 20 decimal digits */
	size_t first = sizeof(text);

	for (uint64_t rest = value; rest; rest /= base)
		text[--first] = digits[rest % base];
	if (value == 0 && s->precision != 0)
		text[--first] = '0';

	size_t n = sizeof(text) - first;
	size_t least = 0;

	if (s->precision >= 0)
		least = (size_t)s->precision; /* a precision overrules the flag 0, as in C */
	else if (s->zero && !s->left && s->width > strlen(prefix))
		least = s->width - strlen(prefix);
	fmt_put_field(o, s, prefix, least > n ? least - n : 0, text + first, n);
}

void fmt_put_string(struct fmt_out *o, const struct fmt_spec *s, const char *text)
{
	if (!text)
		text = "(null)";
	/* With a precision the text need not be terminated. */
	size_t n = s->precision >= 0 ? strnlen(text, (size_t)s->precision) : strlen(text);

	fmt_put_field(o, s, "", 0, text, n);
}

void fmt_put_signed(struct fmt_out *o, const struct fmt_spec *s, int64_t value)
{
	if (value < 0)
		fmt_put_number(o, s, -(uint64_t)value, "-");
	else
		fmt_put_number(o, s, (uint64_t)value, "");
}

/* SPDX-License-Identifier: MIT */
/* The reading half: the format and the arguments. lib/fmt_out.c writes. */
#include "lib/printf.h"
#include "lib/fmt_out.h"
#include "lib/string.h"

#define FMT_INT_MAX 0x7fffffff

struct fmt_args {
	va_list ap; /* in a struct, so that its address can be passed on */
};

static uint64_t fmt_take_unsigned(struct fmt_args *a, enum fmt_length length)
{
	if (length == LENGTH_64)
		return va_arg(a->ap, unsigned long);

	unsigned value = va_arg(a->ap, unsigned);

	if (length == LENGTH_CHAR)
		return (unsigned char)value;
	if (length == LENGTH_SHORT)
		return (unsigned short)value;
	return value;
}

static int64_t fmt_take_signed(struct fmt_args *a, enum fmt_length length)
{
	if (length == LENGTH_64)
		return va_arg(a->ap, long);

	int value = va_arg(a->ap, int);

	if (length == LENGTH_CHAR)
		return (signed char)value;
	if (length == LENGTH_SHORT)
		return (short)value;
	return value;
}

/* One conversion. False: there is none of this name. */
static bool fmt_put_conversion(struct fmt_out *o, const struct fmt_spec *s, struct fmt_args *a)
{
	char c;

	if (s->sized && !strchr("diuxX", s->conversion))
		return false; /* %ls and the like: no wide characters here */
	switch (s->conversion) {
	case 'd':
	case 'i':
		fmt_put_signed(o, s, fmt_take_signed(a, s->length));
		return true;
	case 'u':
	case 'x':
	case 'X':
		fmt_put_number(o, s, fmt_take_unsigned(a, s->length), "");
		return true;
	case 'p':
		fmt_put_number(o, s, (uintptr_t)va_arg(a->ap, void *), "0x");
		return true;
	case 'c':
		c = (char)va_arg(a->ap, int);
		fmt_put_field(o, s, "", 0, &c, 1);
		return true;
	case 's':
		fmt_put_string(o, s, va_arg(a->ap, const char *));
		return true;
	case '%':
		fmt_put_char(o, '%');
		return true;
	default:
		return false;
	}
}

/* Digits as an int; what is too long becomes FMT_INT_MAX. */
static const char *fmt_parse_digits(const char *p, int *number)
{
	*number = 0;
	for (; *p >= '0' && *p <= '9'; p++) {
		int digit = *p - '0';

		if (*number > (FMT_INT_MAX - digit) / 10)
			*number = FMT_INT_MAX;
		else
			*number = *number * 10 + digit;
	}
	return p;
}

static const char *fmt_parse_width(const char *p, struct fmt_spec *s, struct fmt_args *a)
{
	int width;

	if (*p == '*') {
		width = va_arg(a->ap, int);
		p++;
	} else {
		p = fmt_parse_digits(p, &width);
	}
	if (width < 0)
		s->left = true;
	s->width = width < 0 ? -(size_t)width : (size_t)width;
	return p;
}

static const char *fmt_parse_precision(const char *p, struct fmt_spec *s, struct fmt_args *a)
{
	s->precision = -1;
	if (*p != '.')
		return p;
	p++;
	if (*p != '*')
		return fmt_parse_digits(p, &s->precision);
	s->precision = va_arg(a->ap, int);
	if (s->precision < 0)
		s->precision = -1;
	return p + 1;
}

static const char *fmt_parse_length(const char *p, struct fmt_spec *s)
{
	s->length = LENGTH_INT;
	s->sized = *p == 'l' || *p == 'h' || *p == 'z';
	if (!s->sized)
		return p;
	if (*p == 'h') {
		s->length = p[1] == 'h' ? LENGTH_CHAR : LENGTH_SHORT;
		return s->length == LENGTH_CHAR ? p + 2 : p + 1;
	}
	s->length = LENGTH_64; /* long, long long and size_t alike */
	return p[0] == 'l' && p[1] == 'l' ? p + 2 : p + 1;
}

/* Reads what follows a %; returns the place of the conversion's letter. */
static const char *fmt_parse_spec(const char *p, struct fmt_spec *s, struct fmt_args *a)
{
	s->left = s->zero = false;
	for (;; p++) {
		if (*p == '-')
			s->left = true;
		else if (*p == '0')
			s->zero = true;
		else
			break;
	}
	p = fmt_parse_width(p, s, a);
	p = fmt_parse_precision(p, s, a);
	p = fmt_parse_length(p, s);
	s->conversion = *p;
	return p;
}

static void fmt_put_format(struct fmt_out *o, const char *fmt, struct fmt_args *a)
{
	while (*fmt) {
		if (*fmt != '%') {
			fmt_put_char(o, *fmt++);
			continue;
		}

		struct fmt_spec s;
		const char *end = fmt_parse_spec(fmt + 1, &s, a);

		if (*end)
			end++;
		if (!s.conversion || !fmt_put_conversion(o, &s, a))
			fmt_put_text(o, fmt, (size_t)(end - fmt));
		fmt = end;
	}
}

int fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct fmt_out o = {.buf = buf, .size = size};
	struct fmt_args a;

	va_copy(a.ap, ap);
	fmt_put_format(&o, fmt, &a);
	va_end(a.ap);
	if (size)
		buf[o.length < size ? o.length : size - 1] = '\0';
	return o.length > FMT_INT_MAX ? FMT_INT_MAX : (int)o.length;
}

int fmt_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int length = fmt_vsnprintf(buf, size, fmt, ap);

	va_end(ap);
	return length;
}

/* SPDX-License-Identifier: MIT */
/* The str_* helpers of lib/string.h; the C library's own functions are in lib/string.c. */
#include "lib/string.h"
#include "lib/errno.h"

size_t str_copy(char *dst, const char *src, size_t size)
{
	size_t length = strlen(src);

	if (size) {
		size_t n = length < size ? length : size - 1;

		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return length;
}

/* The value of a digit, or 255 for what is not one in any base. */
static unsigned str_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A' + 10);
	return 255;
}

int str_span_to_u64(const char *s, size_t length, uint64_t *value)
{
	unsigned base = 10;
	uint64_t v = 0;
	bool fits = true;

	if (length > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
		length -= 2;
	}
	if (length == 0)
		return -EINVAL;
	for (; length; length--, s++) {
		unsigned digit = str_digit(*s);

		if (digit >= base)
			return -EINVAL;
		if (v > (UINT64_MAX - digit) / base)
			fits = false; /* go on: what follows may still be no number */
		v = v * base + digit;
	}
	if (!fits)
		return -ERANGE;
	*value = v;
	return 0;
}

int str_to_u64(const char *s, uint64_t *value)
{
	return str_span_to_u64(s, strlen(s), value);
}

int str_list_find(const char *list, const char *word, size_t length)
{
	for (int i = 0;; i++) {
		const char *comma = strchr(list, ',');
		size_t n = comma ? (size_t)(comma - list) : strlen(list);

		if (length && n == length && memcmp(list, word, n) == 0)
			return i;
		if (!comma)
			return -ENOENT;
		list = comma + 1;
	}
}

bool str_list_has(const char *list, const char *word)
{
	return str_list_find(list, word, strlen(word)) >= 0;
}

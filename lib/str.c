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

void str_clean(char *text, size_t size, size_t length)
{
	for (size_t i = 0; i < length && i + 1 < size; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
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

const char *str_list_next(const char **list, size_t *length)
{
	const char *word = *list, *comma = word ? strchr(word, ',') : NULL;

	if (word)
		*length = comma ? (size_t)(comma - word) : strlen(word);
	*list = comma ? comma + 1 : NULL;
	return word;
}

int str_list_find(const char *list, const char *word, size_t length)
{
	const char *at;
	size_t n;

	for (int i = 0; (at = str_list_next(&list, &n)); i++)
		if (length && n == length && memcmp(at, word, n) == 0)
			return i;
	return -ENOENT;
}

bool str_list_has(const char *list, const char *word)
{
	return str_list_find(list, word, strlen(word)) >= 0;
}

bool str_stands_for(const char *pattern, size_t length, const char *word)
{
	if (length && pattern[length - 1] == '*')
		return strncmp(pattern, word, length - 1) == 0;
	return length && strlen(word) == length && memcmp(pattern, word, length) == 0;
}

bool str_list_matches(const char *list, const char *word)
{
	const char *at;
	size_t n;

	while ((at = str_list_next(&list, &n)))
		if (str_stands_for(at, n, word))
			return true;
	return false;
}

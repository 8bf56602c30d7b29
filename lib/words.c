/* SPDX-License-Identifier: MIT */
#include "lib/words.h"

#include <stdbool.h>
#include <stddef.h>

#include "lib/errno.h"

static bool word_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The quote that is open behind this byte; 0: none. */
static char word_quote(char quote, char c)
{
	if (quote)
		return c == quote ? 0 : quote;
	return c == '\'' || c == '"' ? c : 0;
}

char *words_next_command(char *text)
{
	char quote = 0;

	for (; *text; text++) {
		if (*text == ';' && !quote) {
			*text = '\0';
			return text + 1;
		}
		quote = word_quote(quote, *text);
	}
	return NULL;
}

/* Moves the word to *out, without its quotes, and terminates it there: that is never ahead of what
 * is read. What is behind it; NULL: a quote is not closed. */
static char *word_take(char *text, char **out)
{
	char quote = 0, last;

	for (; *text && (quote || !word_is_blank(*text)); text++) {
		char now = word_quote(quote, *text);

		if (now == quote)
			*(*out)++ = *text;
		quote = now;
	}
	last = *text;
	*(*out)++ = '\0';
	if (quote)
		return NULL;
	return last ? text + 1 : text;
}

int words_split(char *text, char **words, unsigned max)
{
	unsigned count = 0;
	char *out = text;

	for (;;) {
		while (word_is_blank(*text))
			text++;
		if (!*text)
			return (int)count;
		if (count == max)
			return -E2BIG;
		words[count++] = out;
		text = word_take(text, &out);
		if (!text)
			return -EINVAL;
	}
}

/* SPDX-License-Identifier: MIT */
#include "lib/option.h"
#include "lib/printf.h"
#include "lib/string.h"

/* A piece of the command line; it has no terminator. */
struct span {
	const char *start;
	size_t length;
};

struct word {
	struct span whole; /* as it was written, for complaints */
	struct span key;
	struct span value;
	bool has_value;
	const char *fault; /* what is wrong with its form; NULL: nothing */
};

static bool option_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool option_span_is(struct span s, const char *text)
{
	return strlen(text) == s.length && memcmp(s.start, text, s.length) == 0;
}

/* A quoted value: up to the same quote, after which the word must end. Returns how many bytes
 * of rest it takes. Without a closing quote nobody knows what was meant: it takes all. */
static size_t option_take_quoted(struct span rest, struct word *w)
{
	char quote = rest.start[0];
	size_t n = 1;

	while (n < rest.length && rest.start[n] != quote)
		n++;
	w->value = (struct span){rest.start + 1, n - 1};
	if (n == rest.length) {
		w->fault = "the quote is not closed; the rest of the line is ignored";
		return n;
	}
	for (n++; n < rest.length && !option_is_blank(rest.start[n]); n++)
		w->fault = "text follows the closing quote";
	return n;
}

static size_t option_take_plain(struct span rest, struct word *w)
{
	size_t n = 0;

	while (n < rest.length && !option_is_blank(rest.start[n]))
		n++;
	w->value = (struct span){rest.start, n};
	return n;
}

/* Takes the first word of rest apart and returns how many bytes it has. */
static size_t option_take_word(struct span rest, struct word *w)
{
	size_t n = 0;

	while (n < rest.length && !option_is_blank(rest.start[n]) && rest.start[n] != '=')
		n++;
	*w = (struct word){.key = {rest.start, n}};
	if (n < rest.length && rest.start[n] == '=') {
		struct span after = {rest.start + n + 1, rest.length - n - 1};
		bool quoted = after.length && (*after.start == '"' || *after.start == '\'');

		w->has_value = true;
		n += 1 + (quoted ? option_take_quoted(after, w) : option_take_plain(after, w));
	}
	w->whole = (struct span){rest.start, n};
	return n;
}

/* Each of the setters returns false, and leaves the target alone, when the value is no good. */
static bool option_set_flag(const struct option *o, const struct word *w)
{
	static const char *const words[] = {"off", "on", "0", "1", "no", "yes"};

	if (!w->has_value) {
		*(bool *)o->target = true;
		return true;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (option_span_is(w->value, words[i])) {
			*(bool *)o->target = i % 2;
			return true;
		}
	}
	return false;
}

static bool option_set_u64(const struct option *o, const struct word *w)
{
	return str_span_to_u64(w->value.start, w->value.length, o->target) == 0;
}

static bool option_set_choice(const struct option *o, const struct word *w)
{
	int i = str_list_find(o->choices, w->value.start, w->value.length);

	if (i >= 0)
		*(unsigned *)o->target = (unsigned)i;
	return i >= 0;
}

/* A word is cut in the sentence, which holds the choices at its end as well. */
#define WORD_SHOWN 64

static void option_complain(option_complain_fn *complain, void *ctx, const struct word *w,
			    const char *what, const char *more)
{
	char sentence[256];
	bool cut = w->whole.length > WORD_SHOWN;

	fmt_snprintf(sentence, sizeof(sentence), "%.*s%s: %s%s",
		     cut ? WORD_SHOWN : (int)w->whole.length, w->whole.start, cut ? "..." : "",
		     what, more);
	complain(sentence, ctx);
}

/* Stores a text. NULL, or what is wrong with it. */
static const char *option_set_string(const struct option *o, const struct word *w)
{
	char *target = o->target;

	if (!w->has_value)
		return "expected a text after =";
	if (w->value.length >= o->size)
		return "the text is too long";
	memcpy(target, w->value.start, w->value.length);
	target[w->value.length] = '\0';
	return NULL;
}

/* Stores a word's value. NULL, or what was expected instead. */
static const char *option_store(const struct option *o, const struct word *w)
{
	switch (o->kind) {
	case OPTION_FLAG:
		return option_set_flag(o, w) ? NULL : "expected on, off, 1, 0, yes or no";
	case OPTION_U64:
		return option_set_u64(o, w) ? NULL : "expected a number below 2^64";
	case OPTION_STRING:
		return option_set_string(o, w);
	case OPTION_CHOICE:
		return option_set_choice(o, w) ? NULL : "expected one of ";
	}
	return "the option's table entry is wrong";
}

static const struct option *option_find(const struct option *table, size_t n, struct span key)
{
	for (size_t i = 0; i < n; i++)
		if (option_span_is(key, table[i].key))
			return &table[i];
	return NULL;
}

/* False: the word could not be used, and somebody has been told. */
static bool option_use_word(const struct word *w, const struct option *table, size_t n,
			    option_complain_fn *complain, void *ctx)
{
	const struct option *o = option_find(table, n, w->key);
	const char *wrong = o ? w->fault : "no such option";
	const char *more = "";

	if (!wrong) {
		wrong = option_store(o, w);
		if (wrong && o->kind == OPTION_CHOICE)
			more = o->choices;
	}
	if (wrong)
		option_complain(complain, ctx, w, wrong, more);
	return !wrong;
}

unsigned option_parse(const char *text, size_t length, const struct option *table, size_t n,
		      option_complain_fn *complain, void *ctx)
{
	struct span rest = {text, strnlen(text, length)};
	unsigned complaints = 0;

	while (rest.length) {
		size_t taken = 1;

		if (!option_is_blank(*rest.start)) {
			struct word w;

			taken = option_take_word(rest, &w);
			if (!option_use_word(&w, table, n, complain, ctx))
				complaints++;
		}
		rest.start += taken;
		rest.length -= taken;
	}
	return complaints;
}

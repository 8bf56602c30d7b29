/* SPDX-License-Identifier: MIT */
#include "lib/json.h"

#include "lib/printf.h"

static void json_flush(struct json *j)
{
	j->piece[j->length] = '\0';
	if (j->length)
		j->emit(j->piece, j->ctx);
	j->length = 0;
}

static void json_char(struct json *j, char c)
{
	if (j->length == sizeof(j->piece) - 1)
		json_flush(j);
	j->piece[j->length++] = c;
}

static void json_text(struct json *j, const char *text)
{
	while (*text)
		json_char(j, *text++);
}

static void json_quoted(struct json *j, const char *text)
{
	char escape[8];

	json_char(j, '"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == '"' || c == '\\') {
			fmt_snprintf(escape, sizeof(escape), "\\u%04x", c);
			json_text(j, escape);
		} else {
			json_char(j, c < 0x7f ? (char)c : '?');
		}
	}
	json_char(j, '"');
}

/* The comma and the key that a value wants before it. */
static void json_key(struct json *j, const char *key)
{
	if (!j->first[j->depth])
		json_char(j, ',');
	j->first[j->depth] = false;
	if (key) {
		json_quoted(j, key);
		json_char(j, ':');
	}
}

static void json_open(struct json *j, char opening, char closing)
{
	json_char(j, opening);
	j->depth++;
	j->first[j->depth] = true;
	j->closing[j->depth] = closing;
}

void json_begin(struct json *j, json_emit_fn *emit, void *ctx)
{
	*j = (struct json){.emit = emit, .ctx = ctx};
	json_open(j, '{', '}');
}

void json_end(struct json *j)
{
	while (j->depth)
		json_close(j);
	json_flush(j);
}

void json_object(struct json *j, const char *key)
{
	json_key(j, key);
	json_open(j, '{', '}');
}

void json_array(struct json *j, const char *key)
{
	json_key(j, key);
	json_open(j, '[', ']');
}

void json_close(struct json *j)
{
	json_char(j, j->closing[j->depth]);
	j->depth--;
}

void json_u64(struct json *j, const char *key, uint64_t value)
{
	char text[24];

	json_key(j, key);
	fmt_snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	json_text(j, text);
}

void json_string(struct json *j, const char *key, const char *value)
{
	json_key(j, key);
	json_quoted(j, value);
}

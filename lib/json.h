/* SPDX-License-Identifier: MIT */
/* Writes a JSON document piece by piece. Keys are Daisy's own plain words; string values may hold
 * any bytes: what JSON wants escaped is escaped, and what is not ASCII becomes '?'. */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH 16u
#define JSON_PIECE 100u

/* Gets the next characters of the document, NUL-terminated, at most JSON_PIECE - 1. */
typedef void json_emit_fn(const char *piece, void *ctx);

struct json {
	json_emit_fn *emit;
	void *ctx;
	char piece[JSON_PIECE];
	unsigned length, depth;
	char closing[JSON_DEPTH];
	bool first[JSON_DEPTH]; /* nothing in this object or array yet */
};

/* The document is one object. json_end() closes what is open and hands on the rest. */
void json_begin(struct json *j, json_emit_fn *emit, void *ctx);
void json_end(struct json *j);
/* key NULL: an element of an array. At most JSON_DEPTH - 1 deep. */
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_close(struct json *j);
void json_u64(struct json *j, const char *key, uint64_t value);
void json_string(struct json *j, const char *key, const char *value);

#endif

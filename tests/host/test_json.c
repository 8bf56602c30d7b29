/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/json.h"

static char text[20000];
static unsigned pieces;

static void collect(const char *piece, void *ctx)
{
	assert_ptr_equal(ctx, text);
	assert_in_range(strlen(piece), 1, JSON_PIECE - 1);
	strcat(text, piece);
	pieces++;
}

static int setup(void **state)
{
	(void)state;
	text[0] = '\0';
	pieces = 0;
	return 0;
}

static void test_an_empty_document(void **state)
{
	struct json j;

	(void)state;
	json_begin(&j, collect, text);
	json_end(&j);
	assert_string_equal(text, "{}");
	assert_int_equal(pieces, 1);
}

static void test_values_and_nesting(void **state)
{
	struct json j;

	(void)state;
	json_begin(&j, collect, text);
	json_u64(&j, "a", 0);
	json_array(&j, "b");
	json_u64(&j, NULL, UINT64_MAX);
	json_object(&j, NULL);
	json_string(&j, "c", "d");
	json_close(&j);
	json_array(&j, NULL);
	json_close(&j);
	json_close(&j);
	json_object(&j, "e");
	json_end(&j);
	assert_string_equal(text,
			    "{\"a\":0,\"b\":[18446744073709551615,{\"c\":\"d\"},[]],\"e\":{}}");
}

/* RFC 8259, section 7: quotation mark, backslash and the controls must be escaped. */
static void test_every_byte_of_a_string(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		char value[2] = {(char)c, 0}, wanted[32];
		struct json j;

		text[0] = '\0';
		json_begin(&j, collect, text);
		json_string(&j, "k", value);
		json_end(&j);
		if (c < 0x20 || c == '"' || c == '\\')
			snprintf(wanted, sizeof(wanted), "{\"k\":\"\\u%04x\"}", c);
		else
			snprintf(wanted, sizeof(wanted), "{\"k\":\"%c\"}", c < 0x7f ? c : '?');
		assert_string_equal(text, wanted);
	}
}

/* Whatever the length, the pieces are the document. */
static void test_pieces_join(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 500; n++) {
		char value[501], wanted[520];
		struct json j;

		memset(value, 'x', n);
		value[n] = '\0';
		text[0] = '\0';
		pieces = 0;
		json_begin(&j, collect, text);
		json_string(&j, "k", value);
		json_end(&j);
		snprintf(wanted, sizeof(wanted), "{\"k\":\"%s\"}", value);
		assert_string_equal(text, wanted);
		assert_int_equal(pieces, (n + 8 + JSON_PIECE - 2) / (JSON_PIECE - 1));
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_empty_document),
		TEST(test_values_and_nesting),
		TEST(test_every_byte_of_a_string),
		TEST(test_pieces_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

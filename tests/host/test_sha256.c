/* SPDX-License-Identifier: MIT */
/* The vectors are those of FIPS 180-4's examples and of NIST's CAVP (SHA256ShortMsg). */
#include "tests/host/test.h"

#include "lib/sha256.h"

static void check(const void *bytes, size_t length, size_t step, const char *expected)
{
	uint8_t *copy = exact_copy(bytes, length), digest[SHA256_BYTES];
	char text[2 * SHA256_BYTES + 1];
	struct sha256 s;

	sha256_begin(&s);
	for (size_t at = 0; at < length; at += step)
		sha256_add(&s, copy + at, length - at < step ? length - at : step);
	sha256_end(&s, digest);
	sha256_text(digest, text);
	assert_string_equal(text, expected);
	free(copy);
}

static void test_vectors(void **state)
{
	static const char abc[] = "abc";
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	static const uint8_t d3 = 0xd3;

	(void)state;
	check("", 0, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check(&d3, 1, 1, "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
	for (size_t step = 1; step < 60; step++) {
		check(abc, 3, step,
		      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
		check(two, 56, step,
		      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	}
}

static void test_a_million(void **state)
{
	char *bytes = malloc(1000000);

	(void)state;
	memset(bytes, 'a', 1000000);
	for (size_t step = 1; step < 2000000; step = step * 7 + 1)
		check(bytes, 1000000, step,
		      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_a_million),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

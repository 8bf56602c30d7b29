/* SPDX-License-Identifier: MIT */
/* Messages: requests, replies, errors, lists, directories in parts. */
#include "tests/host/test.h"
#include "lib/errno.h"
#include "lib/xs_wire.h"

static void check_header(const void *buf, uint32_t type, uint32_t req, uint32_t tx,
			 uint32_t len)
{
	/* The format's four words in their order, not through the structure. */
	uint32_t words[4];

	memcpy(words, buf, sizeof(words));
	assert_int_equal(words[0], type);
	assert_int_equal(words[1], req);
	assert_int_equal(words[2], tx);
	assert_int_equal(words[3], len);
}

/* A request as it goes over the ring: header, path, value. */
static int build(char *buf, uint32_t type, uint32_t req, uint32_t tx, const char *path,
		 const void *value, size_t length)
{
	struct xsd_sockmsg hdr;
	int n = xs_request_header(&hdr, type, req, tx, path, length);

	if (n < 0)
		return n;
	memcpy(buf, &hdr, sizeof(hdr));
	memcpy(buf + sizeof(hdr), path, n);
	if (length)
		memcpy(buf + sizeof(hdr) + n, value, length);
	assert_int_equal(hdr.len, n + length);
	return sizeof(hdr) + hdr.len;
}

static void test_build(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(build(buf, XS_READ, 7, 0, "domid", NULL, 0), 22);
	check_header(buf, 2, 7, 0, 6);
	assert_memory_equal(buf + 16, "domid", 6);

	assert_int_equal(build(buf, XS_WRITE, 8, 9, "a/b", "xyz", 3), 23);
	check_header(buf, 11, 8, 9, 7);
	assert_memory_equal(buf + 16, "a/b\0xyz", 7);

	/* A watch: the token's terminator is part of the value. */
	assert_int_equal(build(buf, XS_WATCH, 1, 0, "p", "tok", 4), 22);
	check_header(buf, 4, 1, 0, 6);
	assert_memory_equal(buf + 16, "p\0tok", 6);

	/* A transaction's start: an empty path. */
	assert_int_equal(build(buf, XS_TRANSACTION_START, 2, 0, "", NULL, 0), 17);
	check_header(buf, 6, 2, 0, 1);
	assert_int_equal(buf[16], 0);
}

static int header(const char *path, size_t length)
{
	struct xsd_sockmsg hdr;

	return xs_request_header(&hdr, XS_WRITE, 1, 2, path, length);
}

static void test_payload_limit(void **state)
{
	char *path = malloc(8192);

	(void)state;
	memset(path, 'p', 8192);
	path[4095] = '\0'; /* with its terminator exactly the limit */
	assert_int_equal(header(path, 0), 4096);
	assert_int_equal(header(path, 1), -EMSGSIZE);
	path[4095] = 'p';
	path[4096] = '\0';
	assert_int_equal(header(path, 0), -EMSGSIZE);
	assert_int_equal(header("p", 4094), 2);
	assert_int_equal(header("p", 4095), -EMSGSIZE);
	/* Lengths whose sum with anything wraps. */
	assert_int_equal(header("p", SIZE_MAX), -EMSGSIZE);
	assert_int_equal(header("p", SIZE_MAX - 17), -EMSGSIZE);
	assert_int_equal(header("p", 1ULL << 32), -EMSGSIZE);
	free(path);
}

/* A path as long as the payload may be, in memory that ends there: no terminator, no overrun.
 */
static void test_open_path(void **state)
{
	char *text = malloc(XENSTORE_PAYLOAD_MAX), *open;

	(void)state;
	memset(text, 'p', XENSTORE_PAYLOAD_MAX);
	open = exact_copy(text, XENSTORE_PAYLOAD_MAX);
	assert_int_equal(header(open, 0), -EMSGSIZE);
	free(open);
	free(text);
}

static int check_reply(uint32_t type, uint32_t req, uint32_t len)
{
	struct xsd_sockmsg hdr = {.type = type, .req_id = req, .tx_id = 5, .len = len};

	return xs_check_reply(&hdr, XS_READ, 42);
}

static void test_check_reply(void **state)
{
	(void)state;
	assert_int_equal(check_reply(XS_READ, 42, 0), 0);
	assert_int_equal(check_reply(XS_READ, 42, 4096), 0);
	assert_int_equal(check_reply(XS_ERROR, 42, 7), 0);
	assert_int_equal(check_reply(XS_READ, 42, 4097), -EMSGSIZE);
	assert_int_equal(check_reply(XS_READ, 42, UINT32_MAX), -EMSGSIZE);
	assert_int_equal(check_reply(XS_ERROR, 42, 0x80000000), -EMSGSIZE);
	assert_int_equal(check_reply(XS_WRITE, 42, 0), -EBADMSG);
	assert_int_equal(check_reply(XS_WATCH_EVENT, 42, 0), -EBADMSG);
	assert_int_equal(check_reply(XS_READ, 43, 0), -EBADMSG);
	assert_int_equal(check_reply(XS_ERROR, 41, 0), -EBADMSG);
	assert_int_equal(check_reply(UINT32_MAX, 42, 0), -EBADMSG);
	assert_int_equal(check_reply(XS_WRITE, 43, 4097), -EMSGSIZE);
}

static int error_of(const char *bytes, size_t length)
{
	char *open = exact_copy(bytes, length);
	int n = xs_error_number(open, length);

	free(open);
	return n;
}

static void test_error_numbers(void **state)
{
	(void)state;
	assert_int_equal(error_of("ENOENT", 7), 2);
	assert_int_equal(error_of("ENOENT", 6), 2);
	assert_int_equal(error_of("EINVAL", 7), 22);
	assert_int_equal(error_of("EACCES", 7), 13);
	assert_int_equal(error_of("EEXIST", 7), 17);
	assert_int_equal(error_of("EISDIR", 7), 21);
	assert_int_equal(error_of("ENOMEM", 7), 12);
	assert_int_equal(error_of("ENOSPC", 7), 28);
	assert_int_equal(error_of("EIO", 4), 5);
	assert_int_equal(error_of("ENOTEMPTY", 10), 39);
	assert_int_equal(error_of("ENOSYS", 7), 38);
	assert_int_equal(error_of("EROFS", 6), 30);
	assert_int_equal(error_of("EBUSY", 6), 16);
	assert_int_equal(error_of("EAGAIN", 7), 11);
	assert_int_equal(error_of("EISCONN", 8), 106);
	assert_int_equal(error_of("E2BIG", 6), 7);
	assert_int_equal(error_of("EPERM", 6), 1);
}

static void test_unknown_errors(void **state)
{
	(void)state;
	assert_int_equal(error_of("", 0), 22);
	assert_int_equal(error_of("", 1), 22);
	assert_int_equal(error_of("EWEIRD", 7), 22);
	assert_int_equal(error_of("enoent", 7), 22);
	assert_int_equal(error_of("EBUSYX", 7), 22);
	assert_int_equal(error_of("EBUS", 5), 22);
	assert_int_equal(error_of("EIO ", 4), 22);
	/* What follows the terminator does not count. */
	assert_int_equal(error_of("EBUSY\0junk", 10), 16);
	/* Every beginning of a name is not the name. */
	for (size_t n = 0; n < 9; n++)
		assert_int_equal(error_of("ENOTEMPTY", n), 22);
}

static int count_of(const char *bytes, size_t length)
{
	char *open = exact_copy(bytes, length);
	int n = xs_count_strings(open, length);

	free(open);
	return n;
}

static void test_count_strings(void **state)
{
	(void)state;
	assert_int_equal(count_of("", 0), 0);
	assert_int_equal(count_of("", 1), 1);
	assert_int_equal(count_of("a", 2), 1);
	assert_int_equal(count_of("a\0b", 4), 2);
	assert_int_equal(count_of("a\0\0", 3), 2);
	assert_int_equal(count_of("a\0b", 3), -EBADMSG);
	assert_int_equal(count_of("a", 1), -EBADMSG);
}

/* --- directories in parts --- */

static int dir_add(struct xs_dir *dir, const char *bytes, size_t length)
{
	char *open = exact_copy(bytes, length);
	int n = xs_dir_add(dir, open, length);

	free(open);
	return n;
}

#define ADD(dir, literal) dir_add(dir, literal, sizeof(literal) - 1)

/* Names that are cut into two parts at every border between them. */
static void test_dir_every_split(void **state)
{
	static const char names[] = "a\0bc\0def\0g"; /* with the literal's own NUL: 11 bytes */
	char first[64] = "17", second[64] = "17", buf[11];

	(void)state;
	for (size_t cut = 2; cut < sizeof(names); cut++) {
		struct xs_dir dir = {.names = buf, .size = sizeof(buf)};
		size_t rest = sizeof(names) - cut;

		if (names[cut - 1])
			continue;
		memcpy(first + 3, names, cut);
		memcpy(second + 3, names + cut, rest);
		second[3 + rest] = '\0';
		assert_int_equal(dir_add(&dir, first, 3 + cut), 1);
		assert_int_equal(dir.length, cut);
		assert_int_equal(dir_add(&dir, second, 3 + rest + 1), 0);
		assert_int_equal(dir.length, sizeof(names));
		assert_memory_equal(buf, names, sizeof(names));
	}
}

static void test_dir_ends(void **state)
{
	char buf[8];
	struct xs_dir dir = {.names = buf, .size = sizeof(buf)};

	(void)state;
	assert_int_equal(ADD(&dir, "5\0\0"), 0); /* empty */
	assert_int_equal(dir.length, 0);
	assert_int_equal(ADD(&dir, "5\0ab\0"), 1);
	assert_int_equal(ADD(&dir, "6\0cd\0\0"), -EAGAIN); /* changed: from the start */
	assert_int_equal(dir.length, 0);
	assert_int_equal(ADD(&dir, "6\0ab\0"), 1);
	assert_int_equal(ADD(&dir, "6\0abcd\0\0"), 0); /* fits to the byte */
	assert_int_equal(dir.length, 8);
	dir = (struct xs_dir){.names = buf, .size = sizeof(buf)};
	assert_int_equal(ADD(&dir, "6\0abcdefgh\0\0"), -EMSGSIZE);
	assert_int_equal(ADD(&dir, "6\0abcdefg\0"), 1);
	assert_int_equal(ADD(&dir, "6\0x\0"), -EMSGSIZE);
	assert_int_equal(ADD(&dir, "6\0\0"), 0); /* the end, behind a last part that was full */
	assert_int_equal(dir.length, 8);
}

static void test_dir_hostile(void **state)
{
	char buf[64];
	struct xs_dir dir = {.names = buf, .size = sizeof(buf)};

	(void)state;
	assert_int_equal(dir_add(&dir, "", 0), -EBADMSG);
	assert_int_equal(ADD(&dir, "\0"), -EBADMSG);
	assert_int_equal(ADD(&dir, "5"), -EBADMSG);
	assert_int_equal(ADD(&dir, "5\0"), -EBADMSG);
	assert_int_equal(ADD(&dir, "\0a\0"), -EBADMSG);
	assert_int_equal(ADD(&dir, "5\0a"), -EBADMSG);
	assert_int_equal(ADD(&dir, "123456789012345678901234\0a\0"), -EBADMSG);
	assert_int_equal(ADD(&dir, "12345678901234567890123\0a\0"), 1);
	/* A longer generation with the same beginning, and a shorter one. */
	assert_int_equal(ADD(&dir, "1234567890123456789012\0a\0"), -EAGAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_payload_limit),
		cmocka_unit_test(test_open_path),
		cmocka_unit_test(test_check_reply),
		cmocka_unit_test(test_error_numbers),
		cmocka_unit_test(test_unknown_errors),
		cmocka_unit_test(test_count_strings),
		cmocka_unit_test(test_dir_every_split),
		cmocka_unit_test(test_dir_ends),
		cmocka_unit_test(test_dir_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

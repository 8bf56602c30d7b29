/* SPDX-License-Identifier: MIT */
/* A store that lies, breaks off, or begins anew. */
#include "tests/host/xs_store.h"

#include "lib/errno.h"

static int reply_result(uint32_t type, uint32_t id_off, const char *payload, uint32_t length)
{
	char buf[4];
	struct xs_request a = ask(XS_READ, buf, sizeof(buf));
	int result;

	open_at(0, 0);
	xs_conn_add(&conn, &a);
	store_says(type, a.id + id_off, payload, length);
	/* Whatever that was, the next one is understood. */
	store_says(XS_WATCH_EVENT, 0, "x\0y", 4);
	assert_int_equal(xs_conn_pull(&conn), 16 + length + 20);
	assert_int_equal(events, type == XS_WATCH_EVENT ? 2 : 1);
	assert_string_equal(event_path, "x");
	result = a.done ? a.result : -EBUSY;
	assert_int_equal(xs_conn_remove(&conn, &a), !a.done);
	assert_null(conn.waiting);
	close_all();
	return result;
}

static void test_replies_that_are_none(void **state)
{
	(void)state;
	assert_int_equal(reply_result(XS_READ, 0, "ab", 2), 2);
	assert_int_equal(reply_result(XS_READ, 0, NULL, 0), 0);
	assert_int_equal(conn.strays, 0);
	assert_int_equal(reply_result(XS_ERROR, 0, "ENOENT", 7), -ENOENT);
	assert_int_equal(reply_result(XS_ERROR, 0, "EWEIRD", 7), -EINVAL);
	assert_int_equal(reply_result(XS_ERROR, 0, NULL, 0), -EINVAL);
	assert_int_equal(conn.strays, 0);
	assert_int_equal(reply_result(XS_WRITE, 0, "OK", 3), -EBADMSG);
	assert_int_equal(reply_result(XS_TYPE_COUNT, 0, "OK", 3), -EBADMSG);
	assert_int_equal(reply_result(UINT32_MAX, 0, "OK", 3), -EBADMSG);
	assert_int_equal(conn.strays, 1);
	assert_int_equal(reply_result(XS_READ, 1, "ab", 2), -EBUSY);
	assert_int_equal(reply_result(XS_ERROR, 1, "EIO", 4), -EBUSY);
	assert_int_equal(reply_result(XS_WATCH_EVENT, 0, "a\0b", 4), -EBUSY);
	assert_int_equal(conn.strays, 0);
}

/* Strings that do not end, or are too few; a third one may come one day. */
static void test_events_that_are_none(void **state)
{
	static const struct {
		const char *payload;
		uint32_t length, events;
	} cases[] = {{"", 0, 0},     {"a", 1, 0},  {"a", 2, 0},       {"a\0b", 3, 0},
		     {"a\0b", 4, 1}, {"\0", 2, 1}, {"a\0b\0c", 6, 1}, {"a\0b\0c", 5, 0}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		open_at(0, 0);
		store_says(XS_WATCH_EVENT, 0, cases[i].payload, cases[i].length);
		xs_conn_pull(&conn);
		assert_int_equal(events, cases[i].events);
		assert_int_equal(conn.strays, !cases[i].events);
		close_all();
	}
}

/* Longer than any may be: found with the header's last byte, nothing of the payload taken. */
static void test_too_long(void **state)
{
	static const uint32_t lengths[] = {4097, 0x80000000, UINT32_MAX - 15, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		uint32_t words[4] = {XS_READ, 1, 0, lengths[i]};

		open_at(0, 0);
		store_puts(words, 15);
		assert_int_equal(xs_conn_pull(&conn), 15);
		store_puts((char *)words + 15, 1);
		assert_int_equal(xs_conn_pull(&conn), -EMSGSIZE);
		close_all();
		open_at(0, 0);
		store_puts(words, 16);
		store_puts("junk", 4);
		assert_int_equal(xs_conn_pull(&conn), -EMSGSIZE);
		assert_int_equal(ring->rsp_cons, 16);
		close_all();
	}
	open_at(0, 0);
	store_puts((uint32_t[]){XS_READ, 1, 0, 4096}, 16); /* the longest that may be */
	assert_int_equal(xs_conn_pull(&conn), 16);
	close_all();
}

static void test_impossible_indices(void **state)
{
	struct xs_request a = ask(XS_READ, NULL, 0);

	(void)state;
	open_at(100, 200);
	xs_conn_add(&conn, &a);
	ring->rsp_prod = 200 + RING + 1;
	assert_int_equal(xs_conn_pull(&conn), -EINVAL);
	ring->rsp_prod = 199;
	assert_int_equal(xs_conn_pull(&conn), -EINVAL);
	ring->req_cons = 101;
	assert_int_equal(xs_conn_push(&conn, &a, "x", 1), -EINVAL);
	ring->req_cons = 100 - RING - 1;
	assert_int_equal(xs_conn_push(&conn, &a, "x", 1), -EINVAL);
	ring->req_cons = 100 - RING; /* full */
	assert_int_equal(xs_conn_push(&conn, &a, "x", 1), 0);
	assert_int_equal(ring->req_prod, 100);
	close_all();
}

/* The other side sets the indices back in the middle of everything. */
static void test_begun_anew(void **state)
{
	struct xs_request a = ask(XS_READ, NULL, 0), b = a;

	(void)state;
	open_at(100, 200);
	xs_conn_add(&conn, &a);
	assert_int_equal(xs_conn_push(&conn, &a, "half", 4), 4);
	store_puts("half a header", 10);
	assert_int_equal(xs_conn_pull(&conn), 10);
	ring->req_cons = ring->req_prod = ring->rsp_cons = ring->rsp_prod = 0;
	assert_int_equal(xs_conn_state(&conn), -ENOTCONN);
	assert_int_equal(xs_conn_pull(&conn), -ENOTCONN);
	assert_int_equal(xs_conn_push(&conn, &a, "x", 1), -ENOTCONN);
	assert_int_equal(ring->req_prod, 0);
	xs_conn_lose(&conn);
	assert_true(a.done && a.result == -ENOTCONN);
	assert_int_equal(xs_conn_open(&conn), 0);
	/* The other half of a request does not go to the new connection. */
	assert_int_equal(xs_conn_push(&conn, &a, "half", 4), -EISCONN);
	assert_int_equal(ring->req_prod, 0);
	xs_conn_add(&conn, &b);
	assert_int_equal(xs_conn_push(&conn, &b, "x", 1), 1);
	store_says(XS_READ, b.id, NULL, 0); /* and the half header is forgotten */
	assert_int_equal(xs_conn_pull(&conn), 16);
	assert_true(b.done && b.result == 0);
	close_all();
}

static void test_connection_and_error_fields(void **state)
{
	struct xs_request a = ask(XS_READ, NULL, 0);

	(void)state;
	open_at(0, 0);
	assert_int_equal(xs_conn_ask_reset(&conn), -EOPNOTSUPP);
	assert_int_equal(ring->connection, XENSTORE_CONNECTED);
	ring->error = XENSTORE_ERROR_PROTO;
	xs_conn_add(&conn, &a);
	assert_int_equal(xs_conn_pull(&conn), -EIO);
	assert_int_equal(xs_conn_push(&conn, &a, "x", 1), -EIO);
	ring->error = 77; /* one that is not known yet */
	assert_int_equal(xs_conn_state(&conn), -EIO);
	ring->error = 0;
	ring->server_features = XENSTORE_SERVER_FEATURE_RECONNECTION;
	assert_int_equal(xs_conn_ask_reset(&conn), 0);
	assert_int_equal(ring->connection, XENSTORE_RECONNECT);
	assert_int_equal(xs_conn_state(&conn), -ENOTCONN);
	xs_conn_lose(&conn);
	assert_int_equal(xs_conn_open(&conn), -ENOTCONN);
	ring->connection = XENSTORE_CONNECTED;
	assert_int_equal(xs_conn_state(&conn), -ENOTCONN); /* lost until it is opened */
	assert_int_equal(xs_conn_open(&conn), 0);
	assert_int_equal(xs_conn_state(&conn), 0);
	close_all();
}

/* Noise: whatever lies in the page, nothing outside is touched (the sanitizers look), and every
 * answer is one of those that are documented. */
static void test_noise(void **state)
{
	uint32_t seed = 77;

	(void)state;
	for (unsigned life = 0; life < 3000; life++) {
		char *buf = malloc(9);
		struct xs_request a = ask(XS_READ, buf, 9);
		int n = 0;

		open_at(next_random(&seed), next_random(&seed));
		xs_conn_add(&conn, &a);
		for (unsigned turn = 0; turn < 20 && n >= 0; turn++) {
			uint32_t words[4] = {next_random(&seed) % 20, next_random(&seed) % 3, 0,
					     next_random(&seed) % 300};

			for (size_t i = 0; i < RING; i++)
				ring->rsp[i] = (char)(next_random(&seed) % 3);
			if (next_random(&seed) % 4)
				xs_ring_copy_in(ring->rsp, conn.rsp_cons, words, 16);
			ring->rsp_prod = conn.rsp_cons + next_random(&seed) % (RING + 2);
			n = xs_conn_pull(&conn);
			assert_true(n >= 0 || n == -EMSGSIZE || n == -EINVAL);
			ring->req_cons = conn.req_prod - next_random(&seed) % (RING + 2);
			assert_true(xs_conn_push(&conn, &a, words, 16) >= -EINVAL);
		}
		close_all();
		free(buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies_that_are_none),
		cmocka_unit_test(test_events_that_are_none),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_impossible_indices),
		cmocka_unit_test(test_begun_anew),
		cmocka_unit_test(test_connection_and_error_fields),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* One xenstore connection against a store that is played here: every split, every start of the
 * indices, replies in any order, and a store that lies. */
#include "tests/host/test.h"
#include "lib/errno.h"
#include "lib/xs_conn.h"

#define RING XENSTORE_RING_SIZE

static struct xs_conn conn;
static struct xenstore_domain_interface *ring;
static unsigned events;
static char event_path[64], event_token[64];

static void on_event(void *ctx, const char *path, const char *token)
{
	assert_ptr_equal(ctx, &events);
	events++;
	snprintf(event_path, sizeof(event_path), "%s", path);
	snprintf(event_token, sizeof(event_token), "%s", token);
}

/* Ring and payload each in memory that ends with them. */
static void open_at(uint32_t req, uint32_t rsp)
{
	ring = calloc(1, sizeof(*ring));
	ring->req_cons = ring->req_prod = req;
	ring->rsp_cons = ring->rsp_prod = rsp;
	conn = (struct xs_conn){.ring = ring,
				.payload = malloc(XENSTORE_PAYLOAD_MAX),
				.event = on_event,
				.ctx = &events};
	events = 0;
	assert_int_equal(xs_conn_open(&conn), 0);
	assert_int_equal(xs_conn_state(&conn), 0);
}

static void close_all(void)
{
	free(conn.payload);
	free(ring);
}

static void store_puts(const void *bytes, uint32_t length)
{
	xs_ring_copy_in(ring->rsp, ring->rsp_prod, bytes, length);
	ring->rsp_prod += length;
}

static uint32_t message(char *buf, uint32_t type, uint32_t id, const void *payload,
			uint32_t length)
{
	uint32_t words[4] = {type, id, 0, length};

	memcpy(buf, words, sizeof(words));
	if (length)
		memcpy(buf + sizeof(words), payload, length);
	return sizeof(words) + length;
}

static void store_says(uint32_t type, uint32_t id, const void *payload, uint32_t length)
{
	char buf[16 + RING];

	store_puts(buf, message(buf, type, id, payload, length));
}

static struct xs_request ask(uint32_t type, void *buf, size_t size)
{
	return (struct xs_request){.type = type, .buf = buf, .size = size};
}

static const uint32_t starts[] = {0,         1, 1009, 1023, 1024, 0x7fffffff, UINT32_MAX - 20,
				  UINT32_MAX};

/* A reply, an event and another reply in one stream, cut into two at every byte, wherever the
 * indices start. */
static void test_every_split(void **state)
{
	char stream[128];
	uint32_t length;

	(void)state;
	for (size_t s = 0; s < COUNT(starts); s++) {
		for (uint32_t cut = 0; cut <= 72; cut++) {
			char one[5] = "", two[3] = "";
			struct xs_request a = ask(XS_READ, one, 5), b = ask(XS_WRITE, two, 3);

			open_at(7, starts[s]);
			xs_conn_add(&conn, &a);
			xs_conn_add(&conn, &b);
			length = message(stream, XS_READ, a.id, "hello", 5);
			length += message(stream + length, XS_WATCH_EVENT, 0, "p/q\0tok", 8);
			length += message(stream + length, XS_WRITE, b.id, "OK", 3);
			length += message(stream + length, XS_READ, 999, NULL, 0);
			assert_int_equal(length, 80);
			store_puts(stream, cut);
			assert_int_equal(xs_conn_pull(&conn), cut);
			assert_int_equal(a.done, cut >= 21);
			assert_int_equal(events, cut >= 45);
			assert_int_equal(b.done, cut >= 64);
			store_puts(stream + cut, length - cut);
			assert_int_equal(xs_conn_pull(&conn), length - cut);
			assert_true(a.done && b.done && !conn.waiting);
			assert_int_equal(a.result, 5);
			assert_memory_equal(one, "hello", 5);
			assert_int_equal(b.result, 3);
			assert_int_equal(events, 1);
			assert_string_equal(event_path, "p/q");
			assert_string_equal(event_token, "tok");
			assert_int_equal(conn.strays, 1);
			assert_int_equal(ring->rsp_cons, ring->rsp_prod);
			assert_int_equal(xs_conn_pull(&conn), 0);
			close_all();
		}
	}
}

/* One byte at a time, a payload longer than the ring. */
static void test_byte_by_byte(void **state)
{
	char *text = malloc(4096), *got = malloc(4096), *stream = malloc(16 + 4096);
	struct xs_request a = ask(XS_DIRECTORY, got, 4096);
	uint32_t length, seed = 5;

	(void)state;
	for (int i = 0; i < 4096; i++)
		text[i] = (char)next_random(&seed);
	open_at(0, UINT32_MAX - 100);
	xs_conn_add(&conn, &a);
	length = message(stream, XS_DIRECTORY, a.id, text, 4096);
	for (uint32_t i = 0; i < length; i++) {
		assert_false(a.done);
		store_puts(stream + i, 1);
		assert_int_equal(xs_conn_pull(&conn), 1);
	}
	assert_true(a.done);
	assert_int_equal(a.result, 4096);
	assert_memory_equal(got, text, 4096);
	close_all();
	free(stream);
	free(got);
	free(text);
}

/* What is pushed arrives, in pieces as there is room, from every start. */
static void test_push(void **state)
{
	struct xs_request a = ask(XS_WRITE, NULL, 0);
	char sent[3000], got[3000];
	uint32_t seed = 11;

	(void)state;
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)next_random(&seed);
	for (size_t s = 0; s < COUNT(starts); s++) {
		uint32_t in = 0, out = 0;

		open_at(starts[s], 0);
		xs_conn_add(&conn, &a);
		while (out < sizeof(sent)) {
			int n = xs_conn_push(&conn, &a, sent + in, sizeof(sent) - in);
			uint32_t take = next_random(&seed) % 300;

			assert_true(n >= 0);
			in += n;
			assert_int_equal(ring->req_prod - ring->req_cons, in - out);
			assert_true(in - out == RING || in == sizeof(sent));
			take = take < in - out ? take : in - out;
			xs_ring_copy_out(ring->req, ring->req_cons, got + out, take);
			ring->req_cons += take;
			out += take;
		}
		assert_memory_equal(sent, got, sizeof(sent));
		close_all();
	}
}

static void test_replies_in_any_order(void **state)
{
	static const unsigned order[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
					    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	(void)state;
	for (size_t o = 0; o < COUNT(order); o++) {
		struct xs_request r[3];
		char text[3] = {0};

		open_at(0, 0);
		for (int i = 0; i < 3; i++) {
			r[i] = ask(XS_READ, &text[i], 1);
			xs_conn_add(&conn, &r[i]);
		}
		for (int i = 0; i < 3; i++)
			store_says(XS_READ, r[order[o][i]].id, &"abc"[order[o][i]], 1);
		xs_conn_pull(&conn);
		assert_memory_equal(text, "abc", 3);
		for (int i = 0; i < 3; i++)
			assert_true(r[i].done && r[i].result == 1);
		assert_int_equal(conn.strays, 0);
		close_all();
	}
}

/* Into buffers of every size: no byte beyond, and the whole length is told. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t size = 0; size < 10; size++) {
		char *buf = exact_copy("##########", size);
		struct xs_request a = ask(XS_READ, buf, size);

		open_at(0, 0);
		xs_conn_add(&conn, &a);
		store_says(XS_READ, a.id, "1234567", 7);
		xs_conn_pull(&conn);
		assert_int_equal(a.result, 7);
		assert_memory_equal(buf, "1234567###", size);
		close_all();
		free(buf);
	}
}

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

static void test_ids(void **state)
{
	struct xs_request a = ask(XS_READ, NULL, 0), b = a, c = a;

	(void)state;
	open_at(0, 0);
	conn.last_id = UINT32_MAX - 1;
	xs_conn_add(&conn, &a);
	xs_conn_add(&conn, &b);
	assert_int_equal(a.id, UINT32_MAX);
	assert_int_equal(b.id, 1); /* 0 is the events' */
	conn.last_id = UINT32_MAX - 1;
	xs_conn_add(&conn, &c);
	assert_int_equal(c.id, 2); /* the others wait still */
	assert_true(xs_conn_remove(&conn, &b));
	assert_false(xs_conn_remove(&conn, &b));
	xs_conn_fail(&conn, -EIO);
	assert_true(a.done && c.done && !b.done);
	assert_int_equal(a.result, -EIO);
	assert_false(xs_conn_remove(&conn, &a));
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
		cmocka_unit_test(test_every_split),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_replies_in_any_order),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_replies_that_are_none),
		cmocka_unit_test(test_events_that_are_none),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_impossible_indices),
		cmocka_unit_test(test_begun_anew),
		cmocka_unit_test(test_connection_and_error_fields),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

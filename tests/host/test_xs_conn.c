/* SPDX-License-Identifier: MIT */
/* One xenstore connection: every split of a stream, every start of the indices, replies in any order.
 */
#include "tests/host/xs_store.h"

#include "lib/errno.h"

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

static unsigned tells;

/* Whoever receives may do so at any time. True: the store is told. */
static bool receive(void)
{
	bool told = xs_conn_pull(&conn) > 0 && xs_conn_tell_room(&conn);

	tells += told;
	return told;
}

/* The store writes what there is room for, as it has seen it. True: the ring is full, and it waits. */
static bool store_writes(const char *from, uint32_t *put, uint32_t length, uint32_t *seed)
{
	uint32_t room = RING - (ring->rsp_prod - ring->rsp_cons);

	room = room < length - *put ? room : length - *put;
	room = next_random(seed) % 2 ? room : next_random(seed) % (room + 1);
	if (next_random(seed) % 4 == 0)
		receive();
	store_puts(from + *put, room);
	*put += room;
	if (next_random(seed) % 4 == 0)
		receive();
	return ring->rsp_prod - ring->rsp_cons == RING;
}

/* A store that waits with a full ring is told of room, and nobody is for each reply. */
static void test_room_is_told(void **state)
{
	char stream[16 * RING];
	uint32_t seed = 3;

	(void)state;
	for (size_t s = 0; s < COUNT(starts); s++) {
		uint32_t length = 0, put = 0;

		open_at(0, starts[s]);
		tells = 0;
		while (length < 15 * RING)
			length += message(stream + length, XS_WATCH_EVENT, 0, "p\0t\0and more",
					  4 + next_random(&seed) % 9);
		while (put < length)
			if (store_writes(stream, &put, length, &seed))
				assert_true(receive());
		receive();
		assert_int_equal(ring->rsp_cons, ring->rsp_prod);
		assert_in_range(tells, length / (2 * RING), 2 * length / RING);
		close_all();
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
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_room_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xs_conn.h"

_Static_assert(offsetof(struct xenstore_domain_interface, req_cons) == 2 * XENSTORE_RING_SIZE,
	       "two rings, then the indices");

static uint32_t shared_read(const uint32_t *word)
{
	/* The other side wrote the bytes before the index: they are read after it. */
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void shared_write(uint32_t *word, uint32_t value)
{
	/* The bytes have been written or read before the other side sees the index move. */
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

int xs_conn_open(struct xs_conn *conn)
{
	if (shared_read(&conn->ring->connection) != XENSTORE_CONNECTED)
		return -ENOTCONN;
	conn->req_prod = shared_read(&conn->ring->req_prod);
	conn->rsp_cons = shared_read(&conn->ring->rsp_cons);
	conn->told = conn->rsp_cons;
	conn->received = 0;
	conn->lost = false;
	conn->epoch++;
	return 0;
}

void xs_conn_lose(struct xs_conn *conn)
{
	conn->lost = true;
	xs_conn_fail(conn, -ENOTCONN);
}

int xs_conn_state(const struct xs_conn *conn)
{
	struct xenstore_domain_interface *ring = conn->ring;

	/* Where the other side has no error field, it is a part of the page that stays 0. */
	if (conn->lost || shared_read(&ring->connection) != XENSTORE_CONNECTED)
		return -ENOTCONN;
	if (shared_read(&ring->error) != XENSTORE_ERROR_NONE)
		return -EIO;
	if (shared_read(&ring->req_prod) != conn->req_prod ||
	    shared_read(&ring->rsp_cons) != conn->rsp_cons)
		return -ENOTCONN;
	return 0;
}

int xs_conn_push(struct xs_conn *conn, const struct xs_request *req, const void *bytes,
		 uint32_t length)
{
	int err = xs_conn_state(conn), room;

	if (err)
		return err;
	if (req->epoch != conn->epoch)
		return -EISCONN;
	room = xs_ring_free(shared_read(&conn->ring->req_cons), conn->req_prod);
	if (room < 0)
		return room;
	if (length > (uint32_t)room)
		length = room;
	if (!length)
		return 0;
	xs_ring_copy_in(conn->ring->req, conn->req_prod, bytes, length);
	conn->req_prod += length;
	shared_write(&conn->ring->req_prod, conn->req_prod);
	return length;
}

/* Takes a request out of the list: the one at *at. */
static void xs_conn_finish(struct xs_request **at, int result)
{
	struct xs_request *req = *at;

	*at = req->next;
	req->result = result;
	__atomic_store_n(&req->done, true, __ATOMIC_RELEASE);
}

static struct xs_request **xs_conn_find(struct xs_conn *conn, uint32_t id)
{
	struct xs_request **at = &conn->waiting;

	while (*at && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

static void xs_conn_reply(struct xs_conn *conn)
{
	struct xs_request **at = xs_conn_find(conn, conn->header.req_id), *req = *at;
	uint32_t length = conn->header.len;

	if (!req) {
		conn->strays++;
		return;
	}
	if (xs_check_reply(&conn->header, req->type, req->id)) {
		conn->strays++;
		xs_conn_finish(at, -EBADMSG);
	} else if (conn->header.type == XS_ERROR) {
		xs_conn_finish(at, -xs_error_number(conn->payload, length));
	} else {
		if (req->size)
			memcpy(req->buf, conn->payload,
			       length < req->size ? length : req->size);
		xs_conn_finish(at, length);
	}
}

static void xs_conn_watch_event(struct xs_conn *conn)
{
	const char *path = conn->payload, *token;

	/* XENSTORE_SERVER_FEATURE_* may bring more strings one day; the first two are these. */
	if (xs_count_strings(path, conn->header.len) < 2) {
		conn->strays++;
		return;
	}
	token = path + strlen(path) + 1;
	conn->event(conn->ctx, path, token);
}

/* One piece of what is being received. The number of bytes taken; 0: there are none. */
static int xs_conn_pull_piece(struct xs_conn *conn)
{
	bool header = conn->received < sizeof(conn->header);
	char *to = header ? (char *)&conn->header + conn->received
			  : conn->payload + conn->received - sizeof(conn->header);
	uint32_t end = sizeof(conn->header) + (header ? 0 : conn->header.len);
	uint32_t n = end - conn->received;
	int used = xs_ring_used(conn->rsp_cons, shared_read(&conn->ring->rsp_prod));

	if (used < 0)
		return used;
	if (n > (uint32_t)used)
		n = used;
	if (!n)
		return 0;
	xs_ring_copy_out(conn->ring->rsp, conn->rsp_cons, to, n);
	conn->rsp_cons += n;
	shared_write(&conn->ring->rsp_cons, conn->rsp_cons);
	conn->received += n;
	if (conn->received >= sizeof(conn->header) && conn->header.len > XENSTORE_PAYLOAD_MAX)
		return -EMSGSIZE;
	return n;
}

static bool xs_conn_is_whole(const struct xs_conn *conn)
{
	return conn->received >= sizeof(conn->header) &&
	       conn->received == sizeof(conn->header) + conn->header.len;
}

int xs_conn_pull(struct xs_conn *conn)
{
	int err = xs_conn_state(conn), taken = 0;

	while (!err) {
		int n = xs_conn_pull_piece(conn);

		if (n <= 0)
			return n < 0 ? n : taken;
		taken += n;
		if (!xs_conn_is_whole(conn))
			continue;
		conn->received = 0;
		if (conn->header.type == XS_WATCH_EVENT)
			xs_conn_watch_event(conn);
		else
			xs_conn_reply(conn);
		err = xs_conn_state(conn);
	}
	return err;
}

bool xs_conn_tell_room(struct xs_conn *conn)
{
	/* The other side fills the ring and then looks at rsp_cons; here it is the other way around: one
	 * sees the other. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (shared_read(&conn->ring->rsp_prod) - conn->told < XENSTORE_RING_SIZE / 2)
		return false;
	conn->told = conn->rsp_cons;
	return true;
}

void xs_conn_add(struct xs_conn *conn, struct xs_request *req)
{
	/* After 2^32 requests an id comes again: not while its first owner still waits. 0 is
	 * what watch events carry. */
	do
		req->id = ++conn->last_id;
	while (!req->id || *xs_conn_find(conn, req->id));
	req->done = false;
	req->epoch = conn->epoch;
	req->next = conn->waiting;
	conn->waiting = req;
}

bool xs_conn_remove(struct xs_conn *conn, struct xs_request *req)
{
	struct xs_request **at = xs_conn_find(conn, req->id);

	if (*at != req)
		return false;
	*at = req->next;
	return true;
}

void xs_conn_fail(struct xs_conn *conn, int err)
{
	while (conn->waiting)
		xs_conn_finish(&conn->waiting, err);
}

int xs_conn_ask_reset(struct xs_conn *conn)
{
	if (!(shared_read(&conn->ring->server_features) & XENSTORE_SERVER_FEATURE_RECONNECTION))
		return -EOPNOTSUPP;
	shared_write(&conn->ring->connection, XENSTORE_RECONNECT);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Requests: sent one at a time, answered in any order. */
#include "drivers/xen/evtchn.h"
#include "drivers/xen/xenstore.h"
#include "drivers/xen/xenstore_ring.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/work.h"
#include "lib/errno.h"

/* The patience with a store that does not answer, in pieces: after each it is said, and the
 * store is notified again. Before them a short one without words: a notification may have got
 * lost. It is all that there is once the patience has run out. */
#define KICKS    4u
#define SHORT_NS NS_PER_SEC

#define xs xenstore_ring

static bool xs_replied(void *ctx)
{
	return __atomic_load_n(&((struct xs_request *)ctx)->done, __ATOMIC_ACQUIRE);
}

/* --- sending: one message at a time --- */

static bool xs_sender_take(void *ctx)
{
	unsigned nobody = 0;

	return __atomic_compare_exchange_n(&xs.sender, &nobody, this_cpu()->id + 1, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static int xs_send_begin(void)
{
	/* Work that waits for another one's place in here would wait for ever. */
	work_hold();
	if (__atomic_load_n(&xs.sender, __ATOMIC_RELAXED) != this_cpu()->id + 1 &&
	    xenstore_wait(xs_sender_take, NULL, PATIENCE_NS))
		return 0;
	work_release();
	return -EBUSY;
}

static void xs_send_end(void)
{
	__atomic_store_n(&xs.sender, 0, __ATOMIC_RELEASE);
	work_release();
}

/* A piece of a message, as much of it as there is room for. */
struct xs_piece {
	struct xs_request *req;
	const char *bytes;
	uint32_t length;
	int pushed;
	bool told; /* the store, since the last bytes, that it has to read before there is room */
};

static bool xs_push(void *ctx)
{
	struct xs_piece *piece = ctx;
	bool on = spin_lock(&xs.lock);

	piece->pushed = -EIO;
	if (xs.usable) {
		piece->pushed = xs_conn_push(&xs.conn, piece->req, piece->bytes, piece->length);
		if (piece->pushed >= 0 && (uint32_t)piece->pushed < piece->length && !piece->told)
			piece->told = !evtchn_send(xs.port);
		else if (piece->pushed < 0 && piece->pushed != -EISCONN)
			xenstore_ring_trouble(piece->pushed);
	}
	spin_unlock(&xs.lock, on);
	return piece->pushed;
}

static int xs_send(struct xs_request *req, const void *bytes, uint32_t length)
{
	struct xs_piece piece = {.req = req, .bytes = bytes, .length = length};

	for (unsigned tries = 0; piece.length;) {
		if (xenstore_wait(xs_push, &piece, PATIENCE_NS / KICKS)) {
			if (piece.pushed < 0)
				return piece.pushed;
			piece.bytes += piece.pushed;
			piece.length -= piece.pushed;
			piece.told = false;
			continue;
		}
		printk_warn("xenstore: the store reads nothing\n");
		evtchn_send(xs.port); /* it may wait for room itself */
		if (++tries == KICKS) /* with half a message in the ring there is no way on */
			return -ETIMEDOUT;
	}
	return 0;
}

/* --- requests --- */

/* Takes the request back. False: it has ended meanwhile. */
static bool xs_withdraw(struct xs_request *req)
{
	bool on = spin_lock(&xs.lock), was = xs_conn_remove(&xs.conn, req);

	spin_unlock(&xs.lock, on);
	return was;
}

int xenstore_ring_answer(struct xs_request *req)
{
	bool silent = xs.silent;

	for (unsigned kick = 0; kick <= (silent ? 0 : KICKS); kick++) {
		if (xenstore_wait(xs_replied, req, kick ? PATIENCE_NS / KICKS : SHORT_NS))
			return req->result;
		if (kick || silent)
			printk_warn("xenstore: no reply to request %u of type %u yet\n",
				    req->id, req->type);
		evtchn_send(xs.port);
	}
	if (!xs_withdraw(req))
		return req->result;
	xs.silent = true;
	return -ETIMEDOUT;
}

/* From here on the request waits. -ENOTCONN: its transaction's connection is no more, and in
 * this one the number is nobody's, or another's. */
static int xs_add(struct xs_request *req, const struct xenstore_tx *tx)
{
	bool on = spin_lock(&xs.lock);
	int err = tx && tx->epoch != xs.conn.epoch ? -ENOTCONN : 0;

	if (!err)
		xs_conn_add(&xs.conn, req);
	spin_unlock(&xs.lock, on);
	return err;
}

static int xs_send_message(struct xs_request *req, struct xsd_sockmsg *header,
			   const struct xenstore_tx *tx, const char *path, uint32_t path_length,
			   const void *value)
{
	bool on;
	int err = xs_send_begin();

	if (err)
		return err;
	err = xs_add(req, tx);
	header->req_id = req->id;
	if (!err)
		err = xs_send(req, header, sizeof(*header));
	if (!err)
		err = xs_send(req, path, path_length);
	if (!err)
		err = xs_send(req, value, header->len - path_length);
	if (err == -ETIMEDOUT) {
		on = spin_lock(&xs.lock);
		xenstore_ring_die("the store does not read its requests");
		spin_unlock(&xs.lock, on);
	}
	xs_send_end();
	if (err)
		xs_withdraw(req);
	return err;
}

int xenstore_ring_ask(struct xs_request *req, const struct xenstore_tx *tx, const char *path,
		      const void *value, size_t length)
{
	struct xsd_sockmsg header;
	int path_length =
		xs_request_header(&header, req->type, 0, tx ? tx->id : 0, path, length),
	    err;

	if (path_length < 0)
		return path_length;
	err = xs_send_message(req, &header, tx, path, path_length, value);
	/* half of it went to the connection before this one */
	return err == -EISCONN ? -ENOTCONN : err;
}

void xenstore_ring_notify(void)
{
	evtchn_send(xs.port);
}

int xenstore_ring_exchange(uint32_t type, const struct xenstore_tx *tx, const char *path,
			   const void *value, size_t length, void *reply, size_t size)
{
	struct xs_request req = {.type = type, .buf = reply, .size = size};
	int err = xenstore_ring_ask(&req, tx, path, value, length);

	if (err)
		return err;
	xenstore_ring_notify();
	return xenstore_ring_answer(&req);
}

static bool xs_is_back(void *ctx)
{
	return !xs.usable || !xs.conn.lost;
}

int xenstore_ring_await(void)
{
	return xenstore_wait(xs_is_back, NULL, PATIENCE_NS) && xs.usable ? 0 : -EIO;
}

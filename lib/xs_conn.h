/* SPDX-License-Identifier: MIT */
/* One connection to xenstore: bytes into the request ring, bytes out of the reply ring, replies
 * to their requests by id, watch events to whoever takes them. Pure logic. The ring is shared
 * with a domain that is not trusted: indices and bytes are read once into private memory, and
 * only then judged and used. The caller serialises. */
#ifndef LIB_XS_CONN_H
#define LIB_XS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/xs_wire.h"

/* What waits for a reply. */
struct xs_request {
	struct xs_request *next;
	uint32_t type, id, epoch;
	void *buf; /* the reply's payload, as much of it as fits */
	size_t size;
	int result; /* the payload's length, also when it was cut; or -errno */
	bool done;  /* set last, with release order: the request is the waiter's again */
};

struct xs_conn {
	struct xenstore_domain_interface *ring; /* shared */
	char *payload;                          /* XENSTORE_PAYLOAD_MAX bytes */
	/* A watch has fired. Both strings end within the payload. */
	void (*event)(void *ctx, const char *path, const char *token);
	void *ctx;

	/* This side's indices. The other side sets the ring's copies back when it begins anew.
	 */
	uint32_t req_prod, rsp_cons;
	uint32_t told; /* rsp_cons, when the other side was last to be notified of room */
	bool lost;      /* xs_conn_lose(), and not yet open again */
	uint32_t epoch; /* how often it has been opened: a message is sent in one of them, or
			   not */
	struct xs_request *waiting;
	uint32_t last_id;

	/* What is being received: so many bytes of header and payload are there. */
	struct xsd_sockmsg header;
	uint32_t received;
	uint32_t strays; /* messages that nobody waited for, or that were none: dropped */
};

/* Begins with the ring's indices as they are (they need not be 0), and forgets what was half
 * received. 0, or -ENOTCONN: the connection field says that the other side is not ready. */
int xs_conn_open(struct xs_conn *conn);
/* Requests that wait end with -ENOTCONN, and nothing is pushed or pulled until it is open
 * again. */
void xs_conn_lose(struct xs_conn *conn);

/* 0; -ENOTCONN: lost, or the other side is about to begin anew, or has (connection field,
 * indices that it has set back); -EIO: it has given the connection up (error field). */
int xs_conn_state(const struct xs_conn *conn);

/* Puts as many of a request's bytes into the ring as there is room for, perhaps 0. How many, or
 * as xs_conn_state(); -EISCONN: the request began to wait on an earlier connection; -EINVAL:
 * impossible indices. The other side is to be notified. */
int xs_conn_push(struct xs_conn *conn, const struct xs_request *req, const void *bytes,
		 uint32_t length);

/* Receives all that lies in the ring. How many bytes were taken; or as above, or -EMSGSIZE: a
 * message longer than any may be, after which the next one's beginning is unknown. */
int xs_conn_pull(struct xs_conn *conn);

/* After a pull: whether the other side may wait for the room that was made, and is to be notified. It
 * waits with a full ring; this is true earlier, once for each half of it, whatever replies lie there. */
bool xs_conn_tell_room(struct xs_conn *conn);

/* A request begins to wait, with an id of its own, before its first byte is pushed. */
void xs_conn_add(struct xs_conn *conn, struct xs_request *req);
/* It waits no more. False: it did not, its reply has come. */
bool xs_conn_remove(struct xs_conn *conn, struct xs_request *req);
/* All that wait end with this -errno. */
void xs_conn_fail(struct xs_conn *conn, int err);

/* The stream has lost its place. Asks the other side to begin anew, where it can: 0, it is to
 * be notified, and xs_conn_state() says -ENOTCONN until it has; -EOPNOTSUPP. */
int xs_conn_ask_reset(struct xs_conn *conn);

#endif

/* SPDX-License-Identifier: MIT */
/* Between the parts of the xenstore client: the connection, its lock, and who waits for what.
 */
#ifndef DRIVERS_XEN_XENSTORE_RING_H
#define DRIVERS_XEN_XENSTORE_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/spinlock.h"
#include "lib/xs_conn.h"

extern struct xenstore_ring {
	struct spinlock lock; /* conn, and the list of watches */
	struct xs_conn conn;
	uint32_t port;
	int irq;
	bool usable;
	bool silent;     /* nobody has answered for long: the next one waits less */
	unsigned sender; /* the CPU that sends a message, plus 1 */
	uint32_t restarts;
} xenstore_ring;

/* Maps the rings, waits for the other side and requests the irq. 0 or -errno. */
int xenstore_ring_open(void);
/* What lies in the reply ring, by whoever finds it. */
void xenstore_ring_receive(void);
/* Under the lock: an error of xs_conn_*() is dealt with; the end of the client. */
void xenstore_ring_trouble(int err);
void xenstore_ring_die(const char *why);

struct xenstore_tx;
/* xenstore_send.c. Sends a request of req's type, and whoever has sent the last one for now notifies
 * the other side. 0; -errno: it is not sent. Else it waits: req stays until it has been answered, by
 * the reply's length or -errno. -ENOTCONN of either: the other side has begun anew meanwhile, or since
 * tx began, or is about to: wait, and ask again. */
int xenstore_ring_ask(struct xs_request *req, const struct xenstore_tx *tx, const char *path,
		      const void *value, size_t length);
void xenstore_ring_notify(void);
int xenstore_ring_answer(struct xs_request *req);
/* All three. */
int xenstore_ring_exchange(uint32_t type, const struct xenstore_tx *tx, const char *path,
			   const void *value, size_t length, void *reply, size_t size);
/* Waits until the other side is there again. 0 or -EIO. */
int xenstore_ring_await(void);

/* xenstore_watch.c. Under the lock: a watch has fired; the store has forgotten all of them. */
void xenstore_watch_event(void *ctx, const char *path, const char *token);
void xenstore_watch_forgotten(void);

#endif

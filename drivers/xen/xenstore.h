/* SPDX-License-Identifier: MIT */
/* The xenstore client. Xenstore is a small tree of strings in another domain, by which domains
 * and the toolstack find each other. Requests and replies go through two rings in one shared
 * page (public/io/xs_wire.h, docs/misc/xenstore.txt, xenstore-ring.txt) and its event channel.
 *
 * Paths that do not begin with / are relative to the domain's own, /local/domain/<domid>.
 *
 * Any CPU may ask, any number of them at once; with interrupts off as well: the requester
 * receives by itself. Not in a handler or a timer that may have interrupted a request: it gets
 * -EBUSY if that one was just being sent. Each request ends with
 *   what the store says        -ENOENT, -EACCES, -EINVAL, -ENOSPC, ... (xsd_errors)
 *   -EMSGSIZE                  it, or for lists the answer, is too long
 *   -ETIMEDOUT                 no answer, after warnings; the answer may still take effect
 *   -EBADMSG                   an answer that is none
 *   -EIO                       there is no store, or no more
 * When the other side begins anew (the toolstack can have it do so), what was on its way is
 * asked again, watches are set again and fire, and transactions end with -EAGAIN. */
#ifndef DRIVERS_XEN_XENSTORE_H
#define DRIVERS_XEN_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#include "lib/xs_conn.h"

/* Maps the ring and requests its irq; then reads the domain's id and name, and prints them.
 * Needs upcall_init(). 0; -ENODEV: the domain has no store; -ETIMEDOUT: it does not answer. */
int xenstore_init(void);
bool xenstore_usable(void);
uint32_t xenstore_port(void); /* 0: none */
/* As time_wait(), for what the store brings about: a reply, or a watch that fires. */
bool xenstore_wait(bool (*done)(void *ctx), void *ctx, uint64_t patience_ns);
/* After a suspend. All CPUs quiet, the port there again: the connection, begun anew. Then, in
 * the mainline: the domain's id and name, which are others now. */
void xenstore_resume(void);
int xenstore_identify(void);

/* --- requests; tx NULL: no transaction --- */

struct xenstore_tx {
	uint32_t id, epoch; /* of the connection that it belongs to */
};

/* Any request, XS_*: its payload is path, NUL, length bytes of value. The reply's payload goes
 * to reply, as much as fits; its whole length, or -errno. */
int xenstore_request(uint32_t type, const struct xenstore_tx *tx, const char *path,
		     const void *value, size_t length, void *reply, size_t size);

/* Reads a node as a string: size bytes with the terminator. The value's length (a length >=
 * size says that it was cut). read_bytes has no terminator. */
int xenstore_tx_read(const struct xenstore_tx *tx, const char *path, char *buf, size_t size);
int xenstore_read_bytes(const char *path, void *buf, size_t size);
/* "directory/name". 0; -EMSGSIZE: it is cut off. */
int xenstore_path(char *path, size_t size, const char *directory, const char *name);
/* Nodes of one directory, all of them asked for before the first answer is waited for. values: size
 * bytes for each, one after the other; lengths: of each what xenstore_read() returns.
 * At most XENSTORE_TOGETHER of them. */
#define XENSTORE_TOGETHER 16u
void xenstore_read_together(const char *directory, const char *const *names, unsigned count,
			    char *values, size_t size, int *lengths);
/* Writes a node, and makes it and those above it when they are not there; xl's domains may
 * write below data/. NULs are bytes as any others. */
int xenstore_tx_write(const struct xenstore_tx *tx, const char *path, const char *value);
int xenstore_write_bytes(const char *path, const void *data, size_t length);
/* The node and all below it. 0 as well when it is not there but its parent is. */
int xenstore_tx_rm(const struct xenstore_tx *tx, const char *path);
/* 0 as well when the node is there. */
int xenstore_tx_mkdir(const struct xenstore_tx *tx, const char *path);
/* The names below a node, each with a NUL behind it, one after the other. How many. */
int xenstore_tx_list(const struct xenstore_tx *tx, const char *path, char *buf, size_t size);
/* The same by XS_DIRECTORY_PART, which xenstore_list() takes for what is longer than one
 * payload. */
int xenstore_list_parts(const struct xenstore_tx *tx, const char *path, char *buf, size_t size);

static inline int xenstore_read(const char *path, char *buf, size_t size)
{
	return xenstore_tx_read(NULL, path, buf, size);
}
static inline int xenstore_write(const char *path, const char *value)
{
	return xenstore_tx_write(NULL, path, value);
}
static inline int xenstore_rm(const char *path)
{
	return xenstore_tx_rm(NULL, path);
}
static inline int xenstore_mkdir(const char *path)
{
	return xenstore_tx_mkdir(NULL, path);
}
static inline int xenstore_list(const char *path, char *buf, size_t size)
{
	return xenstore_tx_list(NULL, path, buf, size);
}

/* Permissions as text, "n5,r0": the owner and what all others may (n r w b: none, read, write,
 * both), then domains with rights of their own. get: the text's length, >= size when cut. */
int xenstore_get_perms(const char *path, char *buf, size_t size);
int xenstore_set_perms(const char *path, const char *perms);

/* --- transactions --- */

int xenstore_tx_begin(struct xenstore_tx *tx);
/* commit false: nothing of it has happened. -EAGAIN: somebody else has changed what it read or
 * wrote; nothing of it has happened, and it may be begun again. Either way it is over. */
int xenstore_tx_end(struct xenstore_tx *tx, bool commit);
/* Runs body(tx, ctx) in a transaction, again and again while that ends with -EAGAIN, up to
 * XENSTORE_TX_TRIES times. When body returns < 0 the transaction is dropped. The last error. */
#define XENSTORE_TX_TRIES 32u
int xenstore_tx_run(int (*body)(struct xenstore_tx *tx, void *ctx), void *ctx);

/* Writes of a transaction, up to XENSTORE_TOGETHER of them sent before the first answer is waited for.
 * {.tx = tx} to begin with; reqs stays in its place until the end, which is to be asked for in any case:
 * the first error, or 0. */
struct xenstore_writes {
	const struct xenstore_tx *tx;
	unsigned count;
	int err;
	struct xs_request reqs[XENSTORE_TOGETHER];
};
void xenstore_writes_add(struct xenstore_writes *w, const char *directory, const char *name,
			 const char *value);
int xenstore_writes_end(struct xenstore_writes *w);

/* --- watches --- */

struct xenstore_watch {
	const char *path; /* stays as long as the watch does; "@..." are the store's own */
	/* The node at path or below it has changed, is there or gone; which one is said, in the
	 * form of the watch's own path (that itself where too much came at once). Once at the
	 * start whatever there is. In the mainline, from time_wait(); it may do anything, but a
	 * change that comes meanwhile is seen later. */
	void (*changed)(struct xenstore_watch *w, const char *path);
	void *ctx;

	/* The client's own. */
	struct xenstore_watch *next;
	uint32_t id;
	bool lost;  /* events for which there was no room */
	bool unset; /* the store does not know it, or not any more */
};

/* Mainline only. After unwatch, changed() does not run any more. */
int xenstore_watch(struct xenstore_watch *w);
int xenstore_unwatch(struct xenstore_watch *w);

/* --- what can be observed --- */

int xenstore_irq(void);              /* -ENOENT before xenstore_init() */
const char *xenstore_name(void);     /* the domain's name, "" when unknown */
uint32_t xenstore_bad_replies(void); /* messages to nobody, or that made no sense: dropped */
uint32_t xenstore_restarts(void);    /* how often the other side began anew */

#endif

/* SPDX-License-Identifier: MIT */
/* The xenstore client. Xenstore is a small tree of strings in another domain, by which domains
 * and the toolstack find each other. Requests and replies go through two rings in one shared
 * page (public/io/xs_wire.h, docs/misc/xenstore.txt) and its event channel. One request at a
 * time.
 *
 * Paths that do not begin with / are relative to the domain's own, /local/domain/<domid>. */
#ifndef DRIVERS_XEN_XENSTORE_H
#define DRIVERS_XEN_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Maps the ring and requests its irq; then reads the domain's id and name, and prints them.
 * Needs upcall_init(). 0; -ENODEV: the domain has no store; -ETIMEDOUT: it does not answer. */
int xenstore_init(void);
bool xenstore_usable(void);

/* Reads a node as a string: size bytes with the terminator. The value's length (a length >=
 * size says that it was cut), or -ENOENT, -EACCES, ... as the store says; -ETIMEDOUT: no reply,
 * the client is dead from then on; -EIO: it is dead; -EMSGSIZE; -EBUSY: another request runs. */
int xenstore_read(const char *path, char *buf, size_t size);
/* Writes a node; xl's domains may write below data/. 0 or as above. */
int xenstore_write(const char *path, const char *value);

int xenstore_irq(void);              /* -ENOENT before xenstore_init() */
const char *xenstore_name(void);     /* the domain's name, "" when unknown */
uint32_t xenstore_bad_replies(void); /* replies to nothing that was asked: dropped */

#endif

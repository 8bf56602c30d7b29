/* SPDX-License-Identifier: MIT */
/* The xenstore wire format (public/io/xs_wire.h, docs/misc/xenstore.txt) and its ring
 * arithmetic. Pure logic; the ring's other side is not trusted. */
#ifndef LIB_XS_WIRE_H
#define LIB_XS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

/* How many bytes lie in a ring, or are free in it, given a snapshot of both indices (they run
 * freely and need not start at 0). -EINVAL when they are further apart than the ring's size. */
int xs_ring_used(uint32_t cons, uint32_t prod);
int xs_ring_free(uint32_t cons, uint32_t prod);

/* Copies up to length bytes between a ring buffer of XENSTORE_RING_SIZE bytes and memory,
 * beginning at the free-running index; wraps. The caller has checked used/free. */
void xs_ring_copy_in(char *ring, uint32_t prod, const void *src, uint32_t length);
void xs_ring_copy_out(const char *ring, uint32_t cons, void *dst, uint32_t length);

/* Builds a request: header and NUL-terminated path, then value_length bytes of value (NULL:
 * none, whatever value_length says). The whole length, or -EMSGSIZE when it does not fit size
 * or XENSTORE_PAYLOAD_MAX. */
int xs_build(void *buf, size_t size, uint32_t type, uint32_t req_id, uint32_t tx_id,
	     const char *path, const void *value, size_t value_length);

/* Checks a reply's header against the request it answers: 0, -EMSGSIZE (len beyond
 * XENSTORE_PAYLOAD_MAX), -EBADMSG (another type or req_id), or 0 with XS_ERROR as type. The
 * length is judged first: after -EMSGSIZE the stream has lost its place for good. */
int xs_check_reply(const struct xsd_sockmsg *hdr, uint32_t type, uint32_t req_id);

/* The errno named by an XS_ERROR payload ("ENOENT", with or without its NUL), positive;
 * EINVAL for a name that is not known, as every xenstore client does. */
int xs_error_number(const char *payload, size_t length);

#endif

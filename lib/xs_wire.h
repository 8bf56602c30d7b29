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

/* Fills in the header of a request whose payload is the path with its NUL and value_length
 * bytes behind it. The path's length with the NUL, or -EMSGSIZE: more than
 * XENSTORE_PAYLOAD_MAX. */
int xs_request_header(struct xsd_sockmsg *hdr, uint32_t type, uint32_t req_id, uint32_t tx_id,
		      const char *path, size_t value_length);

/* Checks a reply's header against the request it answers: 0, -EMSGSIZE (len beyond
 * XENSTORE_PAYLOAD_MAX), -EBADMSG (another type or req_id), or 0 with XS_ERROR as type. The
 * length is judged first: after -EMSGSIZE the stream has lost its place for good. */
int xs_check_reply(const struct xsd_sockmsg *hdr, uint32_t type, uint32_t req_id);

/* The errno named by an XS_ERROR payload ("ENOENT", with or without its NUL), positive;
 * EINVAL for a name that is not known, as every xenstore client does. */
int xs_error_number(const char *payload, size_t length);

/* A payload of NUL-terminated strings: how many, or -EBADMSG when the last one is open. */
int xs_count_strings(const char *payload, size_t length);

/* --- a directory that is longer than one payload (XS_DIRECTORY_PART) --- */

struct xs_dir {
	char *names; /* the caller's, NUL-separated as they come */
	size_t size, length;
	char generation[24]; /* of the node when the first part was read */
};

/* One reply, "generation NUL name NUL ... name NUL"; the last one ends with one more NUL. dir
 * is all zero at first, but for names and size. 0: that was all; 1: the next part begins at
 * offset dir->length; -EAGAIN: the directory has changed meanwhile, dir has been set back;
 * -EMSGSIZE: the names do not fit; -EBADMSG: that is no such reply. */
int xs_dir_add(struct xs_dir *dir, const char *payload, size_t length);

#endif

/* SPDX-License-Identifier: MIT */
/* A ring of bytes between one who puts and one who takes; they serialise among themselves. */
#ifndef LIB_BYTE_RING_H
#define LIB_BYTE_RING_H

#include <stdbool.h>
#include <stdint.h>

#define BYTE_RING_SIZE 256u /* a power of two: the counts run freely */

struct byte_ring {
	char bytes[BYTE_RING_SIZE];
	uint32_t put, taken; /* ever */
};

static inline bool byte_ring_is_empty(const struct byte_ring *r)
{
	return r->put == r->taken;
}

static inline bool byte_ring_is_full(const struct byte_ring *r)
{
	return r->put - r->taken == BYTE_RING_SIZE;
}

/* False: it is full, and the byte not in it. */
static inline bool byte_ring_put(struct byte_ring *r, char byte)
{
	if (byte_ring_is_full(r))
		return false;
	r->bytes[r->put++ % BYTE_RING_SIZE] = byte;
	return true;
}

/* False: it is empty. */
static inline bool byte_ring_take(struct byte_ring *r, char *byte)
{
	if (byte_ring_is_empty(r))
		return false;
	*byte = r->bytes[r->taken++ % BYTE_RING_SIZE];
	return true;
}

#endif

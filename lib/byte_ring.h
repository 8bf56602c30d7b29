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

/* From a ring of size bytes, a power of two, that somebody else fills. put is his count, read once:
 * further from ours than the ring is long it is nobody's text, and skipped. False: it is empty. */
static inline bool byte_ring_take_foreign(const volatile char *bytes, uint32_t size, uint32_t put,
					  uint32_t *taken, char *byte)
{
	if (put - *taken > size)
		*taken = put;
	if (put == *taken)
		return false;
	*byte = bytes[(*taken)++ & (size - 1)];
	return true;
}

#endif

/* SPDX-License-Identifier: MIT */
/* A PV console's page (public/io/console.h): one ring for what this side says, one for what is
 * typed on the other. Pure logic. The page belongs to both: our two counts are kept here and
 * never read back, theirs are read once and believed only as far as they can be true. */
#ifndef LIB_XENCONS_RING_H
#define LIB_XENCONS_RING_H

#include <stdbool.h>
#include <stdint.h>

struct xencons_interface;

#define XENCONS_OUT_SIZE 2048u

struct xencons_ring {
	volatile struct xencons_interface *page;
	uint32_t put, taken; /* out_prod and in_cons */
};

/* Goes on where the page's counts are. 0; -EINVAL: they are further apart than the ring is
 * long: nobody's console. */
int xencons_ring_open(struct xencons_ring *r, volatile void *page);
/* Bytes that the reader has not taken; an out_cons that cannot be is that of a full ring. */
uint32_t xencons_ring_left(const struct xencons_ring *r);
/* False: it is full, and the byte not in it. */
bool xencons_ring_put(struct xencons_ring *r, char byte);
/* False: nothing has been typed. An in_prod that cannot be is skipped. */
bool xencons_ring_get(struct xencons_ring *r, char *byte);
/* Tells the other side that there is room where bytes were got. */
void xencons_ring_release(struct xencons_ring *r);

#endif

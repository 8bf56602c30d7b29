/* SPDX-License-Identifier: MIT */
/* Pages that the backend may read and write for as long as it has this disk: the grants are
 * made once, so nothing of the way of a request asks Xen, and a backend that can keeps them
 * mapped (blkif.h, feature-persistent). Data is copied. */
#ifndef DRIVERS_XEN_BLK_BLK_POOL_H
#define DRIVERS_XEN_BLK_BLK_POOL_H

#include <stdint.h>

#include <xen/grant_table.h>

#include "lib/blk_layout.h"

#define BLK_POOL_END UINT16_MAX

/* As many as Linux's backend keeps mapped for a ring, unless it is told otherwise
 * (max_persistent_grants of its xen-blkback); the others it maps and unmaps each time. */
#define BLK_POOL_NEAR 1056u

#define BLK_POOL_CHUNKS ((BLK_POOL_MAX + BLK_POOL_SOME - 1) / BLK_POOL_SOME)

struct blk_pool {
	char *chunk[BLK_POOL_CHUNKS]; /* BLK_POOL_SOME pages each, the last one fewer */
	grant_ref_t *refs;            /* of each page */
	uint16_t *next;               /* of each: in the free ones' list, or in that of a request */
	uint16_t count, made, free;   /* may be; are there; are free */
	uint16_t first, last;         /* of the free ones */
};

/* At most count pages, of which the first chunk is there. 0 or -ENOMEM, or as grant_access(). */
int blk_pool_open(struct blk_pool *p, domid_t backend, uint16_t count);
/* The next chunk: a page that the backend may read is cleared before, which takes longer than all
 * else that there is to do for a disk, so there are no more than have been wanted once. Nobody takes
 * them before blk_pool_add(). 0, or as blk_pool_open(), and there will be no more. Mainline. */
int blk_pool_make(struct blk_pool *p, domid_t backend);
/* Those made since there were so many are free. */
void blk_pool_add(struct blk_pool *p, uint16_t before);
/* All pages are free again. */
void blk_pool_reset(struct blk_pool *p);
/* How many grants the backend has not given back: their pages are set aside. */
unsigned blk_pool_close(struct blk_pool *p);

/* The first of count pages, the others by next; BLK_POOL_END: there are not so many. Of the
 * first BLK_POOL_NEAR those that were put back last: the backend has them mapped, and they are in the
 * cache. The others only where these are not enough. */
uint16_t blk_pool_take(struct blk_pool *p, uint32_t count);
void blk_pool_put(struct blk_pool *p, uint16_t first);
void *blk_pool_page(const struct blk_pool *p, uint16_t page);

#endif

/* SPDX-License-Identifier: MIT */
/* How much of a disk's rings and buffers there is memory for. Pure logic. */
#ifndef LIB_BLK_LAYOUT_H
#define LIB_BLK_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/blk_features.h"

struct blk_layout {
	uint8_t ring_order, queues;
	uint16_t pool; /* pages of buffers for each queue */
};

/* Of all queues together: so many of the longest requests, with their descriptors. Fewer at a
 * time, and neither end could let the other sleep over most of what is out (front_ring_hold). */
#define BLK_POOL_MAX  (32u * (BLK_SEGMENTS_MAX + 1))
#define BLK_POOL_SOME 544u /* two of them, and some; for more than that nothing else shrinks */
#define BLK_POOL_MIN  12u  /* one that is not indirect, and a page */

/* As much as the backend takes, at most a queue for each CPU, in at most so many pages: fewer
 * buffers first, as far as BLK_POOL_SOME for each queue, then fewer slots, buffers again, and
 * fewer queues. More than BLK_POOL_SOME only as far as two thirds of the pages are enough. The least
 * there is may be more than pages. */
struct blk_layout blk_layout_fit(const struct blk_transport *t, unsigned cpus, size_t pages);
/* Pages that it takes, with BLK_LAYOUT_SLOT bytes that the driver keeps for each slot. */
size_t blk_layout_pages(const struct blk_layout *l);
#define BLK_LAYOUT_SLOT 256u

/* What a disk's requests may be, where each has a page for each of its segments. */
uint16_t blk_layout_segments(const struct blk_layout *l, uint16_t segments);

#endif

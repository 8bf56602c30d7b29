/* SPDX-License-Identifier: MIT */
#include "lib/blk_layout.h"

#define SLOTS_PER_PAGE \
	32u /* of 112 bytes, lib/blk_request.c; with a ring of 2^n pages 2^n times */

size_t blk_layout_pages(const struct blk_layout *l)
{
	size_t ring = (size_t)1 << l->ring_order;
	size_t slots = ring * SLOTS_PER_PAGE * BLK_LAYOUT_SLOT / BLK_PAGE;

	return l->queues * (ring + slots + l->pool);
}

/* False: it cannot become less. */
static bool layout_shrink(struct blk_layout *l)
{
	if (l->ring_order)
		l->ring_order--;
	else if (l->pool > BLK_POOL_MIN)
		l->pool = BLK_POOL_MIN;
	else if (l->queues > 1)
		l->queues--;
	else
		return false;
	return true;
}

/* What is left over of so many pages is for buffers, up to most for each queue. */
static void layout_fill(struct blk_layout *l, size_t pages, size_t most)
{
	size_t takes = blk_layout_pages(l);
	size_t more = takes < pages ? (pages - takes) / l->queues : 0;

	if (l->pool + more < most)
		most = l->pool + more;
	if (l->pool < most)
		l->pool = (uint16_t)most;
}

struct blk_layout blk_layout_fit(const struct blk_transport *t, unsigned cpus, size_t pages)
{
	struct blk_layout l = {
		.ring_order = t->ring_order,
		.queues = (uint8_t)(t->queues < cpus ? t->queues : cpus),
		.pool = BLK_POOL_SOME,
	};

	while (blk_layout_pages(&l) > pages && layout_shrink(&l))
		;
	layout_fill(&l, pages, BLK_POOL_SOME);
	layout_fill(&l, 2 * pages / 3, BLK_POOL_MAX / l.queues);
	return l;
}

/* One page is for the descriptors. */
uint16_t blk_layout_segments(const struct blk_layout *l, uint16_t segments)
{
	return segments < l->pool - 1u ? segments : (uint16_t)(l->pool - 1);
}

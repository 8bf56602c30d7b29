/* SPDX-License-Identifier: MIT */
#include "drivers/xen/blk/blk_pool.h"

#include "drivers/xen/grant.h"
#include "kernel/memory.h"
#include "lib/errno.h"

int blk_pool_open(struct blk_pool *p, domid_t backend, uint16_t count)
{
	int err;

	*p = (struct blk_pool){.count = count, .first = BLK_POOL_END};
	p->refs = heap_alloc(count * sizeof(*p->refs));
	p->next = heap_alloc(count * sizeof(*p->next));
	p->pages = pages_alloc(count);
	err = p->refs && p->next && p->pages ? 0 : -ENOMEM;
	if (!err)
		err = grant_access_pages(backend, p->pages, count, false, p->refs);
	else if (p->pages)
		pages_free(p->pages, count);
	if (err) {
		p->pages = NULL; /* nothing is granted */
		blk_pool_close(p);
		return err;
	}
	blk_pool_reset(p);
	return 0;
}

void blk_pool_reset(struct blk_pool *p)
{
	p->first = BLK_POOL_END;
	p->free = 0;
	for (uint16_t i = p->count; i-- > 0;) {
		p->next[i] = BLK_POOL_END;
		blk_pool_put(p, i);
	}
}

unsigned blk_pool_close(struct blk_pool *p)
{
	unsigned kept = p->pages ? grant_end_all(p->refs, p->count, p->pages) : 0;

	heap_free(p->refs);
	heap_free(p->next);
	*p = (struct blk_pool){.first = BLK_POOL_END};
	return kept;
}

uint16_t blk_pool_take(struct blk_pool *p, uint32_t count)
{
	uint16_t first = p->first, last = first;

	if (!count || count > p->free)
		return BLK_POOL_END;
	for (uint32_t n = count; --n;)
		last = p->next[last];
	p->first = p->next[last];
	p->next[last] = BLK_POOL_END;
	p->free -= (uint16_t)count;
	return first;
}

/* The near ones in front of all others. */
static void page_put(struct blk_pool *p, uint16_t page)
{
	bool near = page < BLK_POOL_NEAR || p->first == BLK_POOL_END;
	uint16_t *before = near ? &p->first : &p->next[p->last];

	p->next[page] = *before;
	*before = page;
	if (p->next[page] == BLK_POOL_END)
		p->last = page;
	p->free++;
}

void blk_pool_put(struct blk_pool *p, uint16_t first)
{
	while (first != BLK_POOL_END) {
		uint16_t next = p->next[first];

		page_put(p, first);
		first = next;
	}
}

void *blk_pool_page(const struct blk_pool *p, uint16_t page)
{
	return p->pages + (size_t)page * PAGE_SIZE;
}

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
	err = p->refs && p->next ? blk_pool_make(p, backend) : -ENOMEM;
	if (err)
		blk_pool_close(p);
	else
		blk_pool_reset(p);
	return err;
}

/* Of a chunk where so many are left. */
static unsigned chunk_pages(unsigned left)
{
	return left < BLK_POOL_SOME ? left : BLK_POOL_SOME;
}

int blk_pool_make(struct blk_pool *p, domid_t backend)
{
	unsigned count = chunk_pages(p->count - p->made);
	char *pages = pages_alloc(count);
	int err = pages ? grant_access_pages(backend, pages, count, false, &p->refs[p->made])
			: -ENOMEM;

	if (err) {
		p->count = p->made;
		return err;
	}
	p->chunk[p->made / BLK_POOL_SOME] = pages;
	p->made += (uint16_t)count;
	return 0;
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

void blk_pool_add(struct blk_pool *p, uint16_t before)
{
	for (uint16_t i = p->made; i-- > before;)
		page_put(p, i);
}

void blk_pool_reset(struct blk_pool *p)
{
	p->first = BLK_POOL_END;
	p->free = 0;
	blk_pool_add(p, 0);
}

unsigned blk_pool_close(struct blk_pool *p)
{
	unsigned kept = 0;

	for (uint16_t page = 0; page < p->made; page += BLK_POOL_SOME)
		kept += grant_end_all(&p->refs[page], chunk_pages(p->made - page),
				      p->chunk[page / BLK_POOL_SOME]);
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
	return p->chunk[page / BLK_POOL_SOME] + page % BLK_POOL_SOME * PAGE_SIZE;
}

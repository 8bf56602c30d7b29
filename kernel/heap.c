/* SPDX-License-Identifier: MIT */
/* The heap: powers of two from 32 to 2048 bytes, each class with pages of its own; what is larger
 * comes as whole pages. A header at the start of each page names its class, so that freeing needs
 * no size. */
#include "kernel/memory.h"

#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "lib/string.h"

#define SLOT_MIN   32u
#define NR_CLASSES 7 /* 32 ... 2048 */
#define LARGE	   NR_CLASSES

struct slot {
	struct slot *next;
};

/* At the start of each heap page. */
struct heap_page {
	uint32_t class;
	uint32_t pages; /* of a large allocation */
	uint64_t pad;
};

static struct slot *free_slots[NR_CLASSES];
static struct spinlock heap_lock;

static unsigned heap_class(size_t size)
{
	unsigned class = 0;

	while (class < NR_CLASSES && (SLOT_MIN << class) < size)
		class++;
	return class;
}

/* Cuts a fresh page into slots. The last class has one slot a page, the header takes the rest. */
static bool heap_refill(unsigned class)
{
	struct heap_page *page = page_alloc();
	size_t size = SLOT_MIN << class;

	if (!page)
		return false;
	page->class = class;
	for (size_t at = PAGE_SIZE - size; at >= sizeof(*page); at -= size) {
		struct slot *s = (struct slot *)((char *)page + at);

		s->next = free_slots[class];
		free_slots[class] = s;
		if (at < size)
			break;
	}
	return true;
}

static void *heap_alloc_large(size_t size)
{
	unsigned count = (size + sizeof(struct heap_page) + PAGE_SIZE - 1) / PAGE_SIZE;
	struct heap_page *page = pages_alloc(count);

	if (!page)
		return NULL;
	page->class = LARGE;
	page->pages = count;
	return page + 1;
}

void *heap_alloc(size_t size)
{
	unsigned class = heap_class(size);
	struct slot *slot = NULL;
	bool on;

	if (class == LARGE)
		return heap_alloc_large(size);
	on = spin_lock(&heap_lock);
	if (free_slots[class] || heap_refill(class)) {
		slot = free_slots[class];
		free_slots[class] = slot->next;
	}
	spin_unlock(&heap_lock, on);
	return slot ? memset(slot, 0, SLOT_MIN << class) : NULL;
}

void heap_free(void *p)
{
	struct heap_page *page = (struct heap_page *)((uintptr_t)p & PAGE_MASK);
	struct slot *slot = p;
	bool on;

	if (!p)
		return;
	if (page->class == LARGE) {
		pages_free(page, page->pages);
		return;
	}
	ASSERT(page->class < NR_CLASSES);
	memset(slot, 0xda, SLOT_MIN << page->class);
	on = spin_lock(&heap_lock);
	slot->next = free_slots[page->class];
	free_slots[page->class] = slot;
	spin_unlock(&heap_lock, on);
}

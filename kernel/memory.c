/* SPDX-License-Identifier: MIT */
/* The page allocator: free memory as a list of runs, sorted by address, each run described in its
 * own first page. It needs no other memory, which lets Daisy live in two MiB. Slow paths only, so
 * first fit is good enough. */
#include "kernel/memory.h"

#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/spinlock.h"
#include "lib/string.h"

#define JUNK 0xda /* a freed page is filled with it: who still uses it sees nonsense, soon */

struct run {
	struct run *next;
	size_t pages;
};

static struct run *free_runs;
static size_t free_pages, total_pages;
static struct spinlock memory_lock;

static uintptr_t run_end(const struct run *r)
{
	return (uintptr_t)r + r->pages * PAGE_SIZE;
}

static void run_merge(struct run *r)
{
	if (r->next && run_end(r) == (uintptr_t)r->next) {
		r->pages += r->next->pages;
		r->next = r->next->next;
	}
}

/* Puts a run into its place and joins it with its neighbours. */
static void run_insert(struct run *r, size_t pages)
{
	struct run *before = NULL, *after = free_runs;

	while (after && after < r) {
		before = after;
		after = after->next;
	}
	if ((before && run_end(before) > (uintptr_t)r) ||
	    (after && (uintptr_t)r + pages * PAGE_SIZE > (uintptr_t)after))
		panic("page %p is freed twice", (void *)r);
	r->pages = pages;
	r->next = after;
	if (before)
		before->next = r;
	else
		free_runs = r;
	free_pages += pages;
	run_merge(r);
	if (before)
		run_merge(before);
}

/* Cuts pages off the end of a run, so that the list changes only when a run is used up. */
static void *run_take(struct run **link, unsigned count)
{
	struct run *r = *link;

	r->pages -= count;
	free_pages -= count;
	if (!r->pages)
		*link = r->next;
	return (void *)run_end(r);
}

void *pages_alloc(unsigned count)
{
	bool on = spin_lock(&memory_lock);
	struct run **link = &free_runs;
	void *pages = NULL;

	while (*link && (*link)->pages < count)
		link = &(*link)->next;
	if (*link && count)
		pages = run_take(link, count);
	spin_unlock(&memory_lock, on);
	return pages ? memset(pages, 0, count * PAGE_SIZE) : NULL;
}

void *page_alloc(void)
{
	return pages_alloc(1);
}

void *page_alloc_flat(const void *address)
{
	void *page = page_alloc();

	if (!page || !paging_map_flat((uintptr_t)address, page))
		return page;
	pages_free(page, 1);
	return NULL;
}

void pages_free(void *page, unsigned count)
{
	bool on;

	if (!page || !count)
		return;
	ASSERT((uintptr_t)page % PAGE_SIZE == 0);
	memset(page, JUNK, count * PAGE_SIZE);
	on = spin_lock(&memory_lock);
	run_insert(page, count);
	spin_unlock(&memory_lock, on);
}

void pages_donate(uintptr_t start, uintptr_t end)
{
	start = (start + PAGE_SIZE - 1) & PAGE_MASK;
	end &= PAGE_MASK;
	if (start >= end)
		return;
	run_insert((struct run *)start, (end - start) / PAGE_SIZE);
	total_pages += (end - start) / PAGE_SIZE;
}

size_t pages_free_count(void)
{
	return free_pages;
}

size_t pages_total_count(void)
{
	return total_pages;
}

SHELL_COMMAND(mem, "", "memory that is free")
{
	unsigned runs = 0;
	size_t largest = 0;
	bool on = spin_lock(&memory_lock);

	for (const struct run *r = free_runs; r; r = r->next, runs++)
		if (r->pages > largest)
			largest = r->pages;
	spin_unlock(&memory_lock, on);
	printk("%zu of %zu KiB free, in %u pieces, the largest %zu KiB\n", free_pages * 4,
	       total_pages * 4, runs, largest * 4);
	return 0;
}

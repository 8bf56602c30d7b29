/* SPDX-License-Identifier: MIT */
/* Memory: a page allocator over the boot protocol's memory map, and a small heap on top. Both
 * are safe to call with interrupts enabled; neither is called on the delivery path. */
#ifndef KERNEL_MEMORY_H
#define KERNEL_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "arch/x86/paging.h"

/* One zeroed page, or count contiguous ones; NULL when there are none. */
void *page_alloc(void);
void *pages_alloc(unsigned count);
/* A zeroed page that lies at an address of PAGING_FLAT as well; NULL: there is none. */
void *page_alloc_flat(const void *address);
void pages_free(void *page, unsigned count); /* filled with junk, so that stale users show */
/* Boot only: hands [start, end) to the allocator, whole pages, mapped, used by nobody. */
void pages_donate(uintptr_t start, uintptr_t end);
size_t pages_free_count(void);
size_t pages_total_count(void);

/* Zeroed, 16-byte aligned. NULL when there is none. heap_free(NULL) is allowed. */
void *heap_alloc(size_t size);
void heap_free(void *p);

#endif

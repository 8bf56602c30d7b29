/* SPDX-License-Identifier: MIT */
/* Memory and its rights. */
#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "arch/x86/sections.h"
#include "kernel/memory.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "lib/string.h"

#define ENTRY_WRITE (1ull << 1)
#define ENTRY_NX    (1ull << 63)

static bool writable(const void *p)
{
	return paging_entry((uintptr_t)p) & ENTRY_WRITE;
}

static bool executable(const void *p)
{
	return !(paging_entry((uintptr_t)p) & ENTRY_NX);
}

SELFTEST(page_rights)
{
	void *page = page_alloc();

	SKIP_UNLESS(rdmsr(MSR_EFER) & EFER_NXE, "the CPU has no NX");
	CHECK(!writable(_text_start) && executable(_text_start));
	CHECK(!writable(_text_end) && !executable(_text_end)); /* rodata */
	CHECK(writable(_rodata_end) && !executable(_rodata_end));
	CHECK(!writable(hypercall_page) && executable(hypercall_page));
	CHECK(writable(page) && !executable(page));
	CHECK_EQ(paging_map((uintptr_t)page, PAGE_SIZE, MAP_WRITE | MAP_EXEC), -EINVAL);
	pages_free(page, 1);
}

SELFTEST(guard_pages)
{
	CHECK(!paging_entry(0));
	CHECK(!paging_entry((uintptr_t)_stacks_start));
	CHECK(paging_entry((uintptr_t)_stacks_start + PAGE_SIZE));
	CHECK(!paging_entry((uintptr_t)boot_stack_top));
	CHECK(!paging_entry((uintptr_t)ist_stack_nmi));
	CHECK(!paging_entry((uintptr_t)ist_stack_df));
}

SELFTEST(page_allocator)
{
	size_t free = pages_free_count(), dirty = 0;
	unsigned char *a = page_alloc(), *b = pages_alloc(3);

	CHECK(a && b);
	if (!a || !b)
		return;
	for (size_t i = 0; i < PAGE_SIZE; i++)
		dirty += a[i];
	CHECK_EQ(dirty, 0);
	CHECK_EQ(pages_free_count(), free - 4);
	a[100] = 1;
	pages_free(a, 1);
	CHECK_EQ(a[100], 0xda); /* junk, where the free run's own words are not */
	pages_free(b, 3);
	CHECK_EQ(pages_free_count(), free);
	CHECK(!pages_alloc(free + 1));
}

SELFTEST(heap)
{
	char *p[40];

	for (unsigned i = 0; i < 40; i++) {
		size_t size = 1 + i * 97;

		p[i] = heap_alloc(size);
		CHECK(p[i] && (uintptr_t)p[i] % 16 == 0 && !p[i][0] && !p[i][size - 1]);
		if (p[i])
			memset(p[i], i, size);
	}
	for (unsigned i = 0; i < 40; i++) {
		size_t size = 1 + i * 97;

		CHECK(p[i][0] == (char)i && p[i][size - 1] == (char)i); /* nobody wrote into it */
		heap_free(p[i]);
	}
	heap_free(NULL);
}

/* An exception at a named place goes on at another: here an invalid opcode. */
SELFTEST(fixup)
{
	int resumed = 0;

	asm volatile("1: ud2\n"
		     "jmp 3f\n"
		     "2: movl $1, %0\n"
		     "3:\n"
		     ".pushsection set_fixups, \"a\"\n"
		     ".quad 1b, 2b\n"
		     ".popsection"
		     : "+r"(resumed));
	CHECK_EQ(resumed, 1);
}

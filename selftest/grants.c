/* SPDX-License-Identifier: MIT */
/* Grants of this domain to itself: Xen maps and copies them by the same rules as for any other.
 */
#include "drivers/xen/grant.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/memory.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "selftest/needs.h"

#define NEEDS_GRANTS()                                                                       \
	NEEDS(xen);                                                                          \
	SKIP_UNLESS(xen_domid() != XEN_DOMID_UNKNOWN, "the domain's own number is unknown"); \
	SKIP_UNLESS(!grant_out() && !grant_kept(), "grants are in use")

#define BATCH 70u /* more than goes in one call of grant_map.c */

/* Has Xen copy a page by its reference. GNTST_*. */
static int copy_by_ref(grant_ref_t ref, void *to, bool back)
{
	struct gnttab_copy op = {.len = PAGE_SIZE,
				 .flags = back ? GNTCOPY_dest_gref : GNTCOPY_source_gref,
				 .status = GNTST_general_error};
	struct gnttab_copy_ptr *granted = back ? &op.dest : &op.source;
	struct gnttab_copy_ptr *mine = back ? &op.source : &op.dest;

	granted->u.ref = ref;
	granted->domid = mine->domid = DOMID_SELF;
	mine->u.gmfn = (uintptr_t)to >> PAGE_SHIFT;
	CHECK_EQ(hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, (uintptr_t)&op, 1), 0);
	return op.status;
}

/* What the entry permits, and not a bit more. */
static void check_copies(void)
{
	char *a = page_alloc(), *b = page_alloc();
	int ref = grant_access(xen_domid(), a, true),
	    other = grant_access(xen_domid(), a, false);

	CHECK(ref >= GNTTAB_NR_RESERVED_ENTRIES && other != ref);
	memset(a, 0x5a, PAGE_SIZE);
	CHECK_EQ(copy_by_ref(ref, b, false), GNTST_okay);
	CHECK(!memcmp(a, b, PAGE_SIZE));
	memset(b, 0x33, PAGE_SIZE);
	CHECK_EQ(copy_by_ref(ref, b, true), GNTST_general_error); /* read-only */
	CHECK_EQ((uint8_t)a[0], 0x5a);
	CHECK_EQ(copy_by_ref(other, b, true), GNTST_okay);
	CHECK(!memcmp(a, b, PAGE_SIZE));
	CHECK_EQ(grant_end(other, NULL), 0);
	CHECK_EQ(grant_end(ref, a), 0);
	CHECK_EQ(grant_end(ref, NULL), -EINVAL);
	CHECK_EQ(copy_by_ref(ref, b, false), GNTST_general_error); /* over */
	ref = grant_access(xen_domid() + 1, b, false);             /* somebody else's */
	CHECK_EQ(copy_by_ref(ref, b, false), GNTST_general_error);
	CHECK_EQ(grant_end(ref, b), 0);
}

/* A batch is mapped, and the other place has what was in the pages. */
static void check_maps(void)
{
	/* A guest of 2 MiB has no more. */
	unsigned n = pages_free_count() > 4 * BATCH ? BATCH : BATCH / 8;
	char *pages = pages_alloc(n), *there;
	struct grant_mapping m[BATCH] = {0};
	grant_ref_t refs[BATCH];

	CHECK_EQ(grant_access_pages(xen_domid(), pages, n, false, refs), 0);
	for (unsigned i = 0; i < n; i++) {
		m[i].ref = refs[i];
		pages[i * PAGE_SIZE] = i + 1;
	}
	there = grant_map(xen_domid(), m, n, false);
	if (CHECK(there != NULL)) {
		for (unsigned i = 0; i < n; i++)
			CHECK_EQ(there[i * PAGE_SIZE], i + 1);
		CHECK_EQ(grant_unmap(there, m, n), 0);
		CHECK_EQ(grant_populate(pages, n), 0);
	}
	m[0].ref = 0x7fffffff; /* one that is none: all or nothing */
	CHECK(!grant_map(xen_domid(), m, 1, false));
	CHECK_EQ(m[0].status, GNTST_bad_gntref);
	CHECK_EQ(grant_end_all(refs, n, pages), 0);
}

/* What is mapped cannot be ended: neither its reference nor its page is handed out meanwhile.
 */
static void check_kept(void)
{
	struct grant_mapping m = {0};
	char *page, *there;
	size_t before;
	int ref, other;

	heap_free(heap_alloc(32)); /* so that no page goes to the heap from here on */
	heap_free(heap_alloc(64));
	before = pages_free_count();
	page = page_alloc();
	m.ref = ref = grant_access(xen_domid(), page, false);
	there = grant_map(xen_domid(), &m, 1, true);
	if (!CHECK(there != NULL))
		return;
	CHECK_EQ(grant_end(ref, page), -EBUSY);
	CHECK_EQ(grant_kept(), 1);
	CHECK_EQ(grant_retry(), 1);
	CHECK_EQ(grant_end(ref, NULL), -EINVAL);
	CHECK_EQ(grant_set_version(3 - grant_version()), -EBUSY);
	for (unsigned i = 0; i < 1100; i++) { /* around the list of references */
		other = grant_access(xen_domid(), there, false);
		CHECK(other >= 0 && other != ref);
		CHECK_EQ(grant_end(other, NULL), 0);
	}
	CHECK_EQ(pages_free_count(), before - 2);
	CHECK_EQ(grant_unmap(there, &m, 1), 0);
	CHECK_EQ(grant_populate(page, 1), 0);
	CHECK_EQ(grant_retry(), 0);
	CHECK_EQ(grant_kept(), 0);
	CHECK_EQ(pages_free_count(), before);
}

static uint32_t max_frames(void)
{
	struct gnttab_query_size size = {.dom = DOMID_SELF};

	CHECK_EQ(hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, (uintptr_t)&size,
			    1),
		 0);
	CHECK_EQ(size.status, GNTST_okay);
	return size.max_nr_frames;
}

/* Takes n references; all are different, and each frame's first and last are good. */
static void check_refs(grant_ref_t *refs, unsigned n, unsigned per_frame, char *page)
{
	uint64_t sum = 0;
	unsigned bad = 0;

	for (unsigned i = 0; i < n; i++) {
		int ref = grant_access(xen_domid(), page, true);

		bad += ref < 0;
		sum += refs[i] = ref;
	}
	CHECK_EQ(bad, 0);
	CHECK_EQ(grant_out(), n);
	CHECK(sum >= (uint64_t)n * (n + 15) / 2); /* that of 8, 9, 10, ... */
	for (unsigned i = 0; i < n; i++)
		if (refs[i] % per_frame == 0 || (refs[i] + 1) % per_frame == 0 || i == n - 1)
			CHECK_EQ(copy_by_ref(refs[i], page, false), GNTST_okay);
}

/* A reference of the last frame is looked after by its own status word. */
static void check_last(grant_ref_t ref, char *page)
{
	struct grant_mapping m = {.ref = ref};
	char *there = grant_map(xen_domid(), &m, 1, true);

	if (!CHECK(there != NULL))
		return;
	CHECK_EQ(grant_end(ref, NULL), -EBUSY);
	CHECK_EQ(grant_unmap(there, &m, 1), 0);
	CHECK_EQ(grant_populate(page, 1), 0);
	CHECK_EQ(grant_retry(), 0);
}

/* The table grows frame by frame, as far as Xen lets it, or memory does. */
static void check_growth(void)
{
	unsigned per_frame = grant_version() == 2 ? 256 : 512, limit = max_frames();
	bool all = pages_free_count() > 8 * limit;
	unsigned n = all ? limit * per_frame - GNTTAB_NR_RESERVED_ENTRIES : per_frame + 10;
	grant_ref_t *refs = heap_alloc(n * sizeof(*refs));
	char *page = page_alloc();

	if (!CHECK(refs && page))
		return;
	check_refs(refs, n, per_frame, page);
	CHECK(all ? grant_frames() == limit : grant_frames() >= 2);
	if (all)
		CHECK_EQ(grant_access(xen_domid(), page, true), -ENOSPC);
	check_last(refs[n - 1], page);
	CHECK_EQ(grant_end_all(refs, n - 1, NULL), 0);
	CHECK_EQ(grant_out(), 0);
	pages_free(page, 1);
	heap_free(refs);
}

static void check_version(unsigned version)
{
	CHECK_EQ(grant_version(), version);
	check_copies();
	check_maps();
	check_kept();
	check_growth();
}

SELFTEST(grant_v1)
{
	NEEDS_GRANTS();
	CHECK_EQ(grant_init(), 0);
	CHECK_EQ(grant_set_version(3), -EINVAL);
	CHECK_EQ(grant_set_version(1), 0);
	check_version(1);
}

/* Back to 1 at the end, and a second time around: the status words come and go. */
SELFTEST(grant_v2)
{
	int err;

	NEEDS_GRANTS();
	CHECK_EQ(grant_init(), 0);
	err = grant_set_version(2);
	SKIP_UNLESS(err != -ENOSYS, "Xen offers no version 2");
	CHECK_EQ(err, 0);
	check_version(2);
	CHECK_EQ(grant_set_version(1), 0);
	check_copies();
	CHECK_EQ(grant_set_version(2), 0);
	check_copies();
	check_kept();
	CHECK_EQ(grant_set_version(1), 0);
}

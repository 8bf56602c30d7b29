/* SPDX-License-Identifier: MIT */
/* Mapping what other domains have granted. A mapping goes where the domain has no memory: pages
 * of Daisy's that are given back to Xen for as long, as a balloon does it. */
#include "drivers/xen/grant.h"
#include "drivers/xen/hypercall.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"

#define BATCH 64u /* on the stack: giving memory back must not need any */

/* XENMEM_decrease_reservation or XENMEM_populate_physmap, many pages in one call: how many it
 * was done for. */
static unsigned pages_exchange(unsigned cmd, void *pages, unsigned count)
{
	struct xen_memory_reservation op = {.domid = DOMID_SELF};
	xen_pfn_t gfns[BATCH], first = (uintptr_t)pages >> PAGE_SHIFT;
	unsigned done = 0;
	int n;

	set_xen_guest_handle(op.extent_start, gfns);
	do {
		op.nr_extents = count - done < BATCH ? count - done : BATCH;
		for (unsigned i = 0; i < op.nr_extents; i++)
			gfns[i] = first + done + i;
		n = hypercall2(__HYPERVISOR_memory_op, cmd, (uintptr_t)&op);
		done += n > 0 ? n : 0;
	} while (n == (int)op.nr_extents && done < count);
	return done;
}

/* Pages without memory behind them, or NULL. */
static void *hole_make(unsigned count)
{
	void *pages = pages_alloc(count);
	unsigned n = pages ? pages_exchange(XENMEM_decrease_reservation, pages, count) : 0;

	if (!pages || n == count)
		return pages;
	if (!grant_populate(pages, n))
		pages_free(pages, count);
	return NULL;
}

int grant_populate(void *pages, unsigned count)
{
	return pages_exchange(XENMEM_populate_physmap, pages, count) == count ? 0 : -ENOMEM;
}

static void hole_fill(void *pages, unsigned count)
{
	if (!grant_populate(pages, count))
		pages_free(pages, count);
	else
		printk_warn("grant: Xen does not give back %u pages\n", count);
}

static int unmap_mapped(char *pages, struct grant_mapping *m, unsigned count)
{
	struct gnttab_unmap_grant_ref *ops = heap_alloc(count * sizeof(*ops));
	unsigned n = 0;
	int err;

	if (!ops)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		if (!m[i].status)
			ops[n++] = (struct gnttab_unmap_grant_ref){
				.host_addr = (uintptr_t)pages + i * PAGE_SIZE,
				.handle = m[i].handle};
	err = n ? hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref,
			     (uintptr_t)ops, n)
		: 0;
	for (unsigned i = 0, j = 0; i < count && !err; i++)
		if (!m[i].status && (m[i].status = ops[j++].status))
			err = -EIO;
	heap_free(ops);
	return err;
}

static int map_all(char *pages, domid_t domid, struct grant_mapping *m, unsigned count,
		   bool readonly)
{
	struct gnttab_map_grant_ref *ops = heap_alloc(count * sizeof(*ops));
	int err;

	if (!ops)
		return -ENOMEM;
	for (unsigned i = 0; i < count; i++)
		ops[i] = (struct gnttab_map_grant_ref){
			.host_addr = (uintptr_t)pages + i * PAGE_SIZE,
			.flags = GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0),
			.ref = m[i].ref,
			.dom = domid,
			.status = GNTST_general_error};
	err = hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, (uintptr_t)ops,
			 count);
	for (unsigned i = 0; i < count; i++) {
		m[i].handle = ops[i].handle;
		m[i].status = ops[i].status;
		if (m[i].status)
			err = -EIO;
	}
	heap_free(ops);
	return err;
}

void *grant_map(domid_t domid, struct grant_mapping *m, unsigned count, bool readonly)
{
	void *pages = hole_make(count);
	int err = pages ? map_all(pages, domid, m, count, readonly) : -ENOMEM;

	if (!err)
		return pages;
	/* Those that were mapped say GNTST_okay still when they have been unmapped. */
	if (err == -EIO && unmap_mapped(pages, m, count))
		return NULL; /* with a mapping in them, the pages are lost */
	if (pages)
		hole_fill(pages, count);
	return NULL;
}

int grant_unmap(void *pages, struct grant_mapping *m, unsigned count)
{
	int err = unmap_mapped(pages, m, count);

	if (!err)
		hole_fill(pages, count);
	return err;
}

/* SPDX-License-Identifier: MIT */
#include "lib/errno.h"
#include "lib/grant_entry.h"

_Static_assert(sizeof(struct grant_entry_v1) == 8 && sizeof(union grant_entry_v2) == 16,
	       "512 entries of version 1 in a page, 256 of version 2");

#define IN_USE (GTF_reading | GTF_writing)

static uint16_t access_flags(bool readonly)
{
	return GTF_permit_access | (readonly ? GTF_readonly : 0);
}

static void v1_set(void *table, uint32_t ref, domid_t domid, uint64_t frame, bool readonly)
{
	struct grant_entry_v1 *e = (struct grant_entry_v1 *)table + ref;

	e->frame = (uint32_t)frame;
	e->domid = domid;
	/* Last: from here on Xen looks at the rest. */
	__atomic_store_n(&e->flags, access_flags(readonly), __ATOMIC_RELEASE);
}

static void v1_renew(void *table, uint32_t ref, const void *old)
{
	const struct grant_entry_v1 *e = (const struct grant_entry_v1 *)old + ref;

	v1_set(table, ref, e->domid, e->frame, e->flags & GTF_readonly);
}

static int v1_end(void *table, const grant_status_t *status, uint32_t ref)
{
	struct grant_entry_v1 *e = (struct grant_entry_v1 *)table + ref;
	uint16_t flags = __atomic_load_n(&e->flags, __ATOMIC_RELAXED);

	(void)status;
	/* In one step, or a mapping that is made in between would be overlooked. */
	do {
		if (flags & IN_USE)
			return -EBUSY;
	} while (!__atomic_compare_exchange_n(&e->flags, &flags, GTF_invalid, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return 0;
}

static void v2_set(void *table, uint32_t ref, domid_t domid, uint64_t frame, bool readonly)
{
	union grant_entry_v2 *e = (union grant_entry_v2 *)table + ref;

	e->full_page.frame = frame;
	e->hdr.domid = domid;
	__atomic_store_n(&e->hdr.flags, access_flags(readonly), __ATOMIC_RELEASE);
}

static void v2_renew(void *table, uint32_t ref, const void *old)
{
	const union grant_entry_v2 *e = (const union grant_entry_v2 *)old + ref;

	v2_set(table, ref, e->hdr.domid, e->full_page.frame, e->hdr.flags & GTF_readonly);
}

static int v2_end(void *table, const grant_status_t *status, uint32_t ref)
{
	union grant_entry_v2 *e = (union grant_entry_v2 *)table + ref;

	__atomic_store_n(&e->hdr.flags, GTF_invalid, __ATOMIC_RELAXED);
	/* Xen sets the status first and looks at the flags again; here it is the other way
	 * around, so one of the two sees the other. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&status[ref], __ATOMIC_ACQUIRE) & IN_USE ? -EBUSY : 0;
}

const struct grant_abi grant_abi_v1 = {1, sizeof(struct grant_entry_v1), v1_set, v1_renew,
				       v1_end};
const struct grant_abi grant_abi_v2 = {2, sizeof(union grant_entry_v2), v2_set, v2_renew,
				       v2_end};

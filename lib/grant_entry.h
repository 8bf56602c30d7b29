/* SPDX-License-Identifier: MIT */
/* One entry of a grant table, version 1 or 2 (public/grant_table.h). Pure logic on shared
 * memory: Xen sets the bits that say that the other end uses the page, at any time. */
#ifndef LIB_GRANT_ENTRY_H
#define LIB_GRANT_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/grant_table.h>

/* The two versions as a table of operations. table: the entries; status: version 2's words, in
 * which Xen says who uses what, NULL for version 1. */
struct grant_abi {
	unsigned version;
	unsigned size; /* of an entry */
	/* domid may map the frame from now on. The entry was invalid. */
	void (*set)(void *table, uint32_t ref, domid_t domid, uint64_t frame, bool readonly);
	/* As in this other table, where the other end may have used it; here nobody does yet.
	 */
	void (*renew)(void *table, uint32_t ref, const void *old);
	/* Nobody may any more: 0; -EBUSY: somebody has it mapped, or Xen is just copying.
	 * Version 1 leaves such an entry valid, version 2 lets nobody else in. May be called
	 * again. */
	int (*end)(void *table, const grant_status_t *status, uint32_t ref);
};

extern const struct grant_abi grant_abi_v1, grant_abi_v2;

#endif

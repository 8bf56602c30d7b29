/* SPDX-License-Identifier: MIT */
/* The table itself: its frames, its version. Everything here under the lock. */
#ifndef DRIVERS_XEN_GRANT_TABLE_H
#define DRIVERS_XEN_GRANT_TABLE_H

#include "kernel/spinlock.h"
#include "lib/grant_entry.h"
#include "lib/grant_refs.h"

extern struct grant_table {
	struct spinlock lock;        /* all of this, and the entries */
	const struct grant_abi *abi; /* NULL before grant_init() */
	char **frame;                /* frames_limit pages or NULL; `frames` are mapped */
	grant_status_t **status;     /* version 2; as many, though fewer are needed */
	uint32_t frames, frames_limit;
	struct grant_refs refs;
} grant_table;

/* A reference's entry is entry `index` of this frame, for gt.abi. */
struct grant_place {
	void *frame;
	const grant_status_t *status; /* NULL for version 1 */
	uint32_t number, index;       /* of the frame; in it */
};

struct grant_place grant_table_place(uint32_t ref);
/* As grant_init(). */
int grant_table_open(void);
/* One more frame of references, or -ENOSPC: Xen has no more; -ENOMEM. */
int grant_table_grow(void);
/* Nothing is out, and Xen's table changes to this version. 0 or -errno. */
int grant_table_switch(unsigned version);
/* In a domain that has no table yet: this one's frames and version. All entries are invalid
 * then. 0 or -errno. */
int grant_table_remap(void);

#endif

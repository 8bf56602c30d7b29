/* SPDX-License-Identifier: MIT */
/* Grants across a suspend: the table is another one, whose entries are written again, so that
 * each reference stays what it was. Nobody has anything mapped then. All CPUs are quiet. */
#include "drivers/xen/grant.h"
#include "drivers/xen/grant_table.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/string.h"

#define gt grant_table

static char *saved; /* the frames, one behind the other */
static unsigned nr_saved;

int grant_suspend(void)
{
	if (!gt.abi)
		return 0;
	saved = pages_alloc(gt.frames);
	if (!saved)
		return -ENOMEM;
	nr_saved = gt.frames;
	for (unsigned i = 0; i < nr_saved; i++)
		memcpy(saved + i * PAGE_SIZE, gt.frame[i], PAGE_SIZE);
	return 0;
}

static void gt_renew(uint32_t ref)
{
	struct grant_place p = grant_table_place(ref);

	gt.abi->renew(p.frame, p.index, saved + p.number * PAGE_SIZE);
}

void grant_resume(void)
{
	int err = saved ? grant_table_remap() : 0;

	if (err) { /* the next grant tries again, with a table that it finds */
		printk_warn("grant: all grants are lost (error %d)\n", err);
		gt.abi = NULL;
	}
	for (uint32_t ref = 0; saved && !err && ref < gt.refs.limit; ref++)
		if (grant_refs_is_out(&gt.refs, ref))
			gt_renew(ref);
}

void grant_suspend_end(void)
{
	if (!saved)
		return;
	pages_free(saved, nr_saved);
	saved = NULL;
	grant_retry(); /* whoever held what was set aside is gone */
}

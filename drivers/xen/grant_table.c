/* SPDX-License-Identifier: MIT */
#include "drivers/xen/grant_table.h"

#include "drivers/xen/hypercall.h"
#include "kernel/memory.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Frames are put on pages of Daisy's own, whose memory goes back to Xen for it; the table has
 * to be one piece, so its pages are taken together. Enough for 4096 references of version 1. */
#define FRAMES_MAX    8u
#define STATUS_FRAMES 1u /* 2048 words: those of FRAMES_MAX frames of version 2 */

struct grant_table grant_table;
#define gt grant_table

static int gt_op(unsigned cmd, void *arg)
{
	return hypercall3(__HYPERVISOR_grant_table_op, cmd, (uintptr_t)arg, 1);
}

static int gt_map_frame(uintptr_t index, void *at)
{
	return hypercall_memory_add_to_physmap(XENMAPSPACE_grant_table, index,
					       (uintptr_t)at >> PAGE_SHIFT);
}

static int gt_map_status(void)
{
	int err = 0;

	if (!gt.status && !(gt.status = pages_alloc(STATUS_FRAMES)))
		return -ENOMEM;
	for (unsigned i = 0; i < STATUS_FRAMES && !err; i++)
		err = gt_map_frame(XENMAPIDX_grant_table_status | i,
				   (char *)gt.status + i * PAGE_SIZE);
	return err;
}

int grant_table_grow(void)
{
	uint32_t limit = (gt.frames + 1) * (PAGE_SIZE / gt.abi->size);
	uint32_t *old = gt.refs.link, *link;
	int err;

	if (gt.frames == gt.frames_limit)
		return -ENOSPC;
	link = heap_alloc(limit * sizeof(*link));
	if (!link)
		return -ENOMEM;
	err = gt_map_frame(gt.frames, gt.table + gt.frames * PAGE_SIZE);
	if (err) {
		heap_free(link);
		return err;
	}
	gt.frames++;
	memcpy(link, old, gt.refs.limit * sizeof(*link));
	grant_refs_grow(&gt.refs, link, limit);
	heap_free(old);
	return 0;
}

/* The list of references for the version that Xen has; nothing is out. */
static int gt_begin(unsigned version)
{
	gt.abi = version == 2 ? &grant_abi_v2 : &grant_abi_v1;
	heap_free(gt.refs.link);
	grant_refs_init(&gt.refs);
	gt.frames = 0;
	return grant_table_grow();
}

int grant_table_open(void)
{
	struct gnttab_query_size size = {.dom = DOMID_SELF};
	struct gnttab_get_version version = {.dom = DOMID_SELF};
	int err;

	if (gt.abi)
		return 0;
	err = gt_op(GNTTABOP_query_size, &size);
	if (!err && size.status)
		err = -EIO;
	if (!err && gt_op(GNTTABOP_get_version, &version))
		version.version = 1; /* a hypervisor that knows no other */
	if (err)
		return err;
	if (!gt.table && !(gt.table = pages_alloc(FRAMES_MAX)))
		return -ENOMEM;
	gt.frames_limit = size.max_nr_frames < FRAMES_MAX ? size.max_nr_frames : FRAMES_MAX;
	err = gt_begin(version.version);
	if (!err && version.version == 2)
		err = gt_map_status();
	if (err)
		gt.abi = NULL;
	return err;
}

int grant_table_switch(unsigned version)
{
	struct gnttab_set_version op = {.version = version};
	int err = gt_op(GNTTABOP_set_version, &op);

	if (err || version == gt.abi->version)
		return err;
	/* Xen has cleared the entries, and took away the status words when it went back to 1.
	 */
	err = gt_begin(version);
	return !err && version == 2 ? gt_map_status() : err;
}

int grant_table_remap(void)
{
	struct gnttab_set_version op = {.version = gt.abi->version};
	int err = op.version == 2 ? gt_op(GNTTABOP_set_version, &op) : 0;

	for (unsigned i = 0; i < gt.frames && !err; i++)
		err = gt_map_frame(i, gt.table + i * PAGE_SIZE);
	return !err && op.version == 2 ? gt_map_status() : err;
}

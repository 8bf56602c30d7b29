/* SPDX-License-Identifier: MIT */
#include "drivers/xen/grant_table.h"

#include "drivers/xen/hypercall.h"
#include "kernel/memory.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Frames are put on pages of Daisy's own, whose memory goes back to Xen for it. Each is taken
 * when it is needed, and stays. */
#define STATUS_WORDS     (PAGE_SIZE / sizeof(grant_status_t))
#define FRAMES_A_STATUS  (STATUS_WORDS / (PAGE_SIZE / sizeof(union grant_entry_v2)))
#define STATUS_FRAMES(n) (((n) + FRAMES_A_STATUS - 1) / FRAMES_A_STATUS)

struct grant_table grant_table;
#define gt grant_table

static int gt_op(unsigned cmd, void *arg)
{
	return hypercall3(__HYPERVISOR_grant_table_op, cmd, (uintptr_t)arg, 1);
}

static int gt_map_frame(uintptr_t index, void **at)
{
	if (!*at && !(*at = page_alloc()))
		return -ENOMEM;
	return hypercall_memory_add_to_physmap(XENMAPSPACE_grant_table, index,
					       (uintptr_t)*at >> PAGE_SHIFT);
}

static int gt_map_entries(uint32_t frame)
{
	return gt_map_frame(frame, (void **)&gt.frame[frame]);
}

/* Those of version 2 that belong to frames [from, to). */
static int gt_map_status(uint32_t from, uint32_t to)
{
	int err = 0;

	for (uint32_t i = STATUS_FRAMES(from); i < STATUS_FRAMES(to) && !err; i++)
		err = gt_map_frame(XENMAPIDX_grant_table_status | i, (void **)&gt.status[i]);
	return err;
}

struct grant_place grant_table_place(uint32_t ref)
{
	uint32_t per_frame = PAGE_SIZE / gt.abi->size;
	struct grant_place place = {.number = ref / per_frame, .index = ref % per_frame};

	place.frame = gt.frame[place.number];
	if (gt.abi->version == 2) /* the word of the frame's first entry */
		place.status =
			gt.status[ref / STATUS_WORDS] + (ref - place.index) % STATUS_WORDS;
	return place;
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
	err = gt_map_entries(gt.frames);
	if (!err && gt.abi->version == 2)
		err = gt_map_status(gt.frames, gt.frames + 1);
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

/* What Xen allows at the most, and pointers for as many. */
static int gt_size(void)
{
	struct gnttab_query_size size = {.dom = DOMID_SELF};
	int err = gt.frame ? 0 : gt_op(GNTTABOP_query_size, &size);

	if (gt.frame || err || size.status)
		return size.status ? -EIO : err;
	gt.frames_limit = size.max_nr_frames;
	gt.frame = heap_alloc(2 * gt.frames_limit * sizeof(*gt.frame));
	gt.status = (grant_status_t **)(gt.frame + gt.frames_limit);
	return gt.frame ? 0 : -ENOMEM;
}

int grant_table_open(void)
{
	struct gnttab_get_version version = {.dom = DOMID_SELF};
	int err = gt.abi ? 0 : gt_size();

	if (gt.abi || err)
		return err;
	if (gt_op(GNTTABOP_get_version, &version))
		version.version = 1; /* a hypervisor that knows no other */
	err = gt_begin(version.version);
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
	return gt_begin(version);
}

int grant_table_remap(void)
{
	struct gnttab_set_version op = {.version = gt.abi->version};
	int err = op.version == 2 ? gt_op(GNTTABOP_set_version, &op) : 0;

	for (uint32_t i = 0; i < gt.frames && !err; i++)
		err = gt_map_entries(i);
	return !err && op.version == 2 ? gt_map_status(0, gt.frames) : err;
}

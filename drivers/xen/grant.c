/* SPDX-License-Identifier: MIT */
#include "drivers/xen/grant.h"

#include "drivers/xen/grant_table.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/errno.h"

#define gt grant_table

/* A page that waits for its reference, which is set aside. */
static struct kept {
	grant_ref_t ref;
	void *page;
	struct kept *next;
} * kept;

unsigned grant_version(void)
{
	return gt.abi ? gt.abi->version : 0;
}

unsigned grant_kept(void)
{
	return gt.refs.nr_kept;
}

unsigned grant_out(void)
{
	return grant_refs_nr_out(&gt.refs);
}

unsigned grant_frames(void)
{
	return gt.frames;
}

/* --- under the lock --- */

/* The page of a reference that was set aside; *page stays when there is none. */
static void kept_forget(grant_ref_t ref, void **page)
{
	for (struct kept **at = &kept; *at; at = &(*at)->next) {
		struct kept *k = *at;

		if (k->ref != ref)
			continue;
		*page = k->page;
		*at = k->next;
		heap_free(k);
		return;
	}
}

static void kept_note(grant_ref_t ref, void *page)
{
	struct kept *k = page ? heap_alloc(sizeof(*k)) : NULL;

	if (!k)
		return; /* the page is lost, which is the lesser evil */
	*k = (struct kept){ref, page, kept};
	kept = k;
}

/* Ends one that is out: it is free, or set aside. */
static int gt_end(grant_ref_t ref, void *page)
{
	struct grant_place p = grant_table_place(ref);
	int err = gt.abi->end(p.frame, p.status, p.index);

	if (err) {
		grant_refs_keep(&gt.refs, ref);
		return err;
	}
	grant_refs_put(&gt.refs, ref);
	kept_forget(ref, &page);
	if (page)
		pages_free(page, 1);
	return 0;
}

/* Each of those that were set aside, once. */
static void gt_retry(void)
{
	for (uint32_t n = gt.refs.nr_kept; n; n--) {
		int ref = grant_refs_take_kept(&gt.refs);

		gt_end(ref, NULL);
	}
}

static int gt_take(void)
{
	int ref = grant_refs_take(&gt.refs);

	if (ref == -ENOSPC && !grant_table_grow())
		ref = grant_refs_take(&gt.refs);
	if (ref == -ENOSPC) {
		gt_retry();
		ref = grant_refs_take(&gt.refs);
	}
	return ref;
}

/* --- for drivers --- */

int grant_init(void)
{
	bool on = spin_lock(&gt.lock);
	int err = grant_table_open();

	spin_unlock(&gt.lock, on);
	return err;
}

unsigned grant_room(void)
{
	unsigned room = 0;
	bool on = spin_lock(&gt.lock);

	if (!grant_table_open())
		room = gt.refs.nr_free + (gt.frames_limit - gt.frames) * (PAGE_SIZE / gt.abi->size);
	spin_unlock(&gt.lock, on);
	return room;
}

static int gt_set_version(unsigned version)
{
	int err = grant_table_open();

	if (err)
		return err;
	gt_retry();
	return grant_refs_nr_out(&gt.refs) || gt.refs.nr_kept ? -EBUSY
							      : grant_table_switch(version);
}

int grant_set_version(unsigned version)
{
	bool on = spin_lock(&gt.lock);
	int err = gt_set_version(version);

	spin_unlock(&gt.lock, on);
	return err;
}

/* Under the lock, the table open. */
static int gt_access(domid_t domid, uint64_t frame, bool readonly)
{
	int ref = gt.abi->version == 1 && frame > UINT32_MAX ? -EINVAL : gt_take();
	struct grant_place p;

	if (ref < 0)
		return ref;
	p = grant_table_place(ref);
	gt.abi->set(p.frame, p.index, domid, frame, readonly);
	return ref;
}

int grant_access(domid_t domid, const void *page, bool readonly)
{
	bool on = spin_lock(&gt.lock);
	int ref = grant_table_open();

	if (!ref)
		ref = gt_access(domid, (uintptr_t)page >> PAGE_SHIFT, readonly);
	spin_unlock(&gt.lock, on);
	return ref;
}

/* When one cannot be granted, another may have been used already: the other end can guess
 * references. So its page must not be free before the grant is. */
int grant_access_pages(domid_t domid, void *pages, unsigned count, bool readonly,
		       grant_ref_t *refs)
{
	char *at = pages;

	for (unsigned n = 0; n < count; n++, at += PAGE_SIZE) {
		int ref = grant_access(domid, at, readonly);

		if (ref < 0) {
			grant_end_all(refs, n, pages);
			pages_free(at, count - n);
			return ref;
		}
		refs[n] = ref;
	}
	return 0;
}

/* Under the lock. */
static int gt_end_or_keep(grant_ref_t ref, void *page)
{
	int err = gt.abi && grant_refs_is_out(&gt.refs, ref) ? 0 : -EINVAL;

	if (!err) {
		err = gt_end(ref, page);
		if (err)
			kept_note(ref, page);
	}
	return err;
}

int grant_end(grant_ref_t ref, void *page)
{
	bool on = spin_lock(&gt.lock);
	int err = gt_end_or_keep(ref, page);

	spin_unlock(&gt.lock, on);
	if (err == -EBUSY)
		printk("grant: reference %u is still in use by the other end, set aside\n",
		       ref);
	return err;
}

unsigned grant_end_all(const grant_ref_t *refs, unsigned count, void *pages)
{
	bool on = spin_lock(&gt.lock);
	unsigned busy = 0;

	for (unsigned i = 0; i < count; i++)
		busy += gt_end_or_keep(refs[i], pages ? (char *)pages + i * PAGE_SIZE : NULL) ==
			-EBUSY;
	spin_unlock(&gt.lock, on);
	if (busy)
		printk("grant: %u of %u references are still in use by the other end, set "
		       "aside\n",
		       busy, count);
	return busy;
}

unsigned grant_retry(void)
{
	bool on = spin_lock(&gt.lock);
	unsigned left;

	if (gt.abi)
		gt_retry();
	left = gt.refs.nr_kept;
	spin_unlock(&gt.lock, on);
	return left;
}

SHELL_COMMAND(grants, "", "pages that others may use")
{
	printk("grants: version %u, %u frames, %u in use, %u set aside\n", grant_version(),
	       grant_frames(), grant_out(), grant_kept());
	return 0;
}

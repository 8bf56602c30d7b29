/* SPDX-License-Identifier: MIT */
/* Grants: which pages of this domain another one may map or copy, and, the other way around,
 * mapping what others have granted (public/grant_table.h; xen/common/grant_table.c). */
#ifndef DRIVERS_XEN_GRANT_H
#define DRIVERS_XEN_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/grant_table.h>

/* The table, in the version that it is in (1 at first); the first grant does it as well. Any
 * number of times. 0; -ENOMEM; Xen's errno. */
int grant_init(void);
unsigned grant_version(void); /* 0 before grant_init() */
/* Another version: 1 or 2, while no grant is out. 0; -EBUSY: one is, or set aside; -ENOSYS: not
 * offered; -EINVAL. */
int grant_set_version(unsigned version);

/* How many more references there can be, at the most; 0: there is no table. Any context but
 * handlers. */
unsigned grant_room(void);

/* Lets a domain map or copy one page. The reference, or -ENOSPC: Xen allows no more; -ENOMEM;
 * -EINVAL: a frame that the version cannot name. Any context but handlers. */
int grant_access(domid_t domid, const void *page, bool readonly);
/* count pages that lie one behind the other; all or none. 0; -errno: the pages are given back, as
 * grant_end() does it. */
int grant_access_pages(domid_t domid, void *pages, unsigned count, bool readonly,
		       grant_ref_t *refs);
/* Ends a grant. page, unless NULL, is given back to the page allocator as soon as nobody can
 * touch it any more. 0; -EBUSY: the other end has it mapped: the reference is set aside, with
 * its page, and both are free only after it has let go (it is said); -EINVAL: it was not
 * out. */
int grant_end(grant_ref_t ref, void *page);
/* Several; pages NULL, or where they lie one behind the other. How many were set aside. */
unsigned grant_end_all(const grant_ref_t *refs, unsigned count, void *pages);
/* Tries those again that were set aside; grant_access() does as well when there are no others.
 * How many are left. */
unsigned grant_retry(void);

/* Around a suspend, with all CPUs quiet: keeps what there is; 0 or -ENOMEM. Then, in the domain
 * that this one is now, the same again. end: afterwards, whatever came of it. */
int grant_suspend(void);
void grant_resume(void);
void grant_suspend_end(void);

/* --- what others have granted --- */

struct grant_mapping {
	grant_ref_t ref;
	grant_handle_t handle;
	int16_t status; /* GNTST_* */
};

/* Maps count grants of a domain (its number, not DOMID_SELF) into as many pages, in one call.
 * The pages are this driver's: memory that was given back to Xen. They, or NULL: no memory, or
 * not all could be mapped (m[i].status says which; none is then). */
void *grant_map(domid_t domid, struct grant_mapping *m, unsigned count, bool readonly);
/* 0, or -EIO: Xen refuses (m[i].status), the pages are lost. */
int grant_unmap(void *pages, struct grant_mapping *m, unsigned count);
/* Memory for pages that have none, as after the above. 0 or -ENOMEM: not for all. */
int grant_populate(void *pages, unsigned count);

/* --- what can be observed --- */

unsigned grant_kept(void);   /* set aside now */
unsigned grant_out(void);    /* in use */
unsigned grant_frames(void); /* of the table */

#endif

/* SPDX-License-Identifier: MIT */
#include "lib/errno.h"
#include "lib/grant_refs.h"

#include <xen/grant_table.h>

#define REF_END UINT32_MAX       /* of a list */
#define REF_OUT (UINT32_MAX - 1) /* in no list */

void grant_refs_init(struct grant_refs *refs)
{
	*refs = (struct grant_refs){.first = REF_END, .last = REF_END, .kept = REF_END};
}

static void refs_append(struct grant_refs *refs, uint32_t ref)
{
	refs->link[ref] = REF_END;
	if (refs->last == REF_END)
		refs->first = ref;
	else
		refs->link[refs->last] = ref;
	refs->last = ref;
	refs->nr_free++;
}

void grant_refs_grow(struct grant_refs *refs, uint32_t *link, uint32_t limit)
{
	uint32_t ref = refs->limit;

	refs->link = link;
	refs->limit = limit;
	for (; ref < limit; ref++)
		if (ref < GNTTAB_NR_RESERVED_ENTRIES)
			link[ref] = REF_END;
		else
			refs_append(refs, ref);
}

int grant_refs_take(struct grant_refs *refs)
{
	uint32_t ref = refs->first;

	if (ref == REF_END)
		return -ENOSPC;
	refs->first = refs->link[ref];
	if (refs->first == REF_END)
		refs->last = REF_END;
	refs->link[ref] = REF_OUT;
	refs->nr_free--;
	return ref;
}

bool grant_refs_is_out(const struct grant_refs *refs, uint32_t ref)
{
	return ref < refs->limit && refs->link[ref] == REF_OUT;
}

uint32_t grant_refs_nr_out(const struct grant_refs *refs)
{
	return refs->limit ? refs->limit - GNTTAB_NR_RESERVED_ENTRIES - refs->nr_free -
				     refs->nr_kept
			   : 0;
}

int grant_refs_put(struct grant_refs *refs, uint32_t ref)
{
	if (!grant_refs_is_out(refs, ref))
		return -EINVAL;
	refs_append(refs, ref);
	return 0;
}

int grant_refs_keep(struct grant_refs *refs, uint32_t ref)
{
	if (!grant_refs_is_out(refs, ref))
		return -EINVAL;
	refs->link[ref] = refs->kept;
	refs->kept = ref;
	refs->nr_kept++;
	return 0;
}

int grant_refs_take_kept(struct grant_refs *refs)
{
	uint32_t ref = refs->kept;

	if (ref == REF_END)
		return -ENOENT;
	refs->kept = refs->link[ref];
	refs->link[ref] = REF_OUT;
	refs->nr_kept--;
	return ref;
}

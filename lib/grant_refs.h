/* SPDX-License-Identifier: MIT */
/* Which grant references are free, out, or set aside because the other end has not let go. Pure
 * logic: a list within an array, one word for each reference. The caller serialises. */
#ifndef LIB_GRANT_REFS_H
#define LIB_GRANT_REFS_H

#include <stdbool.h>
#include <stdint.h>

struct grant_refs {
	uint32_t *link; /* by reference: the next one of its list, or what it is */
	uint32_t limit; /* references below it have a link */
	uint32_t first; /* free, and not used yet for longest or never: see put */
	uint32_t last;
	uint32_t kept; /* the first one that is set aside */
	uint32_t nr_free, nr_kept;
};

/* No references at all. */
void grant_refs_init(struct grant_refs *refs);
/* References from refs->limit to limit are there now, and free; link has as many words, and the
 * old ones' contents. Those below GNTTAB_NR_RESERVED_ENTRIES are the toolstack's: never free.
 */
void grant_refs_grow(struct grant_refs *refs, uint32_t *link, uint32_t limit);
/* One, or -ENOSPC. The one that has been free for longest: who still uses it by mistake is
 * found out by a refusal rather than by somebody else's page. */
int grant_refs_take(struct grant_refs *refs);
/* It is free again. -EINVAL: it was not out. */
int grant_refs_put(struct grant_refs *refs, uint32_t ref);
/* It is set aside. -EINVAL as above. */
int grant_refs_keep(struct grant_refs *refs, uint32_t ref);
/* Takes one that was set aside, for another try; it is out again. The one set aside last, or
 * -ENOENT. */
int grant_refs_take_kept(struct grant_refs *refs);
bool grant_refs_is_out(const struct grant_refs *refs, uint32_t ref);
uint32_t grant_refs_nr_out(const struct grant_refs *refs);

#endif

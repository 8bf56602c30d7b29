/* SPDX-License-Identifier: MIT */
#include "lib/numspace.h"
#include "lib/bitmap.h"
#include "lib/errno.h"

void numspace_init(struct numspace *ns, uint64_t *map, unsigned size)
{
	ns->taken = map;
	ns->size = size;
	ns->in_use = 0;
	for (unsigned i = 0; i < BITMAP_WORDS(size); i++)
		map[i] = 0;
}

static void numspace_take(struct numspace *ns, unsigned number)
{
	bitmap_set(ns->taken, number);
	ns->in_use++;
}

int numspace_reserve(struct numspace *ns, unsigned number)
{
	if (number >= ns->size)
		return -EINVAL;
	if (bitmap_test(ns->taken, number))
		return -EBUSY;
	numspace_take(ns, number);
	return 0;
}

int numspace_reserve_range(struct numspace *ns, unsigned lo, unsigned hi)
{
	if (lo > hi || hi > ns->size)
		return -EINVAL;
	/* Look at all of them before the first is taken: a range is claimed whole or not. */
	for (unsigned i = lo; i < hi; i++)
		if (bitmap_test(ns->taken, i))
			return -EBUSY;
	for (unsigned i = lo; i < hi; i++)
		numspace_take(ns, i);
	return 0;
}

int numspace_alloc(struct numspace *ns, unsigned lo, unsigned hi)
{
	if (lo > hi || hi > ns->size)
		return -EINVAL;

	unsigned number = bitmap_find_clear(ns->taken, lo, hi);

	if (number == hi)
		return -ENOSPC;
	numspace_take(ns, number);
	return (int)number;
}

int numspace_release(struct numspace *ns, unsigned number)
{
	if (!numspace_taken(ns, number))
		return -EINVAL;
	bitmap_clear(ns->taken, number);
	ns->in_use--;
	return 0;
}

bool numspace_taken(const struct numspace *ns, unsigned number)
{
	return number < ns->size && bitmap_test(ns->taken, number);
}

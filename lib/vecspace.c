/* SPDX-License-Identifier: MIT */
#include "lib/vecspace.h"
#include "lib/errno.h"

#define CLASS_SIZE  16u
#define CLASS_FIRST (VECTOR_DYNAMIC_BASE / CLASS_SIZE)
#define CLASS_END   (NR_VECTORS / CLASS_SIZE)

void vecspace_init(struct vecspace *vs)
{
	numspace_init(&vs->ns, vs->map, NR_VECTORS);
	/* Neither can fail: the space is empty. */
	(void)numspace_reserve_range(&vs->ns, 0, VECTOR_DYNAMIC_BASE);
	(void)numspace_reserve(&vs->ns, VECTOR_SPURIOUS);
	vs->next_class = CLASS_FIRST;
}

/* How many vectors of a class are taken; CLASS_SIZE of them is a full class. A loop, because
 * gcc would make a population count a call into its own library. */
static unsigned vecspace_class_load(const struct vecspace *vs, unsigned class)
{
	uint64_t bits = vs->map[class / 4] >> class % 4 * CLASS_SIZE & 0xffff;
	unsigned load = 0;

	for (; bits; bits &= bits - 1)
		load++;
	return load;
}

static unsigned vecspace_class_after(unsigned class)
{
	return class + 1 < CLASS_END ? class + 1 : CLASS_FIRST;
}

/* The class with the fewest vectors; of equals the one that comes first from next_class on. */
static unsigned vecspace_emptiest_class(const struct vecspace *vs)
{
	unsigned class = vs->next_class;
	unsigned best = class;
	unsigned best_load = vecspace_class_load(vs, class);

	for (unsigned n = CLASS_END - CLASS_FIRST - 1; n > 0; n--) {
		class = vecspace_class_after(class);
		unsigned load = vecspace_class_load(vs, class);

		if (load < best_load) {
			best = class;
			best_load = load;
		}
	}
	return best;
}

int vecspace_alloc(struct vecspace *vs)
{
	unsigned class = vecspace_emptiest_class(vs);
	int vector = vecspace_alloc_class(vs, class);

	if (vector >= 0)
		vs->next_class = (uint8_t)vecspace_class_after(class);
	return vector;
}

int vecspace_alloc_class(struct vecspace *vs, unsigned class)
{
	if (class < CLASS_FIRST || class >= CLASS_END)
		return -EINVAL;
	return numspace_alloc(&vs->ns, class * CLASS_SIZE, (class + 1) * CLASS_SIZE);
}

/* One of each class before a second of any. */
static int vecspace_find_pair(const struct vecspace *a, const struct vecspace *b)
{
	for (unsigned low = 0; low < CLASS_SIZE; low++)
		for (unsigned class = CLASS_FIRST; class < CLASS_END; class++) {
			unsigned vector = class * CLASS_SIZE + low;

			if (!numspace_taken(&a->ns, vector) && !numspace_taken(&b->ns, vector))
				return vector;
		}
	return -ENOSPC;
}

int vecspace_alloc_pair(struct vecspace *from, unsigned own, struct vecspace *to)
{
	int vector;

	if (!numspace_reserve(&to->ns, own))
		return own;
	vector = vecspace_find_pair(from, to);
	if (vector < 0)
		return vector;
	(void)numspace_reserve(&from->ns, vector); /* neither can fail: both are free */
	(void)numspace_reserve(&to->ns, vector);
	return vector;
}

int vecspace_reserve(struct vecspace *vs, unsigned vector)
{
	return numspace_reserve(&vs->ns, vector);
}

int vecspace_release(struct vecspace *vs, unsigned vector)
{
	if (vector < VECTOR_DYNAMIC_BASE || vector == VECTOR_SPURIOUS)
		return -EINVAL;
	return numspace_release(&vs->ns, vector);
}

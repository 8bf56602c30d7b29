/* SPDX-License-Identifier: MIT */
/* A number space: who owns which number. Daisy's irq numbers and each CPU's vectors are such
 * spaces. Nothing is found by looking for an entry that seems unused: a number is reserved by
 * name or handed out from a range, and what is taken stays taken until it is released.
 * Pure logic; the caller serialises. */
#ifndef LIB_NUMSPACE_H
#define LIB_NUMSPACE_H

#include <stdbool.h>
#include <stdint.h>

struct numspace {
	uint64_t *taken; /* one bit a number, BITMAP_WORDS(size) words, the caller's memory */
	unsigned size;   /* numbers [0, size) */
	unsigned in_use; /* how many of them are taken */
};

/* map: BITMAP_WORDS(size) words; they are cleared. size <= INT_MAX: numbers are returned as
 * int. */
void numspace_init(struct numspace *ns, uint64_t *map, unsigned size);
/* Claims one number. 0, -EBUSY (taken), -EINVAL (outside the space). */
int numspace_reserve(struct numspace *ns, unsigned number);
/* Claims all of [lo, hi) or nothing (an empty range is no claim: 0). 0, -EBUSY, -EINVAL
 * (lo > hi or hi > size). */
int numspace_reserve_range(struct numspace *ns, unsigned lo, unsigned hi);
/* Hands out the lowest free number of [lo, hi). The number, -ENOSPC, or -EINVAL (lo > hi or
 * hi > size). */
int numspace_alloc(struct numspace *ns, unsigned lo, unsigned hi);
/* Gives a number back. 0, -EINVAL (outside, or not taken: a double free). */
int numspace_release(struct numspace *ns, unsigned number);
bool numspace_taken(const struct numspace *ns, unsigned number);

#endif

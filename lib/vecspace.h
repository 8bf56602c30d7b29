/* SPDX-License-Identifier: MIT */
/* One CPU's vectors: the policy on top of a number space. 0x00-0x1f are exceptions and
 * 0x20-0x2f the legacy range (PIC); both are fixed. Everything above is carved here. The local
 * APIC's priority of a vector is its upper four bits, and an APIC may hold only two interrupts
 * of one class, so vectors are handed out across the classes before a class gets its second. */
#ifndef LIB_VECSPACE_H
#define LIB_VECSPACE_H

#include "lib/bitmap.h"
#include "lib/numspace.h"

#define VECTOR_LEGACY_BASE  0x20u
#define VECTOR_DYNAMIC_BASE 0x30u
#define VECTOR_SPURIOUS     0xffu /* the LAPIC's: low nibble all ones (SDM 10.9) */
#define NR_VECTORS          256u

struct vecspace {
	struct numspace ns;
	uint64_t map[BITMAP_WORDS(NR_VECTORS)];
	uint8_t next_class; /* (vector >> 4); tried first next time among equals */
};

/* Reserves exceptions, the legacy range and VECTOR_SPURIOUS. */
void vecspace_init(struct vecspace *vs);
/* Hands out a vector in [0x30, 0xfe]: the lowest free one of the class that has the fewest
 * taken (the spurious vector counts in class 15); of equals, the next class after the last one
 * used. The vector or -ENOSPC. */
int vecspace_alloc(struct vecspace *vs);
/* The lowest free vector of one class (3..15), for whoever wants a priority. The vector,
 * -ENOSPC, -EINVAL. */
int vecspace_alloc_class(struct vecspace *vs, unsigned class);
/* For a source that moves from one CPU to another: a vector that is free on both, or `own`, which
 * it has on `from`, where that is free on `to`. Taken on both then. The vector or -ENOSPC. */
int vecspace_alloc_pair(struct vecspace *from, unsigned own, struct vecspace *to);
int vecspace_reserve(struct vecspace *vs, unsigned vector); /* as numspace_reserve */
int vecspace_release(struct vecspace *vs, unsigned vector); /* -EINVAL for fixed vectors too */

#endif

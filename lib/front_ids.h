/* SPDX-License-Identifier: MIT */
/* Ids of requests that wait for a response: a free list of slots, in which a frontend keeps
 * what it sent, and the order in which they were sent. Pure logic: lists within an array. An id
 * is a slot and, in the bits above it, how often the slot has been used: so a second answer to
 * an earlier request is not taken for the first one to the next. The caller serialises. */
#ifndef LIB_FRONT_IDS_H
#define LIB_FRONT_IDS_H

#include <stdbool.h>
#include <stdint.h>

#define FRONT_IDS_END UINT32_MAX
#define FRONT_IDS_MAX (1u << 16)

struct front_ids_slot {
	uint64_t uses;       /* ever; the last one counts as well */
	uint32_t next, prev; /* in the order of sending; next: of the free ones, too */
	bool out;
};

struct front_ids {
	struct front_ids_slot *slot;
	uint32_t count;
	uint8_t shift, bits; /* of an id: those of the slot, and all */
	uint32_t free;       /* the one put back last, as blkif.h's note on LIFO asks */
	uint32_t first, last;
	uint32_t nr_out;
};

/* count slots, all free; ids of bits bits: 64 (blkif) or 16 (netif). 0; -EINVAL: no slots, more
 * than FRONT_IDS_MAX, or not a bit of an id is left above the slot's. */
int front_ids_init(struct front_ids *ids, struct front_ids_slot *slot, uint32_t count,
		   unsigned bits);

/* A request is about to be sent: its slot, and its id. -ENOSPC: all are out. */
int front_ids_take(struct front_ids *ids, uint64_t *id);
/* The backend says that id is answered. Its slot, which is free now; -ENOENT: it was never
 * sent; -EEXIST: it was answered already. Where the uses of a slot need more bits than an id
 * has, an old id comes again; it is then neither of the two. */
int front_ids_answer(struct front_ids *ids, uint64_t id);
const char *front_ids_error(int err);

/* Of a slot that is out. It keeps its id when it is sent again. */
uint64_t front_ids_id(const struct front_ids *ids, uint32_t slot);
/* Those that are out, in the order in which they were taken; FRONT_IDS_END: no more. */
uint32_t front_ids_first(const struct front_ids *ids);
uint32_t front_ids_next(const struct front_ids *ids, uint32_t slot);

#endif

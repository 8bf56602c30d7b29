/* SPDX-License-Identifier: MIT */
#include "lib/front_ids.h"

#include <stddef.h>

#include "lib/errno.h"

#define END FRONT_IDS_END

int front_ids_init(struct front_ids *ids, struct front_ids_slot *slot, uint32_t count,
		   unsigned bits)
{
	unsigned shift = 0;

	while (count > 1u << shift && shift < 16)
		shift++;
	if (!count || count > FRONT_IDS_MAX || bits > 64 || bits <= shift)
		return -EINVAL;
	*ids = (struct front_ids){
		.slot = slot,
		.count = count,
		.shift = shift,
		.bits = bits,
		.first = END,
		.last = END,
	};
	for (uint32_t i = 0; i < count; i++)
		slot[i] = (struct front_ids_slot){.next = i + 1 < count ? i + 1 : END};
	return 0;
}

/* As many of the uses as an id carries. */
static uint64_t ids_uses_mask(const struct front_ids *ids)
{
	unsigned bits = ids->bits - ids->shift;

	return bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;
}

uint64_t front_ids_id(const struct front_ids *ids, uint32_t slot)
{
	return (ids->slot[slot].uses & ids_uses_mask(ids)) << ids->shift | slot;
}

static void ids_append(struct front_ids *ids, uint32_t i)
{
	struct front_ids_slot *s = &ids->slot[i];

	s->next = END;
	s->prev = ids->last;
	if (ids->last == END)
		ids->first = i;
	else
		ids->slot[ids->last].next = i;
	ids->last = i;
	s->out = true;
	ids->nr_out++;
}

static void ids_remove(struct front_ids *ids, uint32_t i)
{
	struct front_ids_slot *s = &ids->slot[i];

	if (s->prev == END)
		ids->first = s->next;
	else
		ids->slot[s->prev].next = s->next;
	if (s->next == END)
		ids->last = s->prev;
	else
		ids->slot[s->next].prev = s->prev;
	s->out = false;
	ids->nr_out--;
}

int front_ids_take(struct front_ids *ids, uint64_t *id)
{
	uint32_t i = ids->free;

	if (i == END)
		return -ENOSPC;
	ids->free = ids->slot[i].next;
	ids->slot[i].uses++;
	ids_append(ids, i);
	*id = front_ids_id(ids, i);
	return (int)i;
}

/* An id that is not out. Uses count from 1 on; those that an id can carry have all been there
 * once they have run over. */
static int ids_refuse(const struct front_ids_slot *s, uint64_t use, uint64_t mask)
{
	bool was = s->uses > mask || (use && use <= s->uses);

	return was ? -EEXIST : -ENOENT;
}

int front_ids_answer(struct front_ids *ids, uint64_t id)
{
	uint64_t i = id & ((1ull << ids->shift) - 1), use = id >> ids->shift;
	uint64_t mask = ids_uses_mask(ids);
	struct front_ids_slot *s;

	if (i >= ids->count || use > mask)
		return -ENOENT;
	s = &ids->slot[i];
	if (!s->out || use != (s->uses & mask))
		return ids_refuse(s, use, mask);
	ids_remove(ids, (uint32_t)i);
	s->next = ids->free;
	ids->free = (uint32_t)i;
	return (int)i;
}

const char *front_ids_error(int err)
{
	switch (err) {
	case -ENOENT:
		return "response to what was never asked";
	case -EEXIST:
		return "second response";
	default:
		return "no error of an id";
	}
}

uint32_t front_ids_first(const struct front_ids *ids)
{
	return ids->first;
}

uint32_t front_ids_next(const struct front_ids *ids, uint32_t slot)
{
	return ids->slot[slot].next;
}

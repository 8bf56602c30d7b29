/* SPDX-License-Identifier: MIT */
#include "ring.h"

#include <stdlib.h>
#include <string.h>

#include <xen/io/ring.h>

#include "say.h"

#define PAGE 4096u

/* What all rings have in common is the header's struct with messages that do not matter. */
DEFINE_RING_TYPES(any, uint64_t, uint64_t);

#define RING_HEADER offsetof(struct any_sring, ring)

static struct any_sring *ring_shared(const struct ring *r)
{
	return r->page;
}

static void *ring_slot(const struct ring *r, uint32_t index)
{
	return (char *)r->page + RING_HEADER + (size_t)(index & (r->slots - 1)) * r->slot;
}

void ring_begin(struct ring *r, uint16_t slot)
{
	size_t bytes = r->pages * PAGE - RING_HEADER;

	r->slot = slot;
	for (r->slots = 1; (size_t)r->slots * 2 * slot <= bytes;)
		r->slots *= 2;
	/* Where a backend before this one has ended. */
	r->taken = r->put = r->pushed =
		__atomic_load_n(&ring_shared(r)->rsp_prod, __ATOMIC_ACQUIRE);
	r->broken = r->played = false;
}

uint32_t ring_waiting(const struct ring *r)
{
	return __atomic_load_n(&ring_shared(r)->req_prod, __ATOMIC_ACQUIRE) - r->taken;
}

bool ring_take(struct ring *r, void *request, size_t size)
{
	uint32_t n = ring_waiting(r);

	if (n > r->slots && !r->broken) {
		say("the frontend's req_prod is %u ahead, of %u slots", n, r->slots);
		r->broken = true;
	}
	if (!n || r->broken)
		return false;
	memcpy(request, ring_slot(r, r->taken++), size);
	return true;
}

bool ring_await(struct ring *r)
{
	__atomic_store_n(&ring_shared(r)->req_event, r->taken + 1, __ATOMIC_RELAXED);
	/* The frontend stores req_prod and then looks at req_event; this is the other half. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return ring_waiting(r) && !r->broken;
}

void ring_put(struct ring *r, const void *response, size_t size)
{
	memcpy(ring_slot(r, r->put++), response, size);
}

bool ring_push(struct ring *r)
{
	uint32_t old = r->pushed;

	/* What was played with the index stays there: the frontend may look much later, and have sent
	 * something meanwhile. */
	if (r->put == old || r->played)
		return false;
	r->pushed = r->put;
	__atomic_store_n(&ring_shared(r)->rsp_prod, r->put, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return r->put - ring_shared(r)->rsp_event < r->put - old;
}

/* By as much as a ring is long, so that what the frontend has sent or seen meanwhile does not
 * make it true. */
void ring_play_index(struct ring *r, enum trick trick)
{
	uint32_t prod = r->put;

	if (trick == TRICK_INDEX_AHEAD || trick == TRICK_RX_INDEX_AHEAD)
		prod += r->slots;
	else if (trick == TRICK_INDEX_BACK || trick == TRICK_RX_INDEX_BACK)
		prod -= r->slots;
	else
		prod += 1u << 31;
	r->played = true;
	__atomic_store_n(&ring_shared(r)->rsp_prod, prod, __ATOMIC_RELEASE);
}

void ring_scribble(struct ring *r)
{
	for (size_t i = 0; i < r->pages * PAGE / sizeof(uint32_t); i++)
		((volatile uint32_t *)r->page)[i] =
			(uint32_t)random() * 2u ^ (uint32_t)random();
}

/* SPDX-License-Identifier: MIT */
#include "lib/front_ring.h"

#include <xen/io/ring.h>

#include "lib/errno.h"
#include "lib/string.h"

/* What all rings have in common is the header's struct with messages that do not matter. */
DEFINE_RING_TYPES(front, uint64_t, uint64_t);

#define RING_HEADER offsetof(struct front_sring, ring)

_Static_assert(RING_HEADER == 64, "the slots begin at byte 64 of the first page");

static struct front_sring *ring_shared(const struct front_ring *r)
{
	return r->page;
}

static void *ring_slot(const struct front_ring *r, uint32_t index)
{
	return (char *)r->page + RING_HEADER + (size_t)(index & (r->slots - 1)) * r->shape.slot;
}

static bool shape_is_one(const struct front_ring_shape *s)
{
	return s->request && s->response && s->request <= s->slot && s->response <= s->slot &&
	       s->slot % sizeof(uint32_t) == 0;
}

int front_ring_begin(struct front_ring *r, void *page, size_t bytes,
		     const struct front_ring_shape *shape)
{
	uint32_t slots = 1;

	if (!shape_is_one(shape) || bytes < RING_HEADER + shape->slot ||
	    bytes > FRONT_RING_BYTES_MAX)
		return -EINVAL;
	while ((size_t)slots * 2 * shape->slot <= bytes - RING_HEADER)
		slots *= 2;
	*r = (struct front_ring){.page = page, .shape = *shape, .slots = slots};
	/* The slots as well: what this memory was before is none of the backend's business. */
	memset(page, 0, bytes);
	/* Notify of the very first message. */
	ring_shared(r)->req_event = 1;
	ring_shared(r)->rsp_event = 1;
	return 0;
}

uint32_t front_ring_room(const struct front_ring *r)
{
	return r->slots - (r->put - r->taken);
}

int front_ring_put(struct front_ring *r, const void *request)
{
	if (r->err)
		return r->err;
	/* A slot is free when its response has been taken, not when the backend says that it
	 * has read the request: it writes the response there. */
	if (!front_ring_room(r))
		return -ENOSPC;
	memcpy(ring_slot(r, r->put++), request, r->shape.request);
	return 0;
}

bool front_ring_push(struct front_ring *r)
{
	uint32_t old = r->pushed, event;

	if (r->err || r->put == old)
		return false;
	r->pushed = r->put;
	/* Release: the backend that reads this index finds the requests below it written. */
	__atomic_store_n(&ring_shared(r)->req_prod, r->pushed, __ATOMIC_RELEASE);
	/* A backend about to sleep stores req_event and then looks at req_prod once more; here
	 * it is the other way around, and with a full barrier on both sides one sees the other.
	 * (A store that is overtaken by a later load is the one thing that x86 does.) */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	/* Any value is harmless: one notification too many, or a backend that sleeps on. */
	event = __atomic_load_n(&ring_shared(r)->req_event, __ATOMIC_RELAXED);
	return r->pushed - event < r->pushed - old;
}

/* Whether rsp_prod may be this: not less than it was, and no more than was asked for. */
static int ring_check(const struct front_ring *r, uint32_t prod)
{
	if (prod - r->seen <= r->pushed - r->seen)
		return 0;
	if (prod - r->pushed <= r->slots)
		return -EOVERFLOW;
	if (r->seen - prod <= r->slots)
		return -EILSEQ;
	return -ERANGE;
}

/* Responses that can be taken now, or what kills the ring. */
static int ring_look(struct front_ring *r)
{
	/* Read once: what is checked is what is used. Acquire: responses are read after the
	 * index that announces them. */
	uint32_t prod = __atomic_load_n(&ring_shared(r)->rsp_prod, __ATOMIC_ACQUIRE);

	r->err = ring_check(r, prod);
	if (r->err)
		return r->err;
	r->seen = prod;
	return (int)(r->seen - r->taken);
}

int front_ring_take(struct front_ring *r, void *response)
{
	if (r->err)
		return r->err;
	if (r->taken == r->seen) {
		int n = ring_look(r);

		if (n <= 0)
			return n;
	}
	memcpy(response, ring_slot(r, r->taken++), r->shape.response);
	/* Or the compiler, which knows of one copy only, might read the slot again later, when
	 * it says something else. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return 1;
}

int front_ring_await(struct front_ring *r)
{
	int n;

	if (r->err)
		return r->err;
	if (r->taken != r->seen)
		return 1;
	/* Our word in the page, but only the backend reads it. */
	__atomic_store_n(&ring_shared(r)->rsp_event, r->taken + 1, __ATOMIC_RELAXED);
	/* The backend stores rsp_prod and then looks at rsp_event; here it is the other way
	 * around. Without the barrier both could see the old value: it would not notify, and
	 * this side would sleep on a response. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	n = ring_look(r);
	return n > 0 ? 1 : n;
}

void front_ring_hold(struct front_ring *r)
{
	uint32_t most = (r->pushed - r->taken) * 2 / 3;

	/* No second look as above: a backend that has come to the old index has notified, and
	 * one that has not finds the new one, which it comes to without further requests. */
	if (most)
		__atomic_store_n(&ring_shared(r)->rsp_event, r->taken + most, __ATOMIC_RELAXED);
}

const char *front_ring_error(int err)
{
	switch (err) {
	case -EOVERFLOW:
		return "more responses than requests";
	case -EILSEQ:
		return "rsp_prod went backwards";
	case -ERANGE:
		return "rsp_prod jumped";
	default:
		return "no error of a ring";
	}
}

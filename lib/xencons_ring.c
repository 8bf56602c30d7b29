/* SPDX-License-Identifier: MIT */
#include "lib/xencons_ring.h"

#include <stddef.h>

#include <xen/io/console.h>

#include "lib/byte_ring.h"
#include "lib/errno.h"

#define IN_SIZE sizeof(((struct xencons_interface *)0)->in)

_Static_assert(XENCONS_OUT_SIZE == sizeof(((struct xencons_interface *)0)->out) &&
		       IN_SIZE == 1024,
	       "MASK_XENCONS_IDX needs a power of two");

int xencons_ring_open(struct xencons_ring *r, volatile void *page)
{
	volatile struct xencons_interface *p = page;

	*r = (struct xencons_ring){.page = p, .put = p->out_prod, .taken = p->in_cons};
	return r->put - p->out_cons > XENCONS_OUT_SIZE ? -EINVAL : 0;
}

uint32_t xencons_ring_left(const struct xencons_ring *r)
{
	uint32_t left = r->put - __atomic_load_n(&r->page->out_cons, __ATOMIC_ACQUIRE);

	return left < XENCONS_OUT_SIZE ? left : XENCONS_OUT_SIZE;
}

bool xencons_ring_put(struct xencons_ring *r, char byte)
{
	if (xencons_ring_left(r) == XENCONS_OUT_SIZE)
		return false;
	r->page->out[MASK_XENCONS_IDX(r->put, r->page->out)] = byte;
	/* The byte before the count that announces it; x86 keeps stores in order. */
	__atomic_store_n(&r->page->out_prod, ++r->put, __ATOMIC_RELEASE);
	return true;
}

bool xencons_ring_get(struct xencons_ring *r, char *byte)
{
	uint32_t put = __atomic_load_n(&r->page->in_prod, __ATOMIC_ACQUIRE);

	return byte_ring_take_foreign(r->page->in, IN_SIZE, put, &r->taken, byte);
}

void xencons_ring_release(struct xencons_ring *r)
{
	__atomic_store_n(&r->page->in_cons, r->taken, __ATOMIC_RELEASE);
}

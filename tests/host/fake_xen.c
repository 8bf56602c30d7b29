/* SPDX-License-Identifier: MIT */
#include "tests/host/fake_xen.h"
#include "lib/bitmap.h"

#include <stddef.h>
#include <string.h>

#define container_of(at, type, member) ((type *)((char *)(at) - offsetof(type, member)))

static void fake_hand_over(struct evtchn_2l *e, unsigned port)
{
	struct fake_xen *x = container_of(e, struct fake_xen, e);
	unsigned vcpu = x->vcpu_of[port];

	if (evtchn_2l_notify(&x->cpu[vcpu], port))
		x->vcpu[vcpu].pokes++;
}

void fake_init(struct fake_xen *x)
{
	memset(x, 0, sizeof(*x));
	_Static_assert(offsetof(struct fake_xen, mask) - offsetof(struct fake_xen, pending) ==
			       offsetof(struct evtchn_2l_words, mask),
		       "as in shared_info");
	x->e.words = (struct evtchn_2l_words *)x->pending;
	x->e.hand_over = fake_hand_over;
	for (unsigned v = 0; v < FAKE_VCPUS; v++)
		x->cpu[v].flags = &x->vcpu[v].flags;
	for (unsigned v = 1; v < FAKE_VCPUS; v++)
		memset(x->cpu[v].others, 0xff, sizeof(x->cpu[v].others));
}

static bool test_and_set(uint64_t *map, unsigned bit)
{
	bool was = bitmap_test(map, bit);

	bitmap_set(map, bit);
	return was;
}

static void notify(struct fake_xen *x, unsigned port, unsigned vcpu)
{
	struct fake_vcpu *v = &x->vcpu[vcpu];

	if (test_and_set(&v->flags.selector, port / 64))
		return;
	v->upcalls += !v->flags.upcall_pending;
	v->flags.upcall_pending = 1;
}

void fake_send_to(struct fake_xen *x, unsigned port, unsigned vcpu)
{
	if (test_and_set(x->pending, port))
		return;
	x->owed[port] = true;
	if (!bitmap_test(x->mask, port))
		notify(x, port, vcpu);
}

void fake_send(struct fake_xen *x, unsigned port)
{
	fake_send_to(x, port, x->vcpu_of[port]);
}

void fake_unmask(struct fake_xen *x, unsigned port)
{
	if (!bitmap_test(x->mask, port))
		return;
	bitmap_clear(x->mask, port);
	if (bitmap_test(x->pending, port))
		notify(x, port, x->vcpu_of[port]);
}

void fake_bind(struct fake_xen *x, unsigned port, unsigned vcpu)
{
	unsigned old = x->vcpu_of[port];

	x->vcpu_of[port] = (uint8_t)vcpu;
	evtchn_2l_move(&x->e, port, &x->cpu[old], &x->cpu[vcpu]);
}

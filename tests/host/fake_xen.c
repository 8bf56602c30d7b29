/* SPDX-License-Identifier: MIT */
#include "tests/host/fake_xen.h"
#include "lib/bitmap.h"

#include <string.h>

void fake_init(struct fake_xen *x)
{
	memset(x, 0, sizeof(*x));
	x->e = (struct evtchn_2l){.pending = x->pending, .mask = x->mask};
	for (unsigned v = 0; v < FAKE_VCPUS; v++) {
		x->cpu[v].upcall_pending = &x->vcpu[v].upcall_pending;
		x->cpu[v].selector = &x->vcpu[v].selector;
	}
	memset(x->cpu[0].bound, 0xff, sizeof(x->cpu[0].bound));
}

static bool test_and_set(uint64_t *map, unsigned bit)
{
	bool was = bitmap_test(map, bit);

	bitmap_set(map, bit);
	return was;
}

static void notify(struct fake_xen *x, unsigned port)
{
	struct fake_vcpu *v = &x->vcpu[x->vcpu_of[port]];

	if (test_and_set(&v->selector, port / 64))
		return;
	v->upcalls += !v->upcall_pending;
	v->upcall_pending = 1;
}

void fake_send(struct fake_xen *x, unsigned port)
{
	if (test_and_set(x->pending, port))
		return;
	x->owed[port] = true;
	if (!bitmap_test(x->mask, port))
		notify(x, port);
}

void fake_unmask(struct fake_xen *x, unsigned port)
{
	if (!bitmap_test(x->mask, port))
		return;
	bitmap_clear(x->mask, port);
	if (bitmap_test(x->pending, port))
		notify(x, port);
}

void fake_bind(struct fake_xen *x, unsigned port, unsigned vcpu)
{
	bitmap_clear(x->cpu[x->vcpu_of[port]].bound, port);
	x->vcpu_of[port] = (uint8_t)vcpu;
	bitmap_set(x->cpu[vcpu].bound, port);
}

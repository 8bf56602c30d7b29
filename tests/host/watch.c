/* SPDX-License-Identifier: MIT */
#include "tests/host/watch.h"
#include "lib/bitmap.h"

int watch_setup(void **state)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	fake_init(&w->x);
	*state = w;
	return 0;
}

int watch_teardown(void **state)
{
	free(*state);
	return 0;
}

static int serve(unsigned long port, void *ctx)
{
	struct watch *w = ctx;

	assert_in_range(port, 0, EVTCHN_2L_PORTS - 1);
	assert_true(w->served < MAX_LOG);
	/* The scan's promise, checked at each call and not only at the end. */
	assert_false(bitmap_test(w->x.pending, port));
	assert_false(bitmap_test(w->x.mask, port));
	assert_int_equal(w->x.vcpu_of[port], w->vcpu);
	assert_true(w->x.owed[port]);
	w->x.owed[port] = false;
	w->log[w->served++] = port;
	w->count[port]++;
	if (w->during)
		w->during(w, port);
	return EVTCHN_SERVED;
}

unsigned watch_scan(struct watch *w, unsigned vcpu)
{
	unsigned n;

	w->vcpu = vcpu;
	w->served = 0;
	memset(w->count, 0, sizeof(w->count));
	n = evtchn_2l_scan(&w->x.e, &w->x.cpu[vcpu], serve, w);
	assert_int_equal(n, w->served);
	assert_int_equal(w->x.vcpu[vcpu].flags.upcall_pending, 0);
	assert_int_equal(w->x.vcpu[vcpu].flags.selector, 0);
	return n;
}

void watch_expect(struct watch *w, const unsigned *ports, unsigned n)
{
	assert_int_equal(w->served, n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(w->log[i], ports[i]);
}

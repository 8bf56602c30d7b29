/* SPDX-License-Identifier: MIT */
/* What a scan serves, what it leaves, and the operations on single ports. */
#include "tests/host/watch.h"

static void test_every_port_alone(void **state)
{
	struct watch *w = *state;

	for (unsigned port = 0; port < EVTCHN_2L_PORTS; port++) {
		fake_send(&w->x, port);
		assert_int_equal(w->x.vcpu[0].flags.upcall_pending, 1);
		watch_scan(w, 0);
		watch_expect(w, &port, 1);
		assert_false(evtchn_2l_is_pending(&w->x.e, port));
	}
}

static void test_every_port_at_once(void **state)
{
	struct watch *w = *state;

	for (unsigned port = 0; port < EVTCHN_2L_PORTS; port++)
		fake_send(&w->x, port);
	assert_int_equal(w->x.vcpu[0].upcalls, 1);
	assert_int_equal(watch_scan(w, 0), EVTCHN_2L_PORTS);
	for (unsigned port = 0; port < EVTCHN_2L_PORTS; port++)
		assert_int_equal(w->count[port], 1);
}

static void test_spurious(void **state)
{
	struct watch *w = *state;

	assert_int_equal(watch_scan(w, 0), 0);
	w->x.vcpu[0].flags.upcall_pending = 1; /* as after registration of a vector */
	assert_int_equal(watch_scan(w, 0), 0);
}

static void test_selector_without_pending(void **state)
{
	struct watch *w = *state;

	w->x.vcpu[0].flags.selector = ~0ULL;
	w->x.vcpu[0].flags.upcall_pending = 1;
	assert_int_equal(watch_scan(w, 0), 0);
	/* and one true event among the empty words */
	fake_send(&w->x, 2047);
	w->x.vcpu[0].flags.selector = ~0ULL;
	assert_int_equal(watch_scan(w, 0), 1);
	assert_int_equal(w->count[2047], 1);
}

static void test_masked_is_left_pending(void **state)
{
	struct watch *w = *state;

	for (unsigned i = 0; i < COUNT(edge_ports); i++) {
		unsigned port = edge_ports[i], other = port ^ 7;

		evtchn_2l_mask(&w->x.e, &w->x.cpu[w->x.vcpu_of[port]], port);
		fake_send(&w->x, port);
		assert_int_equal(w->x.vcpu[0].flags.upcall_pending, 0);
		fake_send(&w->x, other); /* brings the scan into the same word */
		watch_scan(w, 0);
		watch_expect(w, &other, 1);
		assert_true(evtchn_2l_is_pending(&w->x.e, port));
		assert_true(evtchn_2l_is_masked(&w->x.e, port));
		/* It is delivered when it is unmasked, and then once. */
		assert_true(evtchn_2l_unmask(&w->x.e, port));
		fake_unmask(&w->x, port);
		watch_scan(w, 0);
		watch_expect(w, &port, 1);
		assert_int_equal(watch_scan(w, 0), 0);
	}
}

static void test_other_cpus_ports_are_left(void **state)
{
	struct watch *w = *state;

	for (unsigned i = 0; i < COUNT(edge_ports); i++) {
		unsigned port = edge_ports[i], own = port ^ 7;

		fake_bind(&w->x, port, 1);
		fake_bind(&w->x, own, 0);
		fake_send(&w->x, port);
		fake_send(&w->x, own);
		watch_scan(w, 0);
		watch_expect(w, &own, 1);
		assert_true(evtchn_2l_is_pending(&w->x.e, port));
		watch_scan(w, 1);
		watch_expect(w, &port, 1);
	}
}

/* Each operation on one bit, among zeros and among ones. */
static void test_operations_touch_one_bit(void **state)
{
	struct watch *w = *state;
	struct evtchn_2l *e = &w->x.e;

	for (unsigned port = 0; port < EVTCHN_2L_PORTS; port += port % 64 < 3 ? 1 : 31) {
		uint64_t bit = 1ULL << port % 64;

		for (unsigned fill = 0; fill < 2; fill++) {
			uint64_t base = fill ? ~0ULL : 0;

			w->x.pending[port / 64] = base & ~bit;
			w->x.mask[port / 64] = base & ~bit;
			assert_false(evtchn_2l_is_pending(e, port));
			assert_false(evtchn_2l_is_masked(e, port));
			assert_false(evtchn_2l_clear(e, port));
			assert_true(w->x.pending[port / 64] == (base & ~bit));
			evtchn_2l_set_pending(e, port);
			assert_true(w->x.pending[port / 64] == (base | bit));
			assert_true(w->x.mask[port / 64] == (base & ~bit));
			assert_true(evtchn_2l_is_pending(e, port));
			evtchn_2l_mask(e, &w->x.cpu[0], port);
			assert_true(w->x.mask[port / 64] == (base | bit));
			assert_true(evtchn_2l_is_masked(e, port));
			assert_true(evtchn_2l_clear(e, port));
			assert_true(w->x.pending[port / 64] == (base & ~bit));
			assert_false(evtchn_2l_unmask(e, port));
			assert_true(w->x.mask[port / 64] == (base & ~bit));
			w->x.pending[port / 64] = w->x.mask[port / 64] = 0;
		}
	}
}

static void test_unmask_leaves_a_pending_port_masked(void **state)
{
	struct watch *w = *state;

	for (unsigned i = 0; i < COUNT(edge_ports); i++) {
		evtchn_2l_mask(&w->x.e, &w->x.cpu[w->x.vcpu_of[edge_ports[i]]], edge_ports[i]);
		fake_send(&w->x, edge_ports[i]);
		assert_true(evtchn_2l_unmask(&w->x.e, edge_ports[i]));
		/* or Xen's own unmask would find nothing to do, and the event were lost */
		assert_true(evtchn_2l_is_masked(&w->x.e, edge_ports[i]));
		assert_true(evtchn_2l_is_pending(&w->x.e, edge_ports[i]));
		/* Also when it was not masked at all. */
		fake_unmask(&w->x, edge_ports[i]);
		assert_true(evtchn_2l_unmask(&w->x.e, edge_ports[i]));
		assert_true(evtchn_2l_is_masked(&w->x.e, edge_ports[i]));
		fake_unmask(&w->x, edge_ports[i]);
		watch_scan(w, 0);
		watch_expect(w, &edge_ports[i], 1);
	}
}

/* A long random life: no event is lost, none is made up. `owed` is what was sent and not yet
 * served, as the sender sees it. */
static bool owed[EVTCHN_2L_PORTS];

static void settle(struct watch *w, unsigned port)
{
	(void)w;
	assert_true(owed[port]);
	owed[port] = false;
}

static void random_step(struct watch *w, uint32_t r, unsigned port)
{
	struct fake_xen *x = &w->x;

	switch (r % 8) {
	case 0:
		evtchn_2l_mask(&x->e, &x->cpu[x->vcpu_of[port]], port);
		break;
	case 1:
		if (evtchn_2l_unmask(&x->e, port))
			fake_unmask(x, port);
		break;
	case 2: /* moved as Daisy must: masked, so that what is pending is delivered anew */
		evtchn_2l_mask(&x->e, &x->cpu[x->vcpu_of[port]], port);
		fake_bind(x, port, r >> 8 & 1);
		fake_unmask(x, port);
		break;
	case 3:
		watch_scan(w, r >> 8 & 1);
		break;
	default:
		fake_send(x, port);
		owed[port] = true;
	}
}

static void test_random_life(void **state)
{
	struct watch *w = *state;
	uint32_t seed = 77;

	w->during = settle;
	memset(owed, 0, sizeof(owed));
	for (unsigned step = 0; step < 40000; step++) {
		uint32_t r = next_random(&seed);

		random_step(w, r, edge_ports[(r >> 16) % COUNT(edge_ports)]);
	}
	for (unsigned port = 0; port < EVTCHN_2L_PORTS; port++)
		if (evtchn_2l_unmask(&w->x.e, port))
			fake_unmask(&w->x, port);
	watch_scan(w, 0);
	watch_scan(w, 1);
	for (unsigned port = 0; port < EVTCHN_2L_PORTS; port++)
		assert_false(owed[port]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(test_every_port_alone),
		WATCH_TEST(test_every_port_at_once),
		WATCH_TEST(test_spurious),
		WATCH_TEST(test_selector_without_pending),
		WATCH_TEST(test_masked_is_left_pending),
		WATCH_TEST(test_other_cpus_ports_are_left),
		WATCH_TEST(test_operations_touch_one_bit),
		WATCH_TEST(test_unmask_leaves_a_pending_port_masked),
		WATCH_TEST(test_random_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

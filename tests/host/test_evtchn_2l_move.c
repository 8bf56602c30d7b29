/* SPDX-License-Identifier: MIT */
/* A 2-level port that has been moved, and Xen tells its old vCPU of an event. */
#include "tests/host/test.h"
#include "tests/host/watch.h"

/* All of a move, as Daisy makes it. */
static void move(struct fake_xen *x, unsigned port, unsigned vcpu)
{
	evtchn_2l_mask(&x->e, &x->cpu[x->vcpu_of[port]], port);
	fake_bind(x, port, vcpu);
	fake_unmask(x, port);
}

static void test_slow_sender(void **state)
{
	struct watch *w = *state;

	for (unsigned i = 0; i < COUNT(edge_ports); i++) {
		unsigned port = edge_ports[i];

		fake_init(&w->x);
		move(&w->x, port, 1);
		fake_send_to(&w->x, port, 0);
		assert_int_equal(watch_scan(w, 0), 0);
		assert_int_equal(w->x.vcpu[1].pokes, 1);
		assert_int_equal(w->x.vcpu[1].flags.upcall_pending, 0); /* only Xen may set it */
		watch_scan(w, 1);
		watch_expect(w, &port, 1);
		assert_int_equal(watch_scan(w, 0), 0);
		assert_int_equal(w->x.vcpu[1].pokes, 1);
	}
}

/* The one that it is handed to has it no more: on it goes, and no further. */
static void test_handed_on(void **state)
{
	struct watch *w = *state;
	unsigned port = 70;

	move(&w->x, port, 1);
	fake_send_to(&w->x, port, 0);
	watch_scan(w, 0);
	evtchn_2l_mask(&w->x.e, &w->x.cpu[w->x.vcpu_of[port]], port);
	fake_bind(&w->x, port, 2);
	evtchn_2l_unmask(&w->x.e, port); /* what Xen's would have notified is left out */
	w->x.mask[port / 64] = 0;
	assert_int_equal(watch_scan(w, 1), 0);
	assert_int_equal(w->x.vcpu[2].pokes, 1);
	watch_scan(w, 2);
	watch_expect(w, &port, 1);
}

static void test_moved_there_and_back(void **state)
{
	struct watch *w = *state;
	unsigned port = 63;

	move(&w->x, port, 1);
	move(&w->x, port, 0);
	fake_send_to(&w->x, port, 1);
	assert_int_equal(watch_scan(w, 1), 0);
	assert_int_equal(w->x.vcpu[0].pokes, 1);
	watch_scan(w, 0);
	watch_expect(w, &port, 1);
}

/* Its own vCPU has been told, by Xen or by another scan: nothing to do. */
static void test_no_poke_without_need(void **state)
{
	struct watch *w = *state;
	unsigned port = 64, other = 65;

	move(&w->x, port, 1);
	fake_send(&w->x, port);
	fake_send(&w->x, other);
	watch_scan(w, 0);
	watch_expect(w, &other, 1);
	assert_int_equal(w->x.vcpu[1].pokes, 0);
	watch_scan(w, 1);
	watch_expect(w, &port, 1);
}

static void test_masked_is_not_handed_over(void **state)
{
	struct watch *w = *state;
	unsigned port = 64, other = 65;

	move(&w->x, port, 1);
	fake_send_to(&w->x, port, 0);
	evtchn_2l_mask(&w->x.e, &w->x.cpu[w->x.vcpu_of[port]], port); /* a driver, before the scan */
	fake_send(&w->x, other);
	watch_scan(w, 0);
	watch_expect(w, &other, 1);
	assert_int_equal(w->x.vcpu[1].pokes, 0);
	assert_true(evtchn_2l_is_masked(&w->x.e, port));
	assert_int_equal(watch_scan(w, 1), 0);
	assert_true(evtchn_2l_unmask(&w->x.e, port));
	fake_unmask(&w->x, port);
	watch_scan(w, 1);
	watch_expect(w, &port, 1);
}

/* A new channel on another vCPU has not been moved, and who looks at its word leaves it alone. */
static void test_new_port_is_nobody_elses(void **state)
{
	struct watch *w = *state;
	struct fake_xen *x = &w->x;
	unsigned port = 64;

	move(x, port, 1);
	for (unsigned life = 0; life < 2; life++) {
		evtchn_2l_move(&x->e, port, &x->cpu[x->vcpu_of[port]], NULL);
		x->vcpu_of[port] = 2;
		evtchn_2l_move(&x->e, port, NULL, &x->cpu[2]);
		fake_send_to(x, port, 0);
		assert_int_equal(watch_scan(w, 0), 0);
		assert_int_equal(x->vcpu[2].pokes, 0);
		fake_send_to(x, port + 1, 2); /* brings its vCPU to the word */
		watch_scan(w, 2);
		watch_expect(w, &port, 1);
		evtchn_2l_clear(&x->e, port + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(test_slow_sender),
		WATCH_TEST(test_handed_on),
		WATCH_TEST(test_moved_there_and_back),
		WATCH_TEST(test_no_poke_without_need),
		WATCH_TEST(test_masked_is_not_handed_over),
		WATCH_TEST(test_new_port_is_nobody_elses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

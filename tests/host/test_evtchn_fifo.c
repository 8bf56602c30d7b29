/* SPDX-License-Identifier: MIT */
/* What a scan of FIFO queues serves, in which order, and what it leaves. */
#include "tests/host/fake_fifo.h"
#include "tests/host/test.h"

/* At the edges of pages, and in the middle. */
static const unsigned edge_ports[] = {1,    2,    1023, 1024, 1025, 2047,
				      2048, 3000, 3071, 3072, 4094, 4095};

static void test_every_port_alone(void **state)
{
	struct fifo_watch *w = *state;

	for (unsigned port = 1; port < FIFO_PORTS; port++) {
		fifo_send(&w->x, port);
		assert_int_equal(w->x.vcpu[0].upcall_pending, 1);
		assert_true(evtchn_fifo_is_pending(&w->x.e, port));
		assert_int_equal(fifo_scan(w, 0), 1);
		assert_true(fifo_served(w, &port, 1));
		assert_false(evtchn_fifo_is_pending(&w->x.e, port));
		assert_int_equal(w->x.word[port], 0);
	}
	assert_int_equal(fifo_scan(w, 0), 0);
}

/* All ports of all pages in one queue, in an order that jumps between the pages. */
static void test_every_port_at_once(void **state)
{
	struct fifo_watch *w = *state;
	static unsigned order[FIFO_PORTS];
	unsigned n = 0;

	for (unsigned i = 1; i <= FIFO_PORTS; i++)
		if (i * 1031 % FIFO_PORTS) /* odd: meets every port once */
			order[n++] = i * 1031 % FIFO_PORTS;
	for (unsigned i = 0; i < n; i++)
		fifo_send(&w->x, order[i]);
	assert_int_equal(n, FIFO_PORTS - 1);
	assert_int_equal(w->x.vcpu[0].upcalls, 1);
	fifo_scan(w, 0);
	assert_true(fifo_served(w, order, n));
}

static void test_spurious(void **state)
{
	struct fifo_watch *w = *state;

	assert_int_equal(fifo_scan(w, 0), 0);
	w->x.vcpu[0].upcall_pending = 1; /* as after registration of a vector */
	assert_int_equal(fifo_scan(w, 0), 0);
}

static void test_sent_twice_served_once(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned order[] = {9, 8};

	fifo_send(&w->x, 9);
	fifo_send(&w->x, 8);
	fifo_send(&w->x, 9); /* keeps its place */
	fifo_scan(w, 0);
	assert_true(fifo_served(w, order, 2));
	fifo_scan(w, 0);
	assert_true(fifo_served(w, order, 0));
}

static void test_priorities(void **state)
{
	struct fifo_watch *w = *state;
	unsigned order[EVTCHN_FIFO_MAX_QUEUES * 2];

	for (unsigned i = 0; i < COUNT(order); i++) {
		unsigned port = edge_ports[i % COUNT(edge_ports)] ^ i << 4;

		w->x.port[port].priority = (uint8_t)(i / 2);
		order[i] = port;
	}
	for (unsigned i = COUNT(order); i; i -= 2) { /* the least urgent queue first */
		fifo_send(&w->x, order[i - 2]);
		fifo_send(&w->x, order[i - 1]);
	}
	fifo_scan(w, 0);
	assert_true(fifo_served(w, order, COUNT(order)));
}

static void test_each_vcpu_has_queues(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned mine[] = {5, 1030}, its[] = {6, 7};

	w->x.port[6].vcpu = w->x.port[7].vcpu = 1;
	fifo_send(&w->x, 6);
	fifo_send(&w->x, 5);
	fifo_send(&w->x, 7);
	fifo_send(&w->x, 1030);
	fifo_scan(w, 0);
	assert_true(fifo_served(w, mine, 2));
	fifo_scan(w, 1);
	assert_true(fifo_served(w, its, 2));
}

static void test_masked_is_not_linked(void **state)
{
	struct fifo_watch *w = *state;

	for (unsigned i = 0; i < COUNT(edge_ports); i++) {
		unsigned port = edge_ports[i];

		evtchn_fifo_mask(&w->x.e, port);
		fifo_send(&w->x, port);
		assert_int_equal(w->x.vcpu[0].upcall_pending, 0);
		assert_true(evtchn_fifo_is_pending(&w->x.e, port));
		assert_true(evtchn_fifo_is_masked(&w->x.e, port));
		assert_true(evtchn_fifo_unmask(&w->x.e, port));
		fifo_hyper_unmask(&w->x, port);
		fifo_scan(w, 0);
		assert_true(fifo_served(w, &port, 1));
	}
}

/* It drops out of the queue, those behind it do not, and the event is not lost. */
static void test_masked_while_linked(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned ports[] = {5, 6, 7};

	for (unsigned masked = 0; masked < 3; masked++) {
		unsigned port = ports[masked], others[2], n = 0;

		for (unsigned i = 0; i < 3; i++) {
			fifo_send(&w->x, ports[i]);
			if (i != masked)
				others[n++] = ports[i];
		}
		evtchn_fifo_mask(&w->x.e, port);
		fifo_scan(w, 0);
		assert_true(fifo_served(w, others, 2));
		assert_true(evtchn_fifo_is_pending(&w->x.e, port));
		assert_int_equal(w->x.word[port] >> EVTCHN_FIFO_LINKED & 1, 0);
		fifo_send(&w->x, port); /* the same event still */
		assert_int_equal(fifo_scan(w, 0), 0);
		fifo_unmask(&w->x, port);
		fifo_scan(w, 0);
		assert_true(fifo_served(w, &port, 1));
	}
}

/* Masked and unmasked again while it is linked: it keeps its place, and comes once. Xen is not
 * asked. */
static void test_unmasked_while_linked(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned order[] = {5, 6};

	fifo_send(&w->x, 5);
	fifo_send(&w->x, 6);
	evtchn_fifo_mask(&w->x.e, 5);
	assert_false(evtchn_fifo_unmask(&w->x.e, 5));
	fifo_scan(w, 0);
	assert_true(fifo_served(w, order, 2));
	assert_int_equal(fifo_scan(w, 0), 0);
}

static void test_cleared_while_linked(void **state)
{
	struct fifo_watch *w = *state;
	unsigned port = 6;

	fifo_send(&w->x, 5);
	fifo_send(&w->x, 6);
	assert_true(evtchn_fifo_clear(&w->x.e, 5));
	fifo_scan(w, 0);
	assert_true(fifo_served(w, &port, 1));
	port = 5;
	fifo_send(&w->x, 5);
	fifo_scan(w, 0);
	assert_true(fifo_served(w, &port, 1));
}

static void test_take_serves_nothing(void **state)
{
	struct fifo_watch *w = *state;
	unsigned port = 5;

	assert_false(evtchn_fifo_take(&w->x.e, &w->x.cpu[0]));
	fifo_send(&w->x, 5);
	fifo_send(&w->x, 6);
	assert_true(evtchn_fifo_take(&w->x.e, &w->x.cpu[0]));
	assert_int_equal(w->x.vcpu[0].upcall_pending, 0);
	assert_true(evtchn_fifo_clear(&w->x.e, 5));
	assert_true(evtchn_fifo_clear(&w->x.e, 6));
	fifo_send(&w->x, 5); /* the queue is empty, so this one notifies */
	assert_int_equal(w->x.vcpu[0].upcall_pending, 1);
	fifo_scan(w, 0);
	assert_true(fifo_served(w, &port, 1));
}

#define FIFO_TEST(name) cmocka_unit_test_setup_teardown(name, fifo_setup, fifo_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIFO_TEST(test_every_port_alone),
		FIFO_TEST(test_every_port_at_once),
		FIFO_TEST(test_spurious),
		FIFO_TEST(test_sent_twice_served_once),
		FIFO_TEST(test_priorities),
		FIFO_TEST(test_each_vcpu_has_queues),
		FIFO_TEST(test_masked_is_not_linked),
		FIFO_TEST(test_masked_while_linked),
		FIFO_TEST(test_unmasked_while_linked),
		FIFO_TEST(test_cleared_while_linked),
		FIFO_TEST(test_take_serves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

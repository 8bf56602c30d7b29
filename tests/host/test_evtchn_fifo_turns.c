/* SPDX-License-Identifier: MIT */
/* What happens during a scan of FIFO queues: arrivals, moves, reuse. */
#include "tests/host/fake_fifo.h"
#include "tests/host/test.h"

static void check_order(struct fifo_watch *w, const unsigned *order, unsigned n)
{
	fifo_scan(w, 0);
	assert_true(fifo_served(w, order, n));
	assert_int_equal(fifo_scan(w, 0), 0);
	assert_int_equal(w->x.cpu[0].broken, 0);
}

static void send_effect(struct fifo_watch *w, unsigned port)
{
	if (port == w->trigger && w->left) {
		w->left--;
		fifo_send(&w->x, w->effect);
	}
}

/* While port 5 is served, with 6 behind it, port 7 arrives: in the same queue, in a more urgent
 * one, in a less urgent one. */
static void test_arrival_during_scan(void **state)
{
	static const struct {
		uint8_t priority;
		unsigned order[3];
	} cases[] = {
		{FIFO_DEFAULT, {5, 6, 7}},
		{FIFO_DEFAULT - 1, {5, 7, 6}},
		{FIFO_DEFAULT + 1, {5, 6, 7}},
		{EVTCHN_FIFO_PRIORITY_MAX, {5, 7, 6}},
		{EVTCHN_FIFO_PRIORITY_MIN, {5, 6, 7}},
	};
	struct fifo_watch *w = *state;

	w->during = send_effect;
	w->trigger = 5;
	w->effect = 7;
	for (unsigned i = 0; i < COUNT(cases); i++) {
		w->left = 1;
		w->x.port[7].priority = cases[i].priority;
		fifo_send(&w->x, 5);
		fifo_send(&w->x, 6);
		check_order(w, cases[i].order, 3);
	}
}

/* Three queues with a port each; while the first is served, a port of a more urgent one arrives, or one of
 * a queue in between: it does not wait for the row. */
static void test_arrival_between_queues(void **state)
{
	static const struct {
		uint8_t priority;
		unsigned order[4];
	} cases[] = {
		{EVTCHN_FIFO_PRIORITY_MAX, {5, 8, 6, 7}},
		{FIFO_DEFAULT + 2, {5, 6, 8, 7}},
		{FIFO_DEFAULT + 4, {5, 6, 7, 8}},
	};
	struct fifo_watch *w = *state;

	w->during = send_effect;
	w->trigger = 5;
	w->effect = 8;
	for (unsigned port = 5; port < 8; port++)
		w->x.port[port].priority = (uint8_t)(FIFO_DEFAULT + (port - 5) * 2 - (port > 5));
	for (unsigned i = 0; i < COUNT(cases); i++) {
		w->left = 1;
		w->x.port[8].priority = cases[i].priority;
		for (unsigned port = 5; port < 8; port++)
			fifo_send(&w->x, port);
		check_order(w, cases[i].order, 4);
	}
}

/* The last of a queue has been taken out, and its handler brings the next. */
static void test_drained_and_linked_again(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned other[] = {5, 7}, same[] = {5, 5, 5, 5};

	w->during = send_effect;
	w->trigger = 5;
	w->left = 1;
	w->effect = 7;
	fifo_send(&w->x, 5);
	check_order(w, other, 2);
	w->left = 3;
	w->effect = 5;
	fifo_send(&w->x, 5);
	check_order(w, same, 4);
}

/* A port that never rests goes behind the others of its queue each time. */
static void test_fair_within_a_queue(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned order[] = {5, 6, 1030, 5, 5};

	w->during = send_effect;
	w->trigger = w->effect = 5;
	w->left = 2;
	fifo_send(&w->x, 5);
	fifo_send(&w->x, 6);
	fifo_send(&w->x, 1030);
	check_order(w, order, 5);
}

static void mask_effect(struct fifo_watch *w, unsigned port)
{
	if (port == w->trigger)
		evtchn_fifo_mask(&w->x.e, w->effect);
}

static void test_masked_by_an_earlier_handler(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned first[] = {5, 7}, later[] = {6};

	w->during = mask_effect;
	w->trigger = 5;
	w->effect = 6;
	for (unsigned port = 5; port <= 7; port++)
		fifo_send(&w->x, port);
	check_order(w, first, 2);
	fifo_unmask(&w->x, 6);
	check_order(w, later, 1);
}

/* --- moves --- */

/* Linked with the old priority, it is served with the old one; the next event with the new. */
static void test_priority_change_in_flight(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned before[] = {5, 6}, after[] = {6, 5};

	for (unsigned i = 0; i < 2; i++) {
		w->x.port[6].priority = FIFO_DEFAULT;
		fifo_send(&w->x, 5);
		fifo_send(&w->x, 6);
		w->x.port[6].priority = 2;
		fifo_send(&w->x, 6);
		check_order(w, before, 2);
		fifo_send(&w->x, 5);
		fifo_send(&w->x, 6);
		check_order(w, after, 2);
	}
}

/* It was the tail of the old queue: what comes there next must not be put behind it. */
static void test_moved_tail(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned first[] = {6}, order[] = {6, 5, 7};

	fifo_send(&w->x, 6);
	check_order(w, first, 1);
	w->x.port[6].priority = 0;
	fifo_send(&w->x, 6);
	fifo_send(&w->x, 5); /* the old queue */
	fifo_send(&w->x, 7);
	check_order(w, order, 3);
}

static void test_vcpu_change_in_flight(void **state)
{
	struct fifo_watch *w = *state;
	unsigned port = 6;

	fifo_send(&w->x, 6);
	w->x.port[6].vcpu = 1;
	fifo_send(&w->x, 6);
	assert_int_equal(fifo_scan(w, 1), 0);
	check_order(w, &port, 1); /* still on vCPU 0 */
	fifo_send(&w->x, 6);
	assert_int_equal(fifo_scan(w, 0), 0);
	fifo_scan(w, 1);
	assert_true(fifo_served(w, &port, 1));
}

static void test_reuse_while_linked(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned others[] = {5, 7}, again[] = {6};

	for (unsigned port = 5; port <= 7; port++)
		fifo_send(&w->x, port);
	fifo_close(&w->x, 6);
	fifo_send(&w->x, 6); /* nobody's */
	assert_false(fifo_reuse(&w->x, 6));
	check_order(w, others, 2); /* the old life is not served */
	assert_true(fifo_reuse(&w->x, 6));
	assert_int_equal(fifo_scan(w, 0), 0);
	fifo_send(&w->x, 6);
	check_order(w, again, 1);
}

#define FIFO_TEST(name) cmocka_unit_test_setup_teardown(name, fifo_setup, fifo_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIFO_TEST(test_arrival_during_scan),
		FIFO_TEST(test_arrival_between_queues),
		FIFO_TEST(test_drained_and_linked_again),
		FIFO_TEST(test_fair_within_a_queue),
		FIFO_TEST(test_masked_by_an_earlier_handler),
		FIFO_TEST(test_priority_change_in_flight),
		FIFO_TEST(test_moved_tail),
		FIFO_TEST(test_vcpu_change_in_flight),
		FIFO_TEST(test_reuse_while_linked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Whose turn it is: the order of a scan, what happens during it, and fairness. */
#include "tests/host/watch.h"

/* Lowest first, whatever came first, and wherever the last scan ended. */
static void test_in_order(void **state)
{
	static const unsigned order[] = {3, 64, 67, 71, 127, 30 * 64, 63 * 64 + 5};
	struct watch *w = *state;

	fake_send(&w->x, 70);
	watch_scan(w, 0);
	for (unsigned i = 0; i < COUNT(order); i++)
		fake_send(&w->x, order[COUNT(order) - 1 - i]);
	watch_scan(w, 0);
	watch_expect(w, order, COUNT(order));
}

static void send_effect(struct watch *w, unsigned port)
{
	if (port == w->trigger && w->left) {
		w->left--;
		fake_send(&w->x, w->effect);
	}
}

/* An event that arrives during the scan, before, after or at the place where it is. */
static void test_event_during_scan(void **state)
{
	struct watch *w = *state;

	w->during = send_effect;
	for (unsigned i = 0; i < COUNT(edge_ports); i++) {
		for (unsigned j = 0; j < COUNT(edge_ports); j++) {
			w->trigger = edge_ports[i];
			w->effect = edge_ports[j];
			w->left = 1;
			fake_send(&w->x, w->trigger);
			assert_int_equal(watch_scan(w, 0), 2);
			assert_int_equal(w->log[0], w->trigger);
			assert_int_equal(w->log[1], w->effect);
			assert_int_equal(watch_scan(w, 0), 0);
		}
	}
}

/* The same with a third port pending from the start: nothing is lost or served twice. */
static void test_event_during_scan_of_two(void **state)
{
	struct watch *w = *state;

	w->during = send_effect;
	for (unsigned i = 0; i < COUNT(edge_ports); i++) {
		for (unsigned j = 0; j < COUNT(edge_ports); j++) {
			for (unsigned k = 0; k < COUNT(edge_ports); k++) {
				unsigned expected = 2 + (edge_ports[i] != edge_ports[k]);
				bool merged;

				w->trigger = edge_ports[i];
				w->effect = edge_ports[j];
				w->left = 1;
				fake_send(&w->x, edge_ports[i]);
				fake_send(&w->x, edge_ports[k]);
				watch_scan(w, 0);
				/* An event on a port that still is pending is the same one. */
				merged = edge_ports[j] == edge_ports[k] &&
					 edge_ports[i] != edge_ports[k] &&
					 w->count[edge_ports[k]] == 1;
				assert_int_equal(w->served, expected - merged);
				assert_true(w->count[edge_ports[j]] >= 1);
				assert_true(w->count[edge_ports[k]] >= 1);
				assert_int_equal(watch_scan(w, 0), 0);
			}
		}
	}
}

static void mask_effect(struct watch *w, unsigned port)
{
	if (port == w->trigger)
		evtchn_2l_mask(&w->x.e, &w->x.cpu[w->x.vcpu_of[w->effect]], w->effect);
}

static void test_masked_by_an_earlier_handler(void **state)
{
	static const unsigned effects[] = {6, 40, 63, 64, 4095};
	struct watch *w = *state;

	w->during = mask_effect;
	w->trigger = 5;
	for (unsigned i = 0; i < COUNT(effects); i++) {
		fake_init(&w->x);
		w->effect = effects[i];
		fake_send(&w->x, 5);
		fake_send(&w->x, w->effect);
		watch_scan(w, 0);
		watch_expect(w, &w->trigger, 1);
		assert_true(evtchn_2l_is_pending(&w->x.e, w->effect));
		assert_true(evtchn_2l_unmask(&w->x.e, w->effect));
		fake_unmask(&w->x, w->effect);
		watch_scan(w, 0);
		watch_expect(w, &w->effect, 1);
	}
}

static void move_effect(struct watch *w, unsigned port)
{
	if (port == w->trigger)
		fake_bind(&w->x, w->effect, 2);
}

static void test_moved_by_an_earlier_handler(void **state)
{
	struct watch *w = *state;

	w->during = move_effect;
	w->trigger = 5;
	w->effect = 50;
	fake_send(&w->x, 5);
	fake_send(&w->x, 50);
	watch_scan(w, 0);
	watch_expect(w, &w->trigger, 1);
	assert_true(evtchn_2l_is_pending(&w->x.e, 50));
}

static void clear_effect(struct watch *w, unsigned port)
{
	if (port == w->trigger)
		evtchn_2l_clear(&w->x.e, w->effect);
}

static void test_cleared_by_an_earlier_handler(void **state)
{
	struct watch *w = *state;

	w->during = clear_effect;
	w->trigger = 5;
	for (unsigned i = 0; i < 2; i++) {
		w->effect = i ? 50 : 500; /* the same word, and a later one */
		fake_init(&w->x);
		fake_send(&w->x, 5);
		fake_send(&w->x, w->effect);
		watch_scan(w, 0);
		watch_expect(w, &w->trigger, 1);
	}
}

static void resend(struct watch *w, unsigned port)
{
	if (w->left) {
		w->left--;
		fake_send(&w->x, port);
	}
}

/* Ports that are pending again before their handler is done share the scan evenly. */
static void check_even_shares(struct watch *w, const unsigned *ports, unsigned n)
{
	unsigned count[EVTCHN_2L_PORTS] = {0};

	fake_init(&w->x);
	w->during = resend;
	w->left = 60 * n;
	for (unsigned i = 0; i < n; i++)
		fake_send(&w->x, ports[i]);
	assert_int_equal(watch_scan(w, 0), 61 * n);
	for (unsigned i = 0; i < w->served; i++) {
		unsigned most = 0, least = UINT32_MAX;

		count[w->log[i]]++;
		for (unsigned k = 0; k < n; k++) {
			most = count[ports[k]] > most ? count[ports[k]] : most;
			least = count[ports[k]] < least ? count[ports[k]] : least;
		}
		assert_true(most - least <= 1);
	}
}

static void test_fair(void **state)
{
	static const unsigned sets[][4] = {
		{0, 1, 2, 3},   {0, 1, 62, 63},     {0, 64, 128, 4095},
		{1, 3, 66, 67}, {63, 64, 127, 128}, {5, 6, 4090, 4091},
	};
	struct watch *w = *state;

	for (unsigned i = 0; i < COUNT(sets); i++)
		for (unsigned n = 2; n <= 4; n++)
			check_even_shares(w, sets[i], n);
}

/* Low port 0 never rests; a high one that comes up meanwhile is served next but one at most. */
static void storm_and_one(struct watch *w, unsigned port)
{
	if (port == 0 && w->left) {
		w->left--;
		fake_send(&w->x, 0);
		if (w->left == 50)
			fake_send(&w->x, w->effect);
	}
}

static void test_low_storm_does_not_starve(void **state)
{
	struct watch *w = *state;

	w->during = storm_and_one;
	for (unsigned i = 1; i < COUNT(edge_ports); i++) {
		unsigned at = 0;

		w->left = 100;
		w->effect = edge_ports[i];
		fake_send(&w->x, 0);
		assert_int_equal(watch_scan(w, 0), 102);
		while (w->log[at] != w->effect)
			at++;
		/* sent while the 50th event of port 0 (index 49) was served */
		assert_in_range(at, 50, 51);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(test_in_order),
		WATCH_TEST(test_event_during_scan),
		WATCH_TEST(test_event_during_scan_of_two),
		WATCH_TEST(test_masked_by_an_earlier_handler),
		WATCH_TEST(test_moved_by_an_earlier_handler),
		WATCH_TEST(test_cleared_by_an_earlier_handler),
		WATCH_TEST(test_fair),
		WATCH_TEST(test_low_storm_does_not_starve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The operations on single event words, and how the array of words grows. */
#include "tests/host/fake_fifo.h"
#include "tests/host/test.h"
#include "lib/errno.h"

#define PENDING (1u << EVTCHN_FIFO_PENDING)
#define MASKED  (1u << EVTCHN_FIFO_MASKED)

/* At the edges of pages, and in the middle. */
static const unsigned edge_ports[] = {1,    2,    1023, 1024, 1025, 2047,
				      2048, 3000, 3071, 3072, 4094, 4095};

/* Each operation on one bit, among zeros and among ones. */
static void test_operations_touch_one_bit(void **state)
{
	struct fifo_watch *w = *state;
	struct evtchn_fifo *e = &w->x.e;

	for (unsigned i = 0; i < COUNT(edge_ports); i++) {
		unsigned port = edge_ports[i];
		event_word_t *word = &w->x.word[port];

		for (unsigned fill = 0; fill < 2; fill++) {
			/* not BUSY: with it unmask waits */
			uint32_t base = fill ? 0xefffffffu & ~PENDING & ~MASKED : 0;

			*word = base;
			assert_false(evtchn_fifo_clear(e, port));
			evtchn_fifo_set_pending(e, port);
			assert_int_equal(*word, base | PENDING);
			assert_true(evtchn_fifo_is_pending(e, port));
			assert_false(evtchn_fifo_is_masked(e, port));
			evtchn_fifo_mask(e, port);
			assert_int_equal(*word, base | PENDING | MASKED);
			/* pending: Xen has to link it, unless it is LINKED */
			assert_int_equal(evtchn_fifo_unmask(e, port), !fill);
			assert_int_equal(*word, base | PENDING | (fill ? 0 : MASKED));
			evtchn_fifo_mask(e, port);
			assert_true(evtchn_fifo_clear(e, port));
			assert_true(evtchn_fifo_is_masked(e, port));
			assert_false(evtchn_fifo_unmask(e, port));
			assert_false(evtchn_fifo_unmask(e, port));
			assert_int_equal(*word, base);
			*word = 0;
		}
	}
}

static void test_growth(void **state)
{
	struct fifo_watch *w = *state;
	unsigned early = 1500;

	assert_int_equal(evtchn_fifo_words_needed(0), 1024);
	assert_int_equal(evtchn_fifo_words_needed(1023), 1024);
	assert_int_equal(evtchn_fifo_words_needed(1024), 2048);
	assert_int_equal(evtchn_fifo_words_needed(EVTCHN_FIFO_PORTS - 1), EVTCHN_FIFO_PORTS);
	fifo_init(&w->x, 1);
	fifo_send(&w->x, early); /* a binding that Xen sets pending before there is a word */
	assert_int_equal(fifo_scan(w, 0), 0);
	while (w->x.e.words < evtchn_fifo_words_needed(early))
		fifo_expand(&w->x);
	assert_int_equal(w->x.e.words, 2048);
	for (unsigned port = 1; port < 2048; port++)
		assert_true(evtchn_fifo_is_masked(&w->x.e, port));
	assert_true(evtchn_fifo_is_pending(&w->x.e, early));
	fifo_unmask(&w->x, early);
	fifo_scan(w, 0);
	assert_true(fifo_served(w, &early, 1));
}

static void test_growth_ends(void **state)
{
	struct evtchn_fifo e = {0};

	(void)state;
	for (unsigned i = 0; i < EVTCHN_FIFO_PAGES; i++)
		assert_int_equal(evtchn_fifo_add_page(&e), 0);
	assert_int_equal(evtchn_fifo_add_page(&e), -ENOSPC);
	assert_int_equal(e.words, EVTCHN_FIFO_PORTS);
}

static void test_port_without_a_word(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned ports[] = {FIFO_PORTS, EVTCHN_FIFO_PORTS, UINT32_MAX};

	for (unsigned i = 0; i < COUNT(ports); i++) {
		evtchn_fifo_mask(&w->x.e, ports[i]);
		evtchn_fifo_set_pending(&w->x.e, ports[i]);
		assert_true(evtchn_fifo_is_masked(&w->x.e, ports[i]));
		assert_false(evtchn_fifo_is_pending(&w->x.e, ports[i]));
		assert_false(evtchn_fifo_clear(&w->x.e, ports[i]));
		assert_false(evtchn_fifo_unmask(&w->x.e, ports[i]));
	}
}

#define FIFO_TEST(name) cmocka_unit_test_setup_teardown(name, fifo_setup, fifo_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIFO_TEST(test_operations_touch_one_bit),
		FIFO_TEST(test_growth),
		FIFO_TEST(test_growth_ends),
		FIFO_TEST(test_port_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

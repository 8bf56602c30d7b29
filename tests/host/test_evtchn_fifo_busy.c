/* SPDX-License-Identifier: MIT */
/* What a guest may do to the tail of a FIFO queue between Xen's look at it and its exchange:
 * BUSY. */
#include "tests/host/fake_fifo.h"
#include "tests/host/test.h"

#define MASKED (1u << EVTCHN_FIFO_MASKED)
#define BUSY   (1u << EVTCHN_FIFO_BUSY)

static struct fifo_watch *between_watch; /* for the callbacks that know the fake only */

static void check_order(struct fifo_watch *w, const unsigned *order, unsigned n)
{
	fifo_scan(w, 0);
	assert_true(fifo_served(w, order, n));
	assert_int_equal(fifo_scan(w, 0), 0);
	assert_int_equal(w->x.cpu[0].broken, 0);
}

/* The guest takes the tail out: the new event must begin the queue anew. */
static void scan_between(struct fake_fifo *x, uint32_t tail)
{
	x->between = NULL;
	assert_int_equal(fifo_scan(between_watch, 0), 1);
	assert_int_equal(between_watch->log[0], tail);
}

static void test_tail_unlinked_while_appending(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned later[] = {6};

	between_watch = w;
	fifo_send(&w->x, 5);
	w->x.between = scan_between;
	fifo_send(&w->x, 6);
	assert_int_equal(w->x.busy_seen, 1);
	assert_int_equal(w->x.word[5] & BUSY, 0);
	check_order(w, later, 1);
}

static void mask_between(struct fake_fifo *x, uint32_t tail)
{
	x->between = NULL;
	evtchn_fifo_mask(&x->e, tail);
}

static void test_tail_masked_while_appending(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned first[] = {6}, later[] = {5};

	fifo_send(&w->x, 5);
	w->x.between = mask_between;
	fifo_send(&w->x, 6);
	assert_int_equal(w->x.busy_seen, 1);
	assert_int_equal(w->x.word[5] & BUSY, 0);
	check_order(w, first, 1);
	fifo_unmask(&w->x, 5);
	check_order(w, later, 1);
}

/* Everything that a guest may do to a tail, once at each attempt: Xen still succeeds. */
static void change_between(struct fake_fifo *x, uint32_t tail)
{
	switch (between_watch->left++) {
	case 0:
		evtchn_fifo_mask(&x->e, tail);
		break;
	case 1:
		evtchn_fifo_clear(&x->e, tail);
		break;
	case 2:
		/* Not while it is BUSY: it is left to the hypercall. */
		assert_true(evtchn_fifo_unmask(&x->e, tail));
		assert_true(evtchn_fifo_is_masked(&x->e, tail));
		evtchn_fifo_set_pending(&x->e, tail);
		break;
	}
}

static void test_every_change_while_appending(void **state)
{
	struct fifo_watch *w = *state;
	static const unsigned first[] = {6}, later[] = {5};

	between_watch = w;
	fifo_send(&w->x, 5);
	w->x.between = change_between;
	fifo_send(&w->x, 6);
	w->x.between = NULL;
	assert_int_equal(w->left, 4);
	assert_int_equal(w->x.word[5] & BUSY, 0);
	check_order(w, first, 1);
	fifo_unmask(&w->x, 5);
	check_order(w, later, 1);
}

static void test_busy_forever(void **state)
{
	struct fifo_watch *w = *state;

	w->x.word[5] = MASKED | BUSY;
	assert_true(evtchn_fifo_unmask(&w->x.e, 5)); /* ends */
	assert_int_equal(w->x.word[5], MASKED | BUSY);
	w->x.word[5] = 0;
}

#define FIFO_TEST(name) cmocka_unit_test_setup_teardown(name, fifo_setup, fifo_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIFO_TEST(test_tail_unlinked_while_appending),
		FIFO_TEST(test_tail_masked_while_appending),
		FIFO_TEST(test_every_change_while_appending),
		FIFO_TEST(test_busy_forever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

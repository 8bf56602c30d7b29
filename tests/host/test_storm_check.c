/* SPDX-License-Identifier: MIT */
/* The oracle itself: what is right passes, and each kind of violation is found. */
#include "tests/host/test.h"
#include "lib/storm_check.h"

static struct storm_account a;
static uint32_t now;

static int setup(void **state)
{
	(void)state;
	memset(&a, 0, sizeof(a));
	now = 0;
	storm_opened(&a, 0, 0);
	return 0;
}

/* The handler runs on a CPU; what the oracle says to it. */
static enum storm_violation run_on(unsigned cpu)
{
	enum storm_violation v = storm_enter(&a, cpu, ++now);

	storm_leave(&a);
	return v;
}

static void test_one_send_one_run(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 100; i++) {
		assert_int_equal(storm_sending(&a), i);
		assert_false(storm_has_seen_all(&a));
		assert_int_equal(run_on(0), STORM_FINE);
		assert_true(storm_has_seen_all(&a));
		assert_int_equal(storm_judge(&a), STORM_FINE);
	}
}

static void test_sends_coalesce(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		storm_sending(&a);
	assert_int_equal(run_on(0), STORM_FINE);
	assert_int_equal(storm_judge(&a), STORM_FINE);
}

/* Seen while the send was still under way, and run once more for it. */
static void test_a_send_may_be_seen_early(void **state)
{
	(void)state;
	storm_sending(&a);
	storm_sending(&a);
	run_on(0);
	run_on(0);
	assert_int_equal(storm_judge(&a), STORM_FINE);
}

static void test_lost(void **state)
{
	(void)state;
	storm_sending(&a);
	run_on(0);
	storm_sending(&a);
	assert_int_equal(storm_judge(&a), STORM_LOST);
}

static void test_double(void **state)
{
	(void)state;
	storm_sending(&a);
	run_on(0);
	run_on(0);
	assert_int_equal(storm_judge(&a), STORM_DOUBLE);
}

/* What coalesced before the channel was at rest is no credit for later. */
static void test_no_credit_from_before_a_rest(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		storm_sending(&a);
	run_on(0);
	assert_int_equal(storm_judge(&a), STORM_FINE);
	run_on(0);
	assert_int_equal(storm_judge(&a), STORM_DOUBLE);
}

static void test_a_binds_mark_is_granted_once(void **state)
{
	(void)state;
	storm_closed(&a);
	storm_opened(&a, 0, 1);
	run_on(0);
	assert_int_equal(storm_judge(&a), STORM_FINE);
	run_on(0);
	assert_int_equal(storm_judge(&a), STORM_DOUBLE);
}

static void test_without_a_grant_it_is_double(void **state)
{
	(void)state;
	storm_closed(&a);
	storm_opened(&a, 0, 0);
	run_on(0);
	assert_int_equal(storm_judge(&a), STORM_DOUBLE);
}

static void test_wrong_cpu(void **state)
{
	(void)state;
	assert_int_equal(run_on(1), STORM_WRONG_CPU);
	assert_int_equal(run_on(127), STORM_WRONG_CPU);
}

static void test_a_move_at_once(void **state)
{
	(void)state;
	storm_moving(&a, 127);
	assert_int_equal(run_on(0), STORM_FINE);
	assert_int_equal(run_on(127), STORM_FINE);
	assert_int_equal(run_on(64), STORM_WRONG_CPU);
	storm_moved(&a, 127, false);
	assert_int_equal(run_on(127), STORM_FINE);
	assert_int_equal(run_on(0), STORM_WRONG_CPU);
}

/* A FIFO port stays in the queue that it is in; the next event goes to the new CPU. */
static void test_a_move_that_may_lag(void **state)
{
	(void)state;
	storm_moving(&a, 1);
	storm_moved(&a, 1, true);
	storm_moving(&a, 65);
	storm_moved(&a, 65, true);
	storm_sending(&a);
	storm_sending(&a);
	storm_sending(&a);
	assert_int_equal(run_on(0), STORM_FINE);
	assert_int_equal(run_on(1), STORM_FINE);
	assert_int_equal(run_on(65), STORM_FINE);
	assert_int_equal(storm_judge(&a), STORM_FINE);
	assert_int_equal(run_on(2), STORM_WRONG_CPU);
	assert_int_equal(run_on(1), STORM_WRONG_CPU);
	assert_int_equal(run_on(65), STORM_FINE);
}

static void test_closed(void **state)
{
	(void)state;
	storm_closed(&a);
	assert_int_equal(run_on(0), STORM_CLOSED);
	storm_opened(&a, 0, 0);
	assert_int_equal(run_on(0), STORM_FINE);
}

/* What was sent to the one that is closed is not missing in the next one. */
static void test_a_close_forgets_what_was_sent(void **state)
{
	(void)state;
	storm_sending(&a);
	storm_closed(&a);
	storm_opened(&a, 0, 0);
	assert_int_equal(storm_judge(&a), STORM_FINE);
}

static void test_a_reopened_one_is_back_at_home(void **state)
{
	(void)state;
	storm_moving(&a, 3);
	storm_moved(&a, 3, true);
	storm_closed(&a);
	storm_opened(&a, 0, 0);
	assert_int_equal(run_on(3), STORM_WRONG_CPU);
	assert_int_equal(run_on(0), STORM_FINE);
}

static void test_twice_at_once(void **state)
{
	(void)state;
	assert_int_equal(storm_enter(&a, 0, ++now), STORM_FINE);
	assert_int_equal(storm_enter(&a, 0, ++now), STORM_TWICE);
	storm_leave(&a);
	storm_leave(&a);
	assert_int_equal(run_on(0), STORM_FINE);
}

static void test_order(void **state)
{
	struct storm_account high = {.priority = 0, .order = 1};
	struct storm_account low = {.priority = 15, .order = 2}, same = {.order = 3};

	(void)state;
	assert_int_equal(storm_judge_order(&high, &low), STORM_FINE);
	assert_int_equal(storm_judge_order(&low, &high), STORM_FINE);
	assert_int_equal(storm_judge_order(&high, &same), STORM_FINE);
	assert_int_equal(storm_judge_order(&same, &high), STORM_FINE);
	low.order = 0;
	assert_int_equal(storm_judge_order(&high, &low), STORM_DISORDER);
	assert_int_equal(storm_judge_order(&low, &high), STORM_DISORDER);
}

/* The counters go round after 2^32: nothing is to happen then. */
static void test_counters_wrap(void **state)
{
	(void)state;
	a.sent = a.seen = UINT32_MAX - 2;
	a.runs = UINT32_MAX;
	storm_closed(&a);
	storm_opened(&a, 0, 0);
	for (unsigned i = 0; i < 10; i++) {
		storm_sending(&a);
		assert_int_equal(run_on(0), STORM_FINE);
	}
	assert_int_equal(storm_judge(&a), STORM_FINE);
	run_on(0);
	assert_int_equal(storm_judge(&a), STORM_DOUBLE);
}

static void test_every_violation_has_a_name(void **state)
{
	(void)state;
	for (unsigned v = 0; v < NR_STORM_VIOLATIONS; v++)
		assert_true(strlen(storm_violation_name(v)) > 3);
	assert_string_equal(storm_violation_name(NR_STORM_VIOLATIONS), "?");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_send_one_run),
		TEST(test_sends_coalesce),
		TEST(test_a_send_may_be_seen_early),
		TEST(test_lost),
		TEST(test_double),
		TEST(test_no_credit_from_before_a_rest),
		TEST(test_a_binds_mark_is_granted_once),
		TEST(test_without_a_grant_it_is_double),
		TEST(test_wrong_cpu),
		TEST(test_a_move_at_once),
		TEST(test_a_move_that_may_lag),
		TEST(test_closed),
		TEST(test_a_close_forgets_what_was_sent),
		TEST(test_a_reopened_one_is_back_at_home),
		TEST(test_twice_at_once),
		TEST(test_order),
		TEST(test_counters_wrap),
		TEST(test_every_violation_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

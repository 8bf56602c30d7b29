/* SPDX-License-Identifier: MIT */
/* The frontend's side against backends that keep to the order, and against those that do not.
 */
#include "tests/host/test.h"
#include "lib/xenbus_state.h"

#define NR_STATES 9
#define NR_WANTS  3

/* A driver that does as it is told, and looks that each step is one that it can do. */
struct front {
	struct xenbus_view v;
	bool published, connected;
	unsigned publishes, connects, closes, reconfigures, asks;
};

static void front_do(struct front *f, enum xenbus_action action)
{
	switch (action) {
	case XENBUS_NOTHING:
		break;
	case XENBUS_START:
		assert_false(f->published);
		f->v.met = false;
		f->v.mine = XenbusStateInitialising;
		break;
	case XENBUS_PUBLISH:
		assert_false(f->published);
		f->published = true;
		f->v.met = false;
		f->publishes++;
		f->v.mine = f->v.early ? XenbusStateConnected : XenbusStateInitialised;
		break;
	case XENBUS_CONNECT:
		assert_true(f->published);
		assert_true(f->v.theirs == XenbusStateConnected ||
			    f->v.theirs == XenbusStateReconfigured);
		f->connected = f->v.met = true;
		f->connects++;
		f->v.mine = XenbusStateConnected;
		if (f->v.want == XENBUS_WANT_CHANGE && f->asks)
			f->v.want = XENBUS_WANT_UP;
		break;
	case XENBUS_ASK:
		assert_true(f->connected);
		f->asks++;
		f->v.mine = XenbusStateReconfiguring;
		break;
	case XENBUS_RECONFIGURE:
		assert_true(f->connected);
		f->reconfigures++;
		f->v.mine = XenbusStateReconfigured;
		break;
	case XENBUS_ANNOUNCE:
		f->v.mine = XenbusStateClosing;
		break;
	case XENBUS_CLOSE:
		f->published = f->connected = f->v.met = false;
		f->closes++;
		f->v.mine = XenbusStateClosed;
		break;
	}
}

/* Until it waits; it must come to that. */
static void front_run(struct front *f)
{
	for (unsigned i = 0; i < 8; i++) {
		enum xenbus_action action = xenbus_decide(&f->v);

		if (action == XENBUS_NOTHING)
			return;
		front_do(f, action);
	}
	fail_msg("mine %d, theirs %d, want %d: no end", f->v.mine, f->v.theirs, f->v.want);
}

static void theirs(struct front *f, enum xenbus_state state, enum xenbus_state mine)
{
	f->v.theirs = state;
	front_run(f);
	assert_int_equal(f->v.mine, mine);
}

static struct front begin(bool early)
{
	return (struct front){.v = {.mine = XenbusStateInitialising, .early = early}};
}

static void test_the_usual_life(void **state)
{
	struct front f = begin(false);

	(void)state;
	theirs(&f, XenbusStateUnknown, XenbusStateInitialising);
	theirs(&f, XenbusStateInitialising, XenbusStateInitialising);
	theirs(&f, XenbusStateInitWait, XenbusStateInitialised);
	theirs(&f, XenbusStateInitWait, XenbusStateInitialised); /* it has not looked yet */
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	assert_true(f.publishes == 1 && f.connects == 1 && !f.closes);
	theirs(&f, XenbusStateClosing, XenbusStateClosed);
	theirs(&f, XenbusStateClosed, XenbusStateClosed);
	assert_true(!f.published && f.closes == 1);
	theirs(&f, XenbusStateInitWait, XenbusStateInitialised); /* and once more */
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	assert_true(f.publishes == 2 && f.connects == 2);
}

static void test_early(void **state)
{
	struct front f = begin(true);

	(void)state;
	theirs(&f, XenbusStateInitWait, XenbusStateConnected);
	assert_true(f.publishes == 1 && !f.connects);
	theirs(&f, XenbusStateInitWait, XenbusStateConnected);
	assert_int_equal(f.closes, 0);
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	assert_int_equal(f.connects, 1);
	theirs(&f, XenbusStateInitWait, XenbusStateConnected); /* taken back: all anew */
	assert_true(f.closes == 1 && f.publishes == 2 && f.connects == 1);
}

static void test_skips(void **state)
{
	struct front f = begin(false);

	(void)state;
	theirs(&f, XenbusStateConnected, XenbusStateConnected); /* from nothing */
	assert_true(f.publishes == 1 && f.connects == 1);
	theirs(&f, XenbusStateUnknown, XenbusStateClosed); /* gone without a word */
	theirs(&f, XenbusStateConnected, XenbusStateClosed);
	theirs(&f, XenbusStateInitialising, XenbusStateInitialising);
	theirs(&f, XenbusStateClosed, XenbusStateClosed); /* before it began */
	assert_int_equal(f.publishes, 1);
}

static void test_reconfiguring(void **state)
{
	struct front f = begin(false);

	(void)state;
	theirs(&f, XenbusStateReconfiguring, XenbusStateInitialising); /* too early */
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	theirs(&f, XenbusStateReconfiguring, XenbusStateReconfigured);
	theirs(&f, XenbusStateReconfiguring, XenbusStateReconfigured);
	assert_int_equal(f.reconfigures, 1);
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	assert_int_equal(f.connects, 2);
	f.v.want = XENBUS_WANT_CHANGE;
	theirs(&f, XenbusStateConnected, XenbusStateReconfiguring);
	theirs(&f, XenbusStateReconfigured, XenbusStateConnected);
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	assert_true(f.asks == 1 && f.connects == 3 && !f.closes);
}

static void test_orderly_close(void **state)
{
	struct front f = begin(false);

	(void)state;
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	f.v.want = XENBUS_WANT_DOWN;
	theirs(&f, XenbusStateConnected, XenbusStateClosing); /* nothing is undone yet */
	assert_true(f.published && !f.closes);
	theirs(&f, XenbusStateClosing, XenbusStateClosed);
	assert_true(!f.published && f.closes == 1);
	theirs(&f, XenbusStateInitWait, XenbusStateClosed); /* it wants to stay so */
	f.v.want = XENBUS_WANT_UP;
	theirs(&f, XenbusStateInitWait, XenbusStateInitialised);
	f.v.want = XENBUS_WANT_DOWN;
	theirs(&f, XenbusStateUnknown, XenbusStateClosed); /* nobody to wait for */
}

/* Closed by this side and begun anew, while the backend waits for it to begin. */
static void test_begun_anew(void **state)
{
	struct front f = begin(false);

	(void)state;
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	f.v.want = XENBUS_WANT_DOWN;
	theirs(&f, XenbusStateClosing, XenbusStateClosed);
	f.v.want = XENBUS_WANT_UP;
	theirs(&f, XenbusStateClosed, XenbusStateClosed); /* it has not asked for it */
	f.v.again = true;
	theirs(&f, XenbusStateClosing, XenbusStateClosed); /* it is not through yet */
	theirs(&f, XenbusStateClosed, XenbusStateInitialising);
	theirs(&f, XenbusStateClosed, XenbusStateInitialising);
	assert_true(f.publishes == 1 && f.closes == 1);
	theirs(&f, XenbusStateInitWait, XenbusStateInitialised);
	theirs(&f, XenbusStateClosed,
	       XenbusStateInitialising); /* it has thought better of it */
	theirs(&f, XenbusStateInitWait, XenbusStateInitialised);
	theirs(&f, XenbusStateConnected, XenbusStateConnected);
	assert_true(f.publishes == 3 && f.closes == 2);
}

/* From Connected to where no order leads: closed, and told from what may be. */
static void test_fallen_back(void **state)
{
	static const enum xenbus_state falls[] = {XenbusStateUnknown, XenbusStateInitialising,
						  XenbusStateInitialised};

	(void)state;
	for (unsigned i = 0; i < sizeof(falls) / sizeof(falls[0]); i++) {
		struct front f = begin(i & 1);

		theirs(&f, XenbusStateInitWait,
		       i & 1 ? XenbusStateConnected : XenbusStateInitialised);
		f.v.theirs = falls[i]; /* it has not been further */
		assert_false(xenbus_fell_back(&f.v));
		theirs(&f, XenbusStateConnected, XenbusStateConnected);
		assert_false(xenbus_fell_back(&f.v));
		f.v.theirs = XenbusStateClosing;
		assert_false(xenbus_fell_back(&f.v));
		f.v.theirs = falls[i];
		assert_true(xenbus_fell_back(&f.v));
		front_run(&f);
		assert_true(f.closes == 1 && !f.published);
	}
}

/* From every view there is: it comes to rest, and never does what cannot be done. */
static void test_every_view(void **state)
{
	(void)state;
	for (unsigned n = 0; n < NR_STATES * NR_STATES * NR_WANTS * 8; n++) {
		struct front f = {.v = {.mine = n % NR_STATES,
					.theirs = n / NR_STATES % NR_STATES,
					.want = n / NR_STATES / NR_STATES % NR_WANTS,
					.early = n / NR_STATES / NR_STATES / NR_WANTS % 2,
					.met = n / NR_STATES / NR_STATES / NR_WANTS / 2 % 2,
					.again = n / NR_STATES / NR_STATES / NR_WANTS / 4}};
		enum xenbus_state mine = f.v.mine;

		f.published = mine == XenbusStateInitialised || mine == XenbusStateConnected ||
			      mine == XenbusStateReconfiguring ||
			      mine == XenbusStateReconfigured || mine == XenbusStateClosing;
		f.connected = f.published && f.v.met;
		front_run(&f);
		if (f.v.want == XENBUS_WANT_DOWN)
			assert_true(f.v.mine == XenbusStateClosed ||
				    f.v.mine == XenbusStateClosing);
	}
}

/* A backend that throws dice: states that there are not, too. When it behaves again, all ends
 * well. */
static void test_any_order(void **state)
{
	uint32_t seed = 23;

	(void)state;
	for (unsigned life = 0; life < 2000; life++) {
		struct front f = begin(life & 1);

		for (unsigned i = 0; i < 40; i++) {
			f.v.theirs = next_random(&seed) % 12;
			if (next_random(&seed) % 8 == 0)
				f.v.want = next_random(&seed) % NR_WANTS;
			if (next_random(&seed) % 8 == 0)
				f.v.again = !f.v.again;
			front_run(&f);
		}
		f.v.again = false;
		f.v.want = XENBUS_WANT_DOWN;
		f.v.theirs = XenbusStateClosed;
		front_run(&f);
		assert_true(f.v.mine == XenbusStateClosed && !f.published);
		f.v.want = XENBUS_WANT_UP;
		theirs(&f, XenbusStateInitWait,
		       life & 1 ? XenbusStateConnected : XenbusStateInitialised);
		theirs(&f, XenbusStateConnected, XenbusStateConnected);
		assert_true(f.connected && f.v.met);
	}
}

static void test_parse(void **state)
{
	(void)state;
	assert_int_equal(xenbus_parse_state("4", 1), XenbusStateConnected);
	assert_int_equal(xenbus_parse_state("8", 1), XenbusStateReconfigured);
	assert_int_equal(xenbus_parse_state("9", 1), XenbusStateUnknown);
	assert_int_equal(xenbus_parse_state("44", 2), XenbusStateUnknown);
	assert_int_equal(xenbus_parse_state("", 0), XenbusStateUnknown);
	assert_int_equal(xenbus_parse_state("4\0", 2), XenbusStateUnknown);
	assert_int_equal(xenbus_parse_state("four", 4), XenbusStateUnknown);
	assert_int_equal(xenbus_parse_state("-1", 2), XenbusStateUnknown);
	assert_string_equal(xenbus_state_name(XenbusStateInitWait), "InitWait");
	assert_string_equal(xenbus_state_name(XenbusStateClosed), "Closed");
	assert_string_equal(xenbus_state_name(XenbusStateReconfigured), "Reconfigured");
	assert_string_equal(xenbus_state_name((enum xenbus_state)99), "Unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_usual_life), cmocka_unit_test(test_early),
		cmocka_unit_test(test_skips),          cmocka_unit_test(test_reconfiguring),
		cmocka_unit_test(test_orderly_close),  cmocka_unit_test(test_begun_anew),
		cmocka_unit_test(test_fallen_back),    cmocka_unit_test(test_every_view),
		cmocka_unit_test(test_any_order),      cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Time, on every CPU and from one to another: never back, and Xen's. */
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "selftest/needs.h"

#define ROUNDS  20u
#define READS   200u
#define PASS_NS (5 * NS_PER_MS)
#define SLACK_NS \
	NS_PER_MS /* one vCPU's clock may be ahead of another's, by what Xen cannot see */
#define YEAR_NS (365 * 86400 * NS_PER_SEC)

/* --- one CPU after the other, and all at once --- */

struct baton {
	uint64_t latest; /* that any CPU has read */
	uint32_t behind; /* reads that were before it */
};

static void baton_take(struct baton *b)
{
	uint64_t before = __atomic_load_n(&b->latest, __ATOMIC_ACQUIRE), now = time_now_ns();

	if (now < before)
		__atomic_add_fetch(&b->behind, 1, __ATOMIC_RELAXED);
	while (now > before && !__atomic_compare_exchange_n(&b->latest, &before, now, false,
							    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
}

static void baton_once(void *ctx)
{
	baton_take(ctx);
}

static void baton_often(void *ctx)
{
	for (unsigned i = 0; i < READS; i++)
		baton_take(ctx);
}

SELFTEST(time_across)
{
	struct baton b = {0};

	NEEDS(cpus);
	NEEDS(xen);
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
			CHECK_EQ(cpu_call(cpu, baton_once, &b), 0);
	CHECK_EQ(cpu_call_all(baton_often, &b), 0);
	CHECK_EQ(b.behind, 0);
	CHECK(b.latest);
}

/* --- Xen's --- */

/* By how much the monotonic clock is ahead of Xen's: between these two, modulo 2^64. */
struct ahead {
	uint64_t least, most;
};

static void ahead_read(void *ctx)
{
	uint64_t early = xen_system_time(), now = time_now_ns(), late = xen_system_time();

	*(struct ahead *)ctx = (struct ahead){now - late, now - early};
}

/* Both can be true of one difference. */
static bool ahead_agree(const struct ahead *a, const struct ahead *b)
{
	return (int64_t)(a->most + SLACK_NS - b->least) >= 0 &&
	       (int64_t)(b->most + SLACK_NS - a->least) >= 0;
}

static bool time_is(void *ctx)
{
	return time_now_ns() >= *(uint64_t *)ctx;
}

static void pass(void)
{
	uint64_t until = time_now_ns() + PASS_NS;

	CHECK(time_wait(time_is, &until, PATIENCE_NS));
}

SELFTEST(time_xen)
{
	struct ahead first, here;

	NEEDS(xen);
	ahead_read(&first);
	pass();
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		CHECK_EQ(cpu_call(cpu, ahead_read, &here), 0);
		CHECK(ahead_agree(&first, &here));
	}
}

/* The host's clock may be wrong and it may be set meanwhile, but not by much. A guest test
 * compares it with dom0's. */
SELFTEST(time_wall)
{
	uint64_t start, wall;

	NEEDS(xen);
	start = time_now_ns();
	wall = time_wall_ns();
	CHECK(wall / YEAR_NS >= 50 && wall / YEAR_NS < 230);
	pass();
	CHECK(time_wall_ns() - wall + NS_PER_SEC > time_now_ns() - start);
	CHECK(time_wall_ns() - wall < time_now_ns() - start + NS_PER_SEC);
}

/* --- a suspension that is none --- */

struct nap {
	uint64_t before, inside, after; /* time */
	uint64_t xen_before, xen_after;
	bool back, jumped, known;
};

/* Alone, as Daisy is when it is suspended. */
static void nap_take(void *ctx)
{
	struct nap *n = ctx;
	uint64_t last;

	n->xen_before = xen_system_time();
	n->before = time_now_ns();
	time_suspend();
	last = time_now_ns();
	n->back = last < n->before;
	n->known = xen_system_time() || time_wall_ns();
	for (unsigned i = 0; i < READS; i++, last = n->inside) {
		n->inside = time_now_ns();
		n->back = n->back || n->inside < last;
		n->jumped = n->jumped || n->inside - last > MONOTONIC_STEP_NS;
	}
	time_resume();
	n->after = time_now_ns();
	n->xen_after = xen_system_time();
}

static void rang(void *ctx)
{
	(*(volatile uint32_t *)ctx)++;
}

SELFTEST(time_suspend)
{
	struct nap n = {0};
	struct timer timer;
	uint32_t runs = 0;

	NEEDS(xen);
	timer_setup(&timer, rang, &runs);
	timer_start(&timer, time_now_ns() + PASS_NS);
	CHECK_EQ(cpu_call_alone(nap_take, &n), 0);
	timer_resume();
	CHECK(!n.back && !n.jumped && !n.known);
	CHECK(n.before < n.inside && n.inside <= n.after);
	CHECK(n.after - n.before <= n.xen_after - n.xen_before + SLACK_NS);
	CHECK(selftest_wait_count(&runs, 1));
	CHECK(!timer_cancel(&timer));
	CHECK(time_wall_ns());
}

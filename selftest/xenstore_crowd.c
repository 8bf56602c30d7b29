/* SPDX-License-Identifier: MIT */
/* Several CPUs ask the store at once: in timers on each of them, interrupts disabled, and in
 * the mainline, which they interrupt. Each reads back what it alone has written. */
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/memory.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "selftest/needs.h"
#include "selftest/xenstore.h"

#define ROUNDS    4u
#define CROWD_MAX 8u /* more of them, spinning, would leave dom0 little time to answer in */
#define PAUSE_NS  (NS_PER_MS / 2) /* in which the mainline begins a request of its own */

struct asker {
	struct timer timer;
	unsigned cpu, round;
	int error; /* the first one */
	volatile uint32_t done;
};

/* 0; -EBUSY: this CPU was just sending; -EBADMSG: somebody else's answer. */
static int ask_round(unsigned who, unsigned round)
{
	char path[32], out[24], in[24];
	int n;

	fmt_snprintf(path, sizeof(path), "data/crowd/%u", who);
	fmt_snprintf(out, sizeof(out), "%u of %u", round, who);
	n = xenstore_write(path, out);
	if (!n)
		n = xenstore_read(path, in, sizeof(in));
	if (n < 0)
		return n;
	return n == (int)strlen(out) && !strcmp(in, out) ? 0 : -EBADMSG;
}

static void asker_run(void *ctx)
{
	struct asker *a = ctx;
	int err = ask_round(a->cpu, a->round);

	if (err != -EBUSY && err && !a->error)
		a->error = err;
	if (!err)
		a->round++;
	if (a->round == ROUNDS || a->error)
		a->done = 1;
	else
		timer_start(&a->timer, time_now_ns() + PAUSE_NS);
}

static void asker_start(void *ctx)
{
	struct asker *a = ctx;

	timer_start(&a->timer, 0);
}

SELFTEST(xenstore_crowd)
{
	unsigned crowd = nr_cpus < CROWD_MAX ? nr_cpus : CROWD_MAX, mine = 0;
	struct asker *askers;

	NEEDS(store);
	askers = heap_alloc(crowd * sizeof(*askers));
	CHECK_EQ(xenstore_mkdir("data/crowd"), 0);
	for (unsigned i = 0; i < crowd; i++) {
		askers[i].cpu = i;
		timer_setup(&askers[i].timer, asker_run, &askers[i]);
		CHECK_EQ(cpu_call(i, asker_start, &askers[i]), 0);
	}
	for (unsigned i = 0; i < crowd; i++) {
		while (!askers[i].done && mine < 10000)
			CHECK_EQ(ask_round(crowd, mine++), 0);
		CHECK(selftest_wait_count(&askers[i].done, 1));
		CHECK_EQ(askers[i].error, 0);
		timer_cancel(&askers[i].timer);
	}
	CHECK_EQ(xenstore_bad_replies(), 0);
	CHECK_EQ(xenstore_rm("data/crowd"), 0);
	selftest_note("cpus %u beside %u", crowd, mine);
	heap_free(askers);
}

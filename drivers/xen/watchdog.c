/* SPDX-License-Identifier: MIT */
#include "drivers/xen/watchdog.h"

#include "drivers/xen/hypercall.h"
#include "kernel/dump.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"

#define SECONDS_LEAST 2u

static unsigned id, limit; /* Xen's number of it; seconds. 0: not armed */
static struct timer half;

/* A slow console takes seconds for the dump: Xen's time begins anew, once, so that it comes to
 * its end. */
static void watchdog_late(void *ctx)
{
	hypercall_sched_watchdog(id, limit);
	dump_state("watchdog");
}

static void watchdog_wind(void)
{
	timer_start(&half, time_now_ns() + limit * NS_PER_SEC / 2);
}

int watchdog_arm(unsigned seconds)
{
	int err;

	if (id)
		return -EBUSY;
	if (seconds < SECONDS_LEAST)
		return -EINVAL;
	err = hypercall_sched_watchdog(0, seconds);
	if (err < 0)
		return err;
	id = err;
	limit = seconds;
	timer_keep_apart(true);
	timer_setup(&half, watchdog_late, NULL);
	watchdog_wind();
	return 0;
}

void watchdog_pet(void)
{
	if (!id)
		return;
	watchdog_wind();
	hypercall_sched_watchdog(id, limit);
}

void watchdog_resume(void)
{
	int new;

	if (!id)
		return;
	if (hypercall_sched_watchdog(id, limit)) { /* it is not there any more */
		new = hypercall_sched_watchdog(0, limit);
		if (new > 0)
			id = new;
	}
	watchdog_wind();
}

int watchdog_disarm(void)
{
	if (!id)
		return -EINVAL;
	timer_cancel(&half);
	timer_keep_apart(false);
	hypercall_sched_watchdog(id, 0);
	id = 0;
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "drivers/xen/watchdog.h"

#include <stddef.h>

#include "drivers/timer/lapic_timer.h"
#include "drivers/xen/hypercall.h"
#include "kernel/dump.h"
#include "kernel/irq.h"
#include "kernel/time.h"
#include "lib/errno.h"

#define SECONDS_LEAST 2u

static unsigned id, limit; /* Xen's number of it; seconds. 0: not armed */
static volatile unsigned unfed; /* ticks of a second since it was fed */
static int timer = -1;     /* the timer's irq, while it is ours */

/* Ticks, because the timer's counter may not reach over half of the time. A slow console takes
 * seconds for the dump: Xen's time begins anew, once, so that it comes to its end. */
static enum irq_result watchdog_tick(struct irq *irq, void *ctx)
{
	if (++unfed == limit / 2) {
		hypercall_sched_watchdog(id, limit);
		dump_state("watchdog");
	}
	return IRQ_HANDLED;
}

static void watchdog_take_timer(void)
{
	unfed = 0;
	timer = lapic_timer_init();
	if (timer >= 0 && irq_request(timer, watchdog_tick, &id, 0, "watchdog"))
		timer = -1;
	if (timer >= 0)
		lapic_timer_periodic(NS_PER_SEC);
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
	watchdog_take_timer();
	return 0;
}

void watchdog_pet(void)
{
	if (!id)
		return;
	unfed = 0;
	hypercall_sched_watchdog(id, limit);
}

int watchdog_disarm(void)
{
	if (!id)
		return -EINVAL;
	if (timer >= 0) {
		lapic_timer_stop();
		irq_free(timer, &id);
		timer = -1;
	}
	hypercall_sched_watchdog(id, 0);
	id = 0;
	return 0;
}

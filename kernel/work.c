/* SPDX-License-Identifier: MIT */
#include "kernel/work.h"

#include <stddef.h>

#include "arch/x86/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"
#include "kernel/timer.h"

static struct spinlock work_lock;
static struct work *first, **last = &first;
static unsigned holds; /* work that runs holds it as well */

void work_queue(struct work *work)
{
	bool on = spin_lock(&work_lock);

	if (!work->queued) {
		work->queued = true;
		work->next = NULL;
		*last = work;
		last = &work->next;
	}
	spin_unlock(&work_lock, on);
	if (this_cpu()->id) /* the mainline may have looked, and sleep */
		cpu_poke(0);
}

static struct work *work_take(void)
{
	bool on = spin_lock(&work_lock);
	struct work *work = first;

	if (work) {
		first = work->next;
		if (!first)
			last = &first;
		work->queued = false;
	}
	spin_unlock(&work_lock, on);
	return work;
}

void work_hold(void)
{
	__atomic_add_fetch(&holds, 1, __ATOMIC_ACQUIRE);
}

void work_release(void)
{
	__atomic_sub_fetch(&holds, 1, __ATOMIC_RELEASE);
}

bool work_waits(void)
{
	return __atomic_load_n(&first, __ATOMIC_RELAXED) &&
	       !__atomic_load_n(&holds, __ATOMIC_RELAXED);
}

bool work_is_due(void)
{
	return work_waits() && (read_rflags() & RFLAGS_IF);
}

void work_poll(void)
{
	struct work *work;

	if (!work_is_due())
		return;
	/* From 0 only: work that waits comes back here. One at a time, or work that is queued
	 * again and again would keep the mainline. */
	if (__atomic_add_fetch(&holds, 1, __ATOMIC_ACQUIRE) == 1 && (work = work_take()))
		work->fn(work);
	work_release();
}

void work_sleep_until(bool (*turn)(void *ctx), void *ctx)
{
	for (;;) {
		work_poll();
		local_irq_disable(); /* from the look to the sleep: no interrupt in between */
		if (turn(ctx))
			break;
		if (timer_has_clock() && !work_waits()) {
			time_sleep();
			continue;
		}
		local_irq_enable();
		if (!timer_has_clock()) /* then somebody's timers are looked after here, too */
			time_look();
	}
	local_irq_enable();
}

/* SPDX-License-Identifier: MIT */
/* Work: what an interrupt handler leaves to the mainline, where interrupts are enabled and
 * waiting is allowed. time_wait() runs it whenever it is called so; there are no threads. */
#ifndef KERNEL_WORK_H
#define KERNEL_WORK_H

#include <stdbool.h>

struct work {
	void (*fn)(struct work *work);
	struct work *next;
	bool queued;
};

/* Runs fn once, soon; queued again before it has begun, still once; while it runs, once more
 * after that. Any context. */
void work_queue(struct work *work);

/* For time_wait() and loops like it, anywhere in the mainline: runs what is queued, unless
 * interrupts are disabled, work is running already, or held. */
void work_poll(void);

/* Is there something that work_poll() would run? The first for before a sleep, with interrupts disabled:
 * once they are enabled. The second: here and now. */
bool work_waits(void);
bool work_is_due(void);

/* Runs turn with interrupts disabled until it says true, and sleeps in between; work is done
 * meanwhile. Whatever turn waits for interrupts the boot CPU. Mainline. */
void work_sleep_until(bool (*turn)(void *ctx), void *ctx);

/* The mainline holds something that work may want as well, and waits. Nests. */
void work_hold(void);
void work_release(void);

#endif

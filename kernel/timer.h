/* SPDX-License-Identifier: MIT */
/* One-shot timers. Each CPU has a queue and runs what was started on it, in an interrupt of its
 * clock; a clock is Xen's VIRQ_TIMER, or the local APIC's timer. Without one (or while it is
 * lent) time_wait() looks after the timers of all CPUs. */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/timerq.h"

/* Runs with interrupts disabled; may start its timer again, or cancel any. */
typedef void timer_fn(void *ctx);

struct timer {
	struct timerq_entry entry; /* first */
	timer_fn *fn;
	void *ctx;
	unsigned cpu; /* whose queue it was last in */
};

/* Prepares a timer, and the first time of all a clock: not in an interrupt. */
void timer_setup(struct timer *t, timer_fn *fn, void *ctx);
/* Runs fn(ctx) on this CPU once, at the deadline or soon after it (time_now_ns(); one that is
 * over counts as now). A timer that is waiting gets the new deadline instead. Any context; the
 * caller serialises what it does with one timer. */
void timer_start(struct timer *t, uint64_t deadline_ns);
/* It will not run any more, and is not running on another CPU; so not under a lock that its
 * function takes. True when it was waiting. */
bool timer_cancel(struct timer *t);

/* --- clocks --- */

struct clock_event {
	const char *name;
	bool channel; /* it comes as long as channels do */
	/* Makes it ready on every CPU. 0 or -errno: it cannot be used on this machine. */
	int (*open)(void);
	void (*close)(void);
	/* Calls timer_run() on this CPU after so many ns, or at once for 0. Sooner does no
	 * harm. */
	void (*start)(uint64_t ns);
	void (*stop)(void); /* on this CPU */
};

/* In order of preference, before the first timer_setup(); a few at the most. */
void timer_offer(const struct clock_event *clock);
bool timer_has_clock(void); /* timers interrupt; false: somebody has to look after them */
/* "lapic", "virq" or "poll"; "none" when no timer has been set up. */
const char *timer_clock_name(void);
/* Whoever wants the clock's hardware for itself takes it away, and gives it back: meanwhile
 * timers are late, not lost. Taken back by the last one it is the first that works then, which
 * may be another one. Not in an interrupt. */
void timer_lend(void);
void timer_take_back(void);
/* For a time in which timers must come even if channels do not, a watchdog's: a clock that is
 * no channel is preferred. Mainline, not nested. */
void timer_keep_apart(bool on);

/* After time_resume(), with all CPUs running again, in the mainline: each programs its clock
 * anew, which the suspension may have stopped. (A clock whose channels did not survive it is
 * lent before and taken back after, instead.) */
void timer_resume(void);

/* --- CPUs that come and go --- */

/* This CPU goes: its clock stops. */
void timer_stop_here(void);
/* That CPU is down: what waits there is this CPU's from now on. */
void timer_adopt(unsigned cpu);

/* For clocks: what is due on this CPU. Interrupts disabled. */
void timer_run(void);
/* For time_wait(): what is due on any CPU, if no clock looks after it. */
void timer_poll(void);

#endif

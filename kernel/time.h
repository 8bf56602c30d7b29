/* SPDX-License-Identifier: MIT */
/* Time: nanoseconds that never go back, on no CPU and from none to another, from a clock that a
 * driver brings (Xen's), or from the TSC alone, scaled by the PIT. In emulation time is elastic:
 * wait for events, and use a deadline only to give up. */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/monotonic.h"

#define NS_PER_SEC 1000000000ull
#define NS_PER_MS  1000000ull

/* Since boot. Any context, a CPU that is just coming and an NMI too; no lock, no hypercall. Where
 * the CPUs' clocks may differ each call may write one word that all share, so it has no place in
 * the delivery path. */
uint64_t time_now_ns(void);
/* ns since 1970 began, UTC as far as the host knows it; 0: unknown. It may jump. */
uint64_t time_wall_ns(void);

/* hz of the TSC, which is the clock until there is a source; who told: "pit". */
void time_set_tsc_hz(uint64_t hz, const char *who);
uint64_t time_tsc_hz(void); /* another one, perhaps, after time_resume() */
const char *time_source_name(void);

struct time_source {
	const char *name;
	/* This CPU's clock now; false: it cannot be read here (yet). Any context. */
	bool (*read)(struct monotonic_reading *now);
	uint64_t (*wall)(void); /* as time_wall_ns() */
};

/* On the boot CPU, while it is alone; once. 0; -ENODEV: it cannot be read. */
int time_set_source(const struct time_source *source);

/* Around a suspension, both on the boot CPU, interrupts disabled, all others quiet: before it; and
 * after it, also a cancelled one, when the source can be read again on every CPU. Time goes on from
 * where it was whatever the source says then, and in between too: by the TSC, but by no more than
 * a millisecond each time that it is asked for. Then timers want timer_resume(). */
void time_suspend(void);
void time_resume(void);
bool time_suspended(void); /* between the two: the source is not to be believed */

/* How long a test or a driver waits for an event before it reports that it never came. */
#define PATIENCE_NS (20 * NS_PER_SEC)

/* Called in every turn of time_wait(): the poll route looks for events here. May be NULL. */
extern void (*time_poll_hook)(void);

/* Waits until done(ctx) or until patience_ns have passed, of which those do not count in which the
 * machine stood still; polls and yields, interrupts as the caller has them
 * (they are on in tests). True when done. */
bool time_wait(bool (*done)(void *ctx), void *ctx, uint64_t patience_ns);
/* The same, with another way to leave the processor than a yield, for about a second at most: a turn counts
 * for no more than a quarter of one. */
bool time_wait_by(void (*rest)(void), bool (*done)(void *ctx), void *ctx, uint64_t patience_ns);

/* Called with interrupts disabled, after whatever is waited for was looked at: sleeps until the
 * next interrupt. Where none would come for an event (the poll route) it looks for events instead,
 * and naps. Returns with interrupts enabled. */
void time_sleep(void);
/* Looks for events and timers that nothing interrupts for, and for work; then yields. */
void time_look(void);

#endif

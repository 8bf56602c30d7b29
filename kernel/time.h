/* SPDX-License-Identifier: MIT */
/* Time: monotonic nanoseconds since boot from the TSC, scaled by Xen's time info, or by the PIT
 * where there is no Xen. In emulation time is elastic: wait for events, and use a deadline only
 * to give up. */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_SEC 1000000000ull
#define NS_PER_MS  1000000ull

uint64_t time_now_ns(void);
/* hz of the TSC; where says who told: "xen", "pit". */
void time_set_tsc_hz(uint64_t hz, const char *who);
uint64_t time_tsc_hz(void);
const char *time_source_name(void);

/* How long a test or a driver waits for an event before it reports that it never came. */
#define PATIENCE_NS (20 * NS_PER_SEC)

/* Called in every turn of time_wait(): the poll route looks for events here. May be NULL. */
extern void (*time_poll_hook)(void);

/* Waits until done(ctx) or until patience_ns have passed, of which those do not count in which the
 * machine stood still; polls and yields, interrupts as the caller has them
 * (they are on in tests). True when done. */
bool time_wait(bool (*done)(void *ctx), void *ctx, uint64_t patience_ns);

/* Called with interrupts disabled, after whatever is waited for was looked at: sleeps until the
 * next interrupt. Where none would come for an event (the poll route) it looks for events instead,
 * and naps. Returns with interrupts enabled. */
void time_sleep(void);
/* One turn of time_wait(): events and timers that nothing interrupts for, then others' turn. */
void time_look(void);

#endif

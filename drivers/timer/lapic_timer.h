/* SPDX-License-Identifier: MIT */
/* The local APIC's timer as an irq of its own (dynamic number, one vector on all CPUs). Each
 * CPU has one; the functions act on the calling CPU's. */
#ifndef DRIVERS_TIMER_LAPIC_TIMER_H
#define DRIVERS_TIMER_LAPIC_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* Reserves irq and vector and measures the timer's frequency against time_now_ns(), for 2 ms.
 * The irq's number, for irq_request(); the same again when called again. -ENODEV (no local
 * APIC, or its timer stands still), -ENOSPC, -ENOMEM. */
int lapic_timer_init(void);
/* Ticks a second, with the divider at 1; 0 before lapic_timer_init(). Xen's are 10 ns long on
 * every host (APIC_BUS_CYCLE_NS in xen/arch/x86/include/asm/hvm/vlapic.h), whatever its TSC. */
uint64_t lapic_timer_hz(void);
/* One interrupt after ns nanoseconds, or one every ns nanoseconds. 0; -ENODEV; -EINVAL: longer
 * than the 32-bit counter runs. */
int lapic_timer_oneshot(uint64_t ns);
int lapic_timer_periodic(uint64_t ns);
void lapic_timer_stop(void);

/* As the clock behind kernel/timer.h: it has the irq while it is open. */
extern const struct clock_event lapic_timer_clock;

#endif

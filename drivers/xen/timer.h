/* SPDX-License-Identifier: MIT */
/* VIRQ_TIMER as the clock behind kernel/timer.h. */
#ifndef DRIVERS_XEN_TIMER_H
#define DRIVERS_XEN_TIMER_H

/* Binds VIRQ_TIMER of every vCPU while it is open. */
extern const struct clock_event xen_timer_clock;

#endif

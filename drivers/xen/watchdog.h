/* SPDX-License-Identifier: MIT */
/* Xen's watchdog (SCHEDOP_watchdog): a domain that does not feed it in time is ended with
 * SHUTDOWN_watchdog. A domain that is gone names nothing, so Daisy looks at half of that time:
 * a timer of the CPU that armed it (kernel/timer.h), by the local APIC if there is one, whose
 * way is not that of events (all timers go that way meanwhile: timer_keep_apart()), shows every
 * CPU and channel (kernel/dump.h); then Xen's time begins anew, once. That CPU must take
 * interrupts for this; if it does not, Xen's part is what is left, and an NMI from outside. */
#ifndef DRIVERS_XEN_WATCHDOG_H
#define DRIVERS_XEN_WATCHDOG_H

/* From now on the domain ends unless watchdog_pet() is called every `seconds` (at least 2). Not
 * in an interrupt. 0; -EBUSY: it is armed; -EINVAL; Xen's -errno. */
int watchdog_arm(unsigned seconds);
/* Nothing happens when it is not armed. One hypercall. */
void watchdog_pet(void);
/* 0; -EINVAL: it is not armed. */
int watchdog_disarm(void);
/* After a suspend: armed anew, in a new domain or in the same one. */
void watchdog_resume(void);

#endif

/* SPDX-License-Identifier: MIT */
/* CPUs that go down and come up again. The boot CPU stays. */
#ifndef BOOT_HOTPLUG_H
#define BOOT_HOTPLUG_H

#include <stddef.h>

/* Mainline of the boot CPU, interrupts enabled. Every irq that is at home there moves to another
 * CPU, its timers to this one; then it stops, and Xen knows it as down. What is sent to its irqs
 * meanwhile is neither lost nor doubled. 0, or with a sentence in why: -EINVAL: no such CPU, or the
 * boot CPU; -ENXIO: it is down; -EBUSY: something belongs to it; the error of an irq that cannot
 * leave it; -ETIMEDOUT. Then it is as it was. */
int hotplug_down(unsigned cpu, char *why, size_t size);
/* Up again, with the irqs that left it, but for those that somebody has moved in between. 0, or
 * with a sentence in why: -EINVAL, -EEXIST: it is up; its own error, -ETIMEDOUT: it stays down. */
int hotplug_up(unsigned cpu, char *why, size_t size);

/* On the CPU that goes, from its idle loop, interrupts disabled: returns when it is up again, or,
 * still asked to go, when what comes in has not ended in many turns. */
void hotplug_leave(void);

#endif

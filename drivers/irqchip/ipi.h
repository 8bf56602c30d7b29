/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_IRQCHIP_IPI_H
#define DRIVERS_IRQCHIP_IPI_H

/* Reserves an irq and a vector on all CPUs for interrupts from one CPU to another through the
 * local APIC, and puts cpu_call() on top. Before the other CPUs come up. 0, -ENODEV (no local
 * APIC), -ENOSPC, -ENOMEM. */
int ipi_init(void);
int ipi_irq(void); /* the irq's number, or -ENODEV */

#endif

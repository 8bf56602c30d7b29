/* SPDX-License-Identifier: MIT */
/* VIRQ_DEBUG: Xen's debug key q (xl debug-keys q) asks every domain to show its state. It is a
 * per-vCPU VIRQ; Daisy binds the boot CPU's alone, which asks the others by NMI, so that those
 * answer which take no interrupts. (One that is bound elsewhere could not follow the upcall to a
 * route that reaches vCPU 0 only.) */
#ifndef DRIVERS_XEN_DEBUG_VIRQ_H
#define DRIVERS_XEN_DEBUG_VIRQ_H

/* After upcall_init(). 0 or -errno: then Xen's key is not answered, an NMI is all the same. */
int debug_virq_init(void);

#endif

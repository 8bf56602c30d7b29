/* SPDX-License-Identifier: MIT */
#ifndef BOOT_SMP_H
#define BOOT_SMP_H

/* Brings up the board's other CPUs by INIT-SIPI-SIPI, one after the other, at most limit in all
 * (0: every one), and prints how many came. Each gets its descriptors, local APIC, vcpu_info,
 * channels and upcall; then it idles. One that does not come is reported and left out. */
void smp_init(unsigned limit);

#endif

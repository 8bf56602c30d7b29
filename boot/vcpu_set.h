/* SPDX-License-Identifier: MIT */
/* `xl vcpu-set`, which tells a domain by the store. (An hvm domain is told by ACPI's general purpose
 * event and the firmware's byte code as well, which Daisy does not run; up to Xen 4.17 at least, by
 * both.) */
#ifndef BOOT_VCPU_SET_H
#define BOOT_VCPU_SET_H

/* From now on CPUs come and go as the toolstack says. After smp_init(). */
void vcpu_set_init(void);

#endif

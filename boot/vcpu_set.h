/* SPDX-License-Identifier: MIT */
/* `xl vcpu-set`, where it tells a domain by the store: pvh. (An hvm domain with a device model is
 * told by ACPI's general purpose event and the firmware's byte code, which Daisy does not run.) */
#ifndef BOOT_VCPU_SET_H
#define BOOT_VCPU_SET_H

/* From now on CPUs come and go as the toolstack says. After smp_init(). */
void vcpu_set_init(void);

#endif

/* SPDX-License-Identifier: MIT */
/* ACPI's fixed power and sleep buttons (ACPI 6.5, 4.8.3.1): bits of PM1's status register that
 * raise the SCI. Xen presses them for `xl trigger DOMAIN power` and `sleep`, in an hvm domain
 * (xen/arch/x86/hvm/pmtimer.c). */
#ifndef DRIVERS_ACPI_POWER_BUTTON_H
#define DRIVERS_ACPI_POWER_BUTTON_H

/* Begins to listen, on the boot CPU with interrupts enabled, and says so; a press that came
 * before is forgotten. 0; -ENODEV, -ENOENT: there are no such buttons; else -errno, after a
 * warning. */
int power_button_init(void);

#endif

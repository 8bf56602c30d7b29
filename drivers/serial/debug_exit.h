/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_SERIAL_DEBUG_EXIT_H
#define DRIVERS_SERIAL_DEBUG_EXIT_H

/* Registers QEMU's isa-debug-exit (at 0xf4, or at its default 0x501) as a way to end the machine:
 * QEMU leaves with status 1 after a poweroff and 3 after a crash. A reboot goes by the keyboard
 * controller. Only for machines without Xen, where a write to these ports hits nothing else. */
void debug_exit_init(void);

#endif

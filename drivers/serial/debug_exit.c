/* SPDX-License-Identifier: MIT */
#include "drivers/serial/debug_exit.h"

#include "arch/x86/cpu.h"
#include "kernel/machine.h"

#define PORT_USUAL   0xf4
#define PORT_DEFAULT 0x501

#define KEYBOARD_COMMAND 0x64 /* whose 8042 pulls the processor's reset line */
#define KEYBOARD_RESET	 0xfe

/* QEMU's status is twice the value plus one. */
static void debug_exit(enum machine_end_reason reason)
{
	if (reason == MACHINE_REBOOT) {
		outb(KEYBOARD_COMMAND, KEYBOARD_RESET);
		return;
	}
	outl(PORT_USUAL, reason == MACHINE_CRASH);
	outl(PORT_DEFAULT, reason == MACHINE_CRASH);
}

void debug_exit_init(void)
{
	machine_end_register(debug_exit);
}

/* SPDX-License-Identifier: MIT */
#include "drivers/serial/debug_exit.h"

#include "arch/x86/cpu.h"
#include "kernel/machine.h"

#define PORT_USUAL   0xf4
#define PORT_DEFAULT 0x501

/* QEMU's status is twice the value plus one. */
static void debug_exit(enum machine_end_reason reason)
{
	outl(PORT_USUAL, reason == MACHINE_CRASH);
	outl(PORT_DEFAULT, reason == MACHINE_CRASH);
}

void debug_exit_init(void)
{
	machine_end_register(debug_exit);
}

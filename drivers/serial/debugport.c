/* SPDX-License-Identifier: MIT */
#include "drivers/serial/debugport.h"

#include "arch/x86/cpu.h"
#include "drivers/serial/outs.h"
#include "kernel/printk.h"

#define DEBUG_PORT 0xe9 /* xen/arch/x86/hvm/hvm.c, hvm_print_line(); QEMU's isa-debugcon */

static void debugport_write(struct console *con, const char *text, size_t length)
{
	outs(DEBUG_PORT, text, length);
}

static struct console debugport_console = {.name = "debugport", .write = debugport_write};

void debugport_init(bool xen)
{
	if (xen || inb(DEBUG_PORT) == DEBUG_PORT)
		console_register(&debugport_console);
}

/* SPDX-License-Identifier: MIT */
#include "kernel/machine.h"

#include "arch/x86/cpu.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/shell.h"

#define MAX_WAYS 4

static void (*end_ways[MAX_WAYS])(enum machine_end_reason);
static void (*dumps[MAX_WAYS])(void), (*cpu_dumps[MAX_WAYS])(void), (*leaves[MAX_WAYS])(void);
static unsigned nr_end_ways, nr_dumps, nr_cpu_dumps, nr_leaves;

void machine_end_register(void (*way)(enum machine_end_reason reason))
{
	if (nr_end_ways < MAX_WAYS)
		end_ways[nr_end_ways++] = way;
}

void machine_end(enum machine_end_reason reason)
{
	while (nr_end_ways)
		end_ways[--nr_end_ways](reason);
	for (;;)
		asm volatile("cli; hlt");
}

void machine_leave_register(void (*leave)(void))
{
	if (nr_leaves < MAX_WAYS)
		leaves[nr_leaves++] = leave;
}

void machine_end_orderly(enum machine_end_reason reason)
{
	selftest_cut_short();
	console_flush_all(); /* some of them leave */
	while (nr_leaves)
		leaves[--nr_leaves]();
	machine_end(reason);
}

void machine_dump_register(void (*dump)(void))
{
	if (nr_dumps < MAX_WAYS)
		dumps[nr_dumps++] = dump;
}

void machine_dump(void)
{
	for (unsigned i = 0; i < nr_dumps; i++)
		dumps[i]();
}

void machine_dump_cpu_register(void (*dump)(void))
{
	if (nr_cpu_dumps < MAX_WAYS)
		cpu_dumps[nr_cpu_dumps++] = dump;
}

void machine_dump_cpu(void)
{
	for (unsigned i = 0; i < nr_cpu_dumps; i++)
		cpu_dumps[i]();
}

SHELL_COMMAND(poweroff, "", "ends the machine")
{
	machine_end_orderly(MACHINE_POWEROFF);
}

SHELL_COMMAND(reboot, "", "begins anew")
{
	machine_end_orderly(MACHINE_REBOOT);
}

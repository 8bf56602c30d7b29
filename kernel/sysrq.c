/* SPDX-License-Identifier: MIT */
#include "kernel/sysrq.h"

#include "kernel/dump.h"
#include "kernel/irq.h"
#include "kernel/machine.h"
#include "kernel/panic.h"
#include "kernel/printk.h"

static void sysrq_reboot(void)
{
	machine_end(MACHINE_REBOOT); /* at once, in no order: that is what b is for */
}

static void sysrq_crash(void)
{
	panic("sysrq: a crash was asked for");
}

static void sysrq_dump(void)
{
	dump_state("sysrq");
}

static void sysrq_poweroff(void)
{
	machine_end_orderly(MACHINE_POWEROFF);
}

static void sysrq_help(void);

static const struct {
	char key;
	const char *name;
	void (*fn)(void);
} keys[] = {
	{'b', "reboot", sysrq_reboot},      {'c', "crash", sysrq_crash},
	{'h', "help", sysrq_help},          {'l', "all CPUs", sysrq_dump},
	{'o', "power off", sysrq_poweroff}, {'t', "irqs", irq_print_table},
};
#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))

static void sysrq_help(void)
{
	printk("sysrq: help:");
	for (unsigned i = 0; i < NR_KEYS; i++)
		printk(" %s(%c)", keys[i].name, keys[i].key);
	printk("\n");
}

void sysrq_run(char key)
{
	for (unsigned i = 0; i < NR_KEYS; i++) {
		if (keys[i].key == key) {
			printk("sysrq: %s\n", keys[i].name);
			keys[i].fn();
			return;
		}
	}
	sysrq_help();
}

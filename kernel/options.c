/* SPDX-License-Identifier: MIT */
#include "kernel/options.h"

#include "kernel/printk.h"
#include "lib/option.h"

struct options options;

/* What each is for: kernel/options.h, and README.md. */
static const struct option table[] = {
	{"route", OPTION_CHOICE, &options.route, 0,
	 "auto,intx,gsi,vector,percpu,poll,assist,hybrid"},
	{"intx", OPTION_CHOICE, &options.intx_chip, 0, "auto,pic,ioapic,gsi"},
	{"abi", OPTION_CHOICE, &options.abi, 0, "auto,2l,fifo"},
	{"redeliver", OPTION_CHOICE, &options.redeliver, 0, "call,vector"},
	{"x2apic", OPTION_CHOICE, &options.x2apic, 0, "auto,off,on"},
	{"unplug", OPTION_CHOICE, &options.unplug, 0, "none,ide,nics,all"},
	{"timer", OPTION_CHOICE, &options.timer, 0, "auto,lapic,virq,poll"},
	{"daisy", OPTION_FLAG, &options.daisy, 0, NULL},
	{"noapic", OPTION_FLAG, &options.noapic, 0, NULL},
	{"ip", OPTION_STRING, options.ip, sizeof(options.ip), NULL},
	{"cpus", OPTION_U64, &options.cpus, 0, NULL},
	{"irqs", OPTION_U64, &options.irqs, 0, NULL},
	{"exits", OPTION_U64, &options.exits, 0, NULL},
	{"crowd", OPTION_U64, &options.crowd, 0, NULL},
	{"watchdog", OPTION_U64, &options.watchdog, 0, NULL},
	{"test", OPTION_STRING, options.test, sizeof(options.test), NULL},
	{"skip", OPTION_STRING, options.skip, sizeof(options.skip), NULL},
	{"mute", OPTION_STRING, options.mute, sizeof(options.mute), NULL},
	{"scratch", OPTION_STRING, options.scratch, sizeof(options.scratch), NULL},
	{"shell", OPTION_FLAG, &options.shell, 0, NULL},
	{"autorun", OPTION_STRING, options.autorun, sizeof(options.autorun), NULL},
	{"storm", OPTION_CHOICE, &options.storm, 0, "here,off,all"},
	{"events", OPTION_U64, &options.events, 0, NULL},
	{"progress", OPTION_U64, &options.progress, 0, NULL},
	{"seed", OPTION_U64, &options.seed, 0, NULL},
	{"steps", OPTION_STRING, options.steps, sizeof(options.steps), NULL},
	{"provoke", OPTION_CHOICE, &options.provoke, 0,
	 "none,fail,panic,fault,stack,hang,deaf"},
};

static void complain(const char *sentence, void *ctx)
{
	printk_warn("command line: %s\n", sentence);
}

void options_parse(const char *text, size_t length)
{
	/* Not where it is defined: the image would hold all of its bytes for these two. */
	options.daisy = true;
	options.seed = 1;
	option_parse(text, length, table, sizeof(table) / sizeof(table[0]), complain, NULL);
}

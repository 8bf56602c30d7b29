/* SPDX-License-Identifier: MIT */
/* The command line: what may be said, and what was said. */
#ifndef KERNEL_OPTIONS_H
#define KERNEL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUTORUN_SIZE 768u

enum provoke {
	PROVOKE_NONE,
	PROVOKE_FAIL,
	PROVOKE_PANIC,
	PROVOKE_FAULT,
	PROVOKE_STACK,
	PROVOKE_HANG,
	PROVOKE_DEAF, /* the same with interrupts disabled */
};

enum timer_choice { TIMER_AUTO, TIMER_LAPIC, TIMER_VIRQ, TIMER_POLL };

struct options {
	unsigned route;	    /* enum upcall_choice of drivers/xen/upcall.h */
	unsigned intx_chip; /* enum upcall_chip of drivers/xen/upcall.h */
	unsigned abi;	    /* enum evtchn_abi_choice of drivers/xen/evtchn.h */
	unsigned redeliver; /* 0 call, 1 vector */
	unsigned x2apic;    /* enum lapic_mode of drivers/irqchip/lapic.h: auto, off, on */
	unsigned unplug;    /* enum unplug_choice of drivers/xen/unplug.h */
	bool daisy;	    /* off: one shared irq, as the question of 2008 had it */
	bool noapic;	    /* the PIC alone, no IO-APIC */
	unsigned timer;	    /* what drives kernel/timer.h: enum timer_choice */
	char ip[40];	    /* of the first network card: net_config_parse() of lib/net_address.h */
	uint64_t cpus;	    /* at most so many; 0: all */
	uint64_t irqs;	    /* irq numbers, where they are to be more than usual */
	uint64_t exits;	    /* steps of each section that the host counts exits in; 0: none */
	uint64_t crowd;	    /* channels that are bound where a host counts; 0: none */
	uint64_t watchdog;  /* seconds after which Xen ends a domain that hangs; 0: never */
	unsigned provoke;   /* enum provoke: what Daisy is to do wrong, to test who watches it */
	char test[256];	    /* "all", "none", or names with commas; empty: not given, so all */
	char skip[128];	    /* tests that are skipped all the same: names, or beginnings with a * */
	char mute[32];	    /* consoles on which nothing is printed: com1, debugport */
	char scratch[16];   /* a disk that tests may write to; empty: none */
	bool shell;	    /* after boot somebody types */
	char autorun[AUTORUN_SIZE]; /* commands of the shell; without shell: then power off */
	unsigned storm;	    /* enum storm_mode of storm/storm.h */
	uint64_t events;    /* handler runs of each storm, at least; 0: as it is usual */
	uint64_t progress;  /* storms say their counts each time after so many runs; 0: never */
	uint64_t seed;	    /* of the storms */
	char steps[2048];   /* of the storms: "0-99,120", only these; empty: as many as it takes */
};

extern struct options options;

/* Parses the command line; what cannot be used becomes a warning. */
void options_parse(const char *text, size_t length);

#endif

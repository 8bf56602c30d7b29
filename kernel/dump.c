/* SPDX-License-Identifier: MIT */
/* Other CPUs are asked by NMI, one after the other: they may hang with interrupts disabled. The
 * asking CPU holds the console's lock meanwhile and waits, so that only one prints. */
#include "kernel/dump.h"

#include <stddef.h>

#include "kernel/machine.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/time.h"

/* By the clock, and then in turns: a machine that stood still gave it no time to answer either. */
#define ANSWER_NS    (2 * NS_PER_SEC)
#define ANSWER_TURNS 1000u
#define PRINT_NS     (60 * NS_PER_SEC) /* by a slow serial line */
#define NOBODY	     (~0u)
#define ANSWERING    (~1u)

void (*dump_kick)(const struct cpu *cpu);

static bool dumping;
static unsigned asked = NOBODY; /* the CPU whose turn it is */

/* From one value to another, by the one who answers or the one who asks. */
static bool asked_change(unsigned from, unsigned to)
{
	return __atomic_compare_exchange_n(&asked, &from, to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED);
}

/* Until it is not `value` any more. Not by time_wait(): the poll route would run handlers in it. */
static void asked_wait(unsigned value, uint64_t patience_ns)
{
	uint64_t until = time_now_ns() + patience_ns;

	for (unsigned turns = 0;
	     __atomic_load_n(&asked, __ATOMIC_ACQUIRE) == value && turns < ANSWER_TURNS;
	     turns += time_now_ns() >= until)
		cpu_yield();
}

static void dump_ask(const struct cpu *cpu)
{
	__atomic_store_n(&asked, cpu->id, __ATOMIC_RELEASE);
	dump_kick(cpu);
	asked_wait(cpu->id, ANSWER_NS);
	if (asked_change(cpu->id, NOBODY))
		printk("cpu %u does not answer\n", cpu->id);
	else
		asked_wait(ANSWERING, PRINT_NS);
}

void dump_other_cpus(void)
{
	if (!dump_kick)
		return;
	for_each_other_cpu(id) {
		if (cpu_is_up(id))
			dump_ask(cpus[id]);
		else
			printk("cpu %u is down\n", id);
	}
}

static void dump_answer(const struct trap_frame *f)
{
	if (!asked_change(this_cpu()->id, ANSWERING))
		return; /* too late */
	printk_lock_free_join();
	printk("cpu %u at\n", this_cpu()->id);
	backtrace_print(f->rip, (const uint64_t *)f->rbp);
	machine_dump_cpu();
	printk_lock_free_leave();
	__atomic_store_n(&asked, NOBODY, __ATOMIC_RELEASE);
}

bool dump_is_running(void)
{
	return __atomic_load_n(&dumping, __ATOMIC_ACQUIRE);
}

static void dump_all(const char *why, uintptr_t rip, const uint64_t *frame)
{
	if (__atomic_test_and_set(&dumping, __ATOMIC_ACQUIRE))
		return;
	printk_lock_free_begin();
	printk("%s at\n", why);
	backtrace_print(rip, frame);
	machine_dump_cpu();
	dump_other_cpus();
	machine_dump();
	printk("%s: end\n", why);
	printk_lock_free_end();
	__atomic_clear(&dumping, __ATOMIC_RELEASE);
}

void dump_state(const char *why)
{
	const uint64_t *const *frame = __builtin_frame_address(0);

	dump_all(why, (uintptr_t)__builtin_return_address(0), *frame);
}

void dump_nmi(const struct trap_frame *f)
{
	if (__atomic_load_n(&asked, __ATOMIC_ACQUIRE) == this_cpu()->id)
		dump_answer(f);
	else
		dump_all("NMI", f->rip, (const uint64_t *)f->rbp);
}

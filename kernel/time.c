/* SPDX-License-Identifier: MIT */
#include "kernel/time.h"

#include <stddef.h>

#include "arch/x86/cpu.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/timer.h"
#include "kernel/work.h"
#include "lib/civil.h"
#include "lib/errno.h"
#include "lib/fault.h"

static struct monotonic monotonic;
static const struct time_source *source; /* NULL: the TSC itself is the clock */
static const char *source_name = "none";

/* Turns of time_wait() that take longer count for so much: the machine stood still (xl pause, xl
 * save), and what is waited for did, too. */
#define TURN_NS (250 * NS_PER_MS)
/* The clock is looked at once in so many turns: where Xen emulates the TSC a look is an exit. */
#define TURNS 4u

/* Where events are lost on purpose, waiting for them is most of what a run does. */
#define FAULTY_HASTE 7u

void (*time_poll_hook)(void);

void time_set_tsc_hz(uint64_t hz, const char *who)
{
	monotonic_start(&monotonic, rdtsc(), hz);
	source_name = who;
}

int time_set_source(const struct time_source *clock)
{
	struct monotonic_reading now;

	if (!clock->read(&now))
		return -ENODEV;
	if (!monotonic.tsc_hz)
		time_set_tsc_hz(now.tsc_hz, clock->name);
	monotonic_follow(&monotonic, &now);
	source_name = clock->name;
	source = clock;
	return 0;
}

uint64_t time_tsc_hz(void)
{
	return monotonic.tsc_hz;
}

const char *time_source_name(void)
{
	return source_name;
}

/* One look at the TSC: where Xen emulates it, that is an exit. */
uint64_t time_now_ns(void)
{
	struct monotonic_reading now;

	if (!source)
		return monotonic_by_tsc(&monotonic, rdtsc());
	if (!source->read(&now))
		return monotonic_read_tsc(&monotonic, rdtsc());
	return monotonic_read(&monotonic, &now);
}

uint64_t time_wall_ns(void)
{
	return source && !time_suspended() ? source->wall() : 0;
}

void time_suspend(void)
{
	if (source && !time_suspended())
		monotonic_suspend(&monotonic, time_now_ns(), rdtsc());
}

bool time_suspended(void)
{
	return __atomic_load_n(&monotonic.suspended, __ATOMIC_ACQUIRE);
}

void time_resume(void)
{
	struct monotonic_reading now;

	if (!time_suspended())
		return;
	if (source->read(&now))
		monotonic_follow(&monotonic, &now);
	else
		printk_warn("time: the clock does not come back\n");
}

/* Read once: another CPU may take it away. */
static bool time_look_for_events(void)
{
	void (*poll)(void) = __atomic_load_n(&time_poll_hook, __ATOMIC_RELAXED);

	if (poll)
		poll();
	return poll;
}

void time_sleep(void)
{
	if (time_look_for_events()) {
		local_irq_enable();
		cpu_nap(CPU_NAP_NS); /* an event ends it, but interrupts nobody */
	} else {
		cpu_sleep();
	}
}

static void look(void)
{
	time_look_for_events();
	timer_poll();
	work_poll();
}

void time_look(void)
{
	look();
	cpu_yield(); /* alone as well: the other end may be a domain on the same processor */
}

/* A look at the clock may be an exit: what comes soon takes none, not even one to begin with. */
bool time_wait_by(void (*rest)(void), bool (*done)(void *ctx), void *ctx, uint64_t patience_ns)
{
	uint64_t last = 0, now, took;

	if (FAULT_ANY)
		patience_ns /= FAULTY_HASTE;
	if (done(ctx))
		return true;
	for (;; last = now) {
		for (unsigned turn = 0; turn < TURNS; turn++) {
			look();
			if (done(ctx))
				return true;
			if (!work_is_due())
				rest();
		}
		now = time_now_ns();
		took = !last ? 0 : now - last < TURN_NS ? now - last : TURN_NS;
		if (took > patience_ns)
			return done(ctx);
		patience_ns -= took;
	}
}

bool time_wait(bool (*done)(void *ctx), void *ctx, uint64_t patience_ns)
{
	return time_wait_by(cpu_yield, done, ctx, patience_ns);
}

static void time_print_date(void)
{
	uint64_t seconds = time_wall_ns() / NS_PER_SEC;
	struct civil c = civil_from_seconds(seconds);

	if (!seconds)
		printk("no date\n");
	else
		printk("%llu-%02u-%02u %02u:%02u:%02u UTC\n", (unsigned long long)c.year,
		       c.month, c.day, c.hour, c.minute, c.second);
}

SHELL_COMMAND(time, "", "since boot, by what, and the date")
{
	uint64_t ns = time_now_ns();

	printk("%llu.%06llu s since boot; TSC %llu kHz, from %s; timers by %s; ",
	       (unsigned long long)(ns / NS_PER_SEC),
	       (unsigned long long)(ns % NS_PER_SEC / 1000),
	       (unsigned long long)(time_tsc_hz() / 1000), source_name, timer_clock_name());
	time_print_date();
	return 0;
}

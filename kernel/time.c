/* SPDX-License-Identifier: MIT */
#include "kernel/time.h"

#include "arch/x86/cpu.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/timer.h"
#include "kernel/work.h"

static uint64_t tsc_hz, tsc_base;
static uint64_t ns_per_tick; /* in 2^-32 ns */
static const char *source = "none";

/* A turn of time_wait() that takes longer counts for so much: the machine stood still (xl pause, xl
 * save), and what is waited for did, too. */
#define TURN_NS (250 * NS_PER_MS)

void (*time_poll_hook)(void);

void time_set_tsc_hz(uint64_t hz, const char *who)
{
	tsc_base = rdtsc();
	tsc_hz = hz;
	ns_per_tick = (NS_PER_SEC << 32) / hz;
	source = who;
}

uint64_t time_tsc_hz(void)
{
	return tsc_hz;
}

const char *time_source_name(void)
{
	return source;
}

uint64_t time_now_ns(void)
{
	return (unsigned __int128)(rdtsc() - tsc_base) * ns_per_tick >> 32;
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
		cpu_nap(); /* an event ends it, but interrupts nobody */
	} else {
		cpu_sleep();
	}
}

void time_look(void)
{
	time_look_for_events();
	timer_poll();
	work_poll();
	cpu_yield(); /* alone as well: the other end may be a domain on the same processor */
}

bool time_wait(bool (*done)(void *ctx), void *ctx, uint64_t patience_ns)
{
	uint64_t last = time_now_ns();

	while (!done(ctx)) {
		uint64_t now = time_now_ns();
		uint64_t turn = now - last < TURN_NS ? now - last : TURN_NS;

		if (turn > patience_ns)
			return done(ctx);
		patience_ns -= turn;
		last = now;
		time_look();
	}
	return true;
}

SHELL_COMMAND(time, "", "since boot, and by what")
{
	uint64_t ns = time_now_ns();

	printk("%llu.%06llu s since boot; TSC %llu kHz, from %s; timers by %s\n",
	       (unsigned long long)(ns / NS_PER_SEC),
	       (unsigned long long)(ns % NS_PER_SEC / 1000), (unsigned long long)(tsc_hz / 1000),
	       source, timer_clock_name());
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "kernel/cpu_call.h"

#include <stddef.h>

#include "arch/x86/cpu.h"
#include "kernel/dump.h"
#include "kernel/time.h"
#include "lib/errno.h"

/* One call on its way to a CPU; it lives on the caller's stack. */
struct call {
	cpu_call_fn *fn;
	void *ctx;
	bool done;
};

void (*cpu_call_kick)(struct cpu *cpu);
void (*cpu_poked)(void);

void cpu_poke(unsigned cpu)
{
	if (cpu_call_kick)
		cpu_call_kick(cpus[cpu]);
}

void cpu_poke_serve(void)
{
	if (cpu_poked)
		cpu_poked();
}

void cpu_call_serve(void)
{
	struct call *call = __atomic_exchange_n(&this_cpu()->call, NULL, __ATOMIC_SEQ_CST);

	if (!call)
		return;
	call->fn(call->ctx);
	__atomic_store_n(&call->done, true,
			 __ATOMIC_RELEASE); /* the caller's stack is his again */
}

/* Interrupts are disabled in a wait, so no watchdog's timer would say what it waits for. */
#define LATE_NS (30 * NS_PER_SEC)
/* In one turn: the machine stood still (xl pause); once in a wait. */
#define STILL_NS NS_PER_SEC
/* A CPU that runs has served a call within so many turns; one that shares this processor has not, and
 * would be let in once in many yields only. So then it naps, longer each time. */
#define QUICK_TURNS 8u
#define NAP_NS      (NS_PER_MS / 10)
#define NAP_SHIFT   5u

struct call_wait {
	unsigned turns;
	bool again;    /* late has been put off */
	uint64_t late; /* 0: nobody has looked at the clock yet */
};

static void cpu_call_look(struct call_wait *w)
{
	uint64_t now = time_now_ns();

	if (!w->late)
		w->late = now + LATE_NS;
	if (now < w->late)
		return;
	if (now - w->late > STILL_NS && !w->again) { /* so did whom it waits for */
		w->again = true;
		w->late = now + LATE_NS;
		return;
	}
	w->late = UINT64_MAX;
	dump_state("cpu call");
}

/* Whoever waits serves the calls to itself, and leaves the processor to whom it waits for. When
 * that is late, it shows where everybody is, once. */
static void cpu_call_turn(struct call_wait *w)
{
	cpu_call_serve();
	if (w->turns < QUICK_TURNS) {
		cpu_yield();
	} else {
		cpu_nap(NAP_NS << (w->turns - QUICK_TURNS));
		cpu_call_look(w);
	}
	w->turns += w->turns < QUICK_TURNS + NAP_SHIFT;
}

/* A CPU takes one call at a time, and none when it is down: then false. It looks at the word
 * once more after it has said that it goes, and here is looked after the word was written: one
 * of the two sees the other. */
static bool cpu_call_post(struct cpu *cpu, struct call *call)
{
	struct call_wait wait = {0};
	struct call *empty = NULL, *posted = call;

	while (!__atomic_compare_exchange_n(&cpu->call, &empty, call, false, __ATOMIC_SEQ_CST,
					    __ATOMIC_RELAXED)) {
		empty = NULL;
		cpu_call_turn(&wait);
	}
	if (!cpu_is_up(cpu->id) &&
	    __atomic_compare_exchange_n(&cpu->call, &posted, NULL, false, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED))
		return false;
	cpu_call_kick(cpu);
	return true;
}

static void cpu_call_await(const struct call *call)
{
	struct call_wait wait = {0};

	while (!__atomic_load_n(&call->done, __ATOMIC_ACQUIRE))
		cpu_call_turn(&wait);
}

int cpu_call(unsigned cpu, cpu_call_fn *fn, void *ctx)
{
	struct call call = {.fn = fn, .ctx = ctx};
	bool on, there = true;

	if (cpu >= nr_cpus)
		return -EINVAL;
	if (cpu != this_cpu()->id && !cpu_call_kick)
		return -EOPNOTSUPP;
	on = local_irq_save(); /* nothing else serves meanwhile, and fn is not interrupted */
	if (cpu == this_cpu()->id) {
		fn(ctx);
	} else {
		there = cpu_call_post(cpus[cpu], &call);
		if (there)
			cpu_call_await(&call);
	}
	local_irq_restore(on);
	return there ? 0 : -ENXIO;
}

/* --- all at once --- */

/* One at a time: a call for each CPU, and who makes them (its id plus 1; 0: nobody). One after
 * the other, each would wait for a turn of its own where many vCPUs share a processor. */
static struct call calls[NR_CPUS_MAX];
static unsigned caller;
static unsigned nr_called; /* CPUs that there were when it began */

static bool call_all_begun_here(void)
{
	return __atomic_load_n(&caller, __ATOMIC_RELAXED) == this_cpu()->id + 1;
}

/* Begun here, or this CPU is not through with its part: to wait for the end would be to wait
 * for itself. */
static bool call_all_concerns_here(void)
{
	return call_all_begun_here() ||
	       (__atomic_load_n(&caller, __ATOMIC_ACQUIRE) &&
		!__atomic_load_n(&calls[this_cpu()->id].done, __ATOMIC_ACQUIRE));
}

/* How many others were called. */
static unsigned call_all_begin(cpu_call_fn *fn, void *ctx)
{
	struct call_wait wait = {0};
	unsigned nobody = 0, called = 0;

	while (!__atomic_compare_exchange_n(&caller, &nobody, this_cpu()->id + 1, false,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		nobody = 0;
		cpu_call_turn(&wait);
	}
	nr_called = nr_cpus;
	for_each_other_cpu(cpu) {
		calls[cpu] = (struct call){.fn = fn, .ctx = ctx};
		if (cpu_call_post(cpus[cpu], &calls[cpu]))
			called++;
		else
			calls[cpu].done = true;
	}
	return called;
}

static void call_all_end(void)
{
	for (unsigned cpu = 0; cpu < nr_called; cpu++)
		if (cpu != this_cpu()->id)
			cpu_call_await(&calls[cpu]);
	__atomic_store_n(&caller, 0, __ATOMIC_RELEASE);
}

static void cpu_call_each(cpu_call_fn *fn, void *ctx)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		cpu_call(cpu, fn, ctx);
}

int cpu_call_all(cpu_call_fn *fn, void *ctx)
{
	bool on;

	if (nr_cpus > 1 && !cpu_call_kick)
		return -EOPNOTSUPP;
	on = local_irq_save();
	if (call_all_concerns_here()) {
		cpu_call_each(fn, ctx);
	} else {
		call_all_begin(fn, ctx);
		fn(ctx);
		call_all_end();
	}
	local_irq_restore(on);
	return 0;
}

struct parking {
	uint32_t parked;
	bool over;
};

static void cpu_park(void *ctx)
{
	struct parking *p = ctx;

	__atomic_add_fetch(&p->parked, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&p->over, __ATOMIC_ACQUIRE)) {
		cpu_call_serve();
		cpu_nap(CPU_NAP_NS);
	}
}

static void cpu_unpark_all(struct parking *p)
{
	__atomic_store_n(&p->over, true, __ATOMIC_RELEASE);
	for_each_other_cpu(cpu)
		cpu_call_kick(cpus[cpu]);
}

int cpu_call_alone(cpu_call_fn *fn, void *ctx)
{
	struct parking p = {0};
	unsigned others;
	struct call_wait wait = {0};
	bool on;

	if (nr_cpus > 1 && !cpu_call_kick)
		return -EOPNOTSUPP;
	on = local_irq_save();
	if (call_all_concerns_here()) {
		local_irq_restore(on);
		return -EBUSY;
	}
	others = call_all_begin(cpu_park, &p);
	while (__atomic_load_n(&p.parked, __ATOMIC_ACQUIRE) != others)
		cpu_call_turn(&wait);
	fn(ctx);
	cpu_unpark_all(&p);
	call_all_end();
	local_irq_restore(on);
	return 0;
}

static void cpu_call_nothing(void *ctx)
{
}

void cpu_barrier_on(unsigned cpu)
{
	cpu_call(cpu, cpu_call_nothing, NULL);
}

void cpu_barrier(void)
{
	cpu_call_all(cpu_call_nothing, NULL);
}

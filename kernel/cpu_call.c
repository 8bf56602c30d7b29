/* SPDX-License-Identifier: MIT */
#include "kernel/cpu_call.h"

#include <stddef.h>

#include "arch/x86/cpu.h"
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
	struct call *call = __atomic_exchange_n(&this_cpu()->call, NULL, __ATOMIC_ACQUIRE);

	if (!call)
		return;
	call->fn(call->ctx);
	__atomic_store_n(&call->done, true, __ATOMIC_RELEASE); /* the caller's stack is his again */
}

/* A CPU takes one call at a time: waits for its place, then for the end. */
static void cpu_call_hand_over(struct cpu *cpu, struct call *call)
{
	struct call *empty = NULL;

	while (!__atomic_compare_exchange_n(&cpu->call, &empty, call, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED)) {
		empty = NULL;
		cpu_call_serve();
		cpu_yield();
	}
	cpu_call_kick(cpu);
	while (!__atomic_load_n(&call->done, __ATOMIC_ACQUIRE)) {
		cpu_call_serve();
		cpu_yield();
	}
}

int cpu_call(unsigned cpu, cpu_call_fn *fn, void *ctx)
{
	struct call call = {.fn = fn, .ctx = ctx};
	bool on;

	if (cpu >= nr_cpus)
		return -EINVAL;
	if (cpu != this_cpu()->id && !cpu_call_kick)
		return -EOPNOTSUPP;
	on = local_irq_save(); /* nothing else serves meanwhile, and fn is not interrupted */
	if (cpu == this_cpu()->id)
		fn(ctx);
	else
		cpu_call_hand_over(cpus[cpu], &call);
	local_irq_restore(on);
	return 0;
}

/* Each CPU calls the next and waits; the last one calls back the first, which waits as well. */
struct alone {
	cpu_call_fn *fn;
	void *ctx;
	unsigned first, next;
};

static void cpu_call_next(void *ctx)
{
	struct alone *a = ctx;

	if (a->next == a->first)
		a->next++;
	if (a->next < nr_cpus)
		cpu_call(a->next++, cpu_call_next, a);
	else
		cpu_call(a->first, a->fn, a->ctx);
}

int cpu_call_alone(cpu_call_fn *fn, void *ctx)
{
	struct alone a = {.fn = fn, .ctx = ctx, .first = this_cpu()->id};

	if (nr_cpus > 1 && !cpu_call_kick)
		return -EOPNOTSUPP;
	return cpu_call(a.first, cpu_call_next, &a);
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
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		cpu_barrier_on(cpu);
}

/* SPDX-License-Identifier: MIT */
/* Running something on another CPU. */
#ifndef KERNEL_CPU_CALL_H
#define KERNEL_CPU_CALL_H

#include "kernel/cpu.h"

typedef void cpu_call_fn(void *ctx);

/* Runs fn(ctx) on a CPU, with interrupts disabled there, and waits until it has. On the calling
 * CPU it is a plain call. While it waits it serves calls to itself, so two CPUs that call each
 * other at once do not wait for ever; fn may call another CPU, and the caller's as well. Not from
 * a handler (see cpu_barrier), and with no lock held: the other CPU may be spinning for it with
 * interrupts disabled. One that does not come in half a minute is told of once, with the state of
 * every CPU; it is waited for all the same. 0; -EINVAL: no such CPU; -ENXIO: it is down;
 * -EOPNOTSUPP: nothing can interrupt it. */
int cpu_call(unsigned cpu, cpu_call_fn *fn, void *ctx);

/* The same on every CPU that is up, at once, the calling one included; waits until all have. One
 * at a time: a second caller waits, and serves, until the first is through. From within fn it goes
 * from CPU to CPU. 0; -EOPNOTSUPP as above: then it has run nowhere. */
int cpu_call_all(cpu_call_fn *fn, void *ctx);

/* Runs fn(ctx) on the calling CPU while all others wait in a call, with interrupts disabled: no
 * handler runs anywhere meanwhile, but for a handler that is itself waiting in a call. fn may
 * make calls. -EOPNOTSUPP as above, -EBUSY from within cpu_call_all(): then fn has not run. */
int cpu_call_alone(cpu_call_fn *fn, void *ctx);

/* Returns when every CPU has left the interrupt that it was in: what the delivery path could
 * still have been looking at before, it does not look at any more. (A CPU that is down looks at
 * nothing, and has left its last interrupt before it says so.) Not from a handler: the CPU's
 * own interrupt would not be waited for, and another CPU's barrier would be served in the middle
 * of it. */
void cpu_barrier(void);
void cpu_barrier_on(unsigned cpu); /* the same for one CPU */

/* Interrupts a CPU, for no more than to run cpu_poked there, and does not wait. Pokes that come
 * while one is on its way are one. From any context. */
void cpu_poke(unsigned cpu);
extern void (*cpu_poked)(void); /* with interrupts disabled; NULL: nothing */

/* For whoever delivers the interrupt: how to raise it, and what to run when it arrives. */
extern void (*cpu_call_kick)(struct cpu *cpu);
void cpu_call_serve(void);
void cpu_poke_serve(void); /* when it arrives, and not from within another interrupt */

#endif

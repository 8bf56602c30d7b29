/* SPDX-License-Identifier: MIT */
#include "storm/storm.h"

#include "arch/x86/cpu.h"
#include "drivers/irqchip/irq_move.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/dump.h"
#include "kernel/irq.h"
#include "kernel/irq_pass.h"
#include "kernel/time.h"

/* What must come is missing after both: so long by the TSC, which is outside the path that is
 * tested, and then so many looks with a turn for every other vCPU, because a machine that is loaded
 * or was paused may not have run us meanwhile. Whatever the TSC does, the last one ends it. */
#define STORM_PATIENCE_NS (2 * NS_PER_SEC)
#define LOOKS		  500u
#define LOOKS_AT_MOST	  2000000u

#define for_each_slot(s) \
	for (struct storm_slot *s = storm.slots; s < storm.slots + storm.params.channels; s++)

static bool in_set(const struct storm_slot *slot, uint16_t set)
{
	return set >> (slot - storm.slots) & 1;
}

/* --- waiting for rest --- */

/* Re-delivered by vector: taken out of its pending bit, and not in its handler yet? */
static bool slot_on_the_way(const struct storm_slot *slot)
{
	unsigned vector = irq_get(slot->irq)->vector;

	return vector && irq_vector_waits(cpus[slot->account.cpu], vector);
}

/* From now on. */
static uint64_t rest_deadline(void)
{
	return time_now_ns() + STORM_PATIENCE_NS;
}

struct rest_wait {
	uint64_t deadline;
	uint32_t looks, late_looks;
	const struct storm_slot *missing;
};

static bool all_at_rest(void *ctx)
{
	struct rest_wait *w = ctx;

	w->missing = NULL;
	w->looks++;
	if (dump_is_running()) { /* somebody has asked, and a CPU answers */
		w->deadline = rest_deadline();
		w->late_looks = 0;
	}
	for_each_slot(slot) {
		if (storm_has_seen_all(&slot->account) && !evtchn_is_pending(slot->near) &&
		    !slot_on_the_way(slot) && !irq_is_busy(irq_get(slot->irq)))
			continue;
		w->missing = slot;
		break;
	}
	return !w->missing || storm.violation || w->looks > LOOKS_AT_MOST ||
	       (time_now_ns() > w->deadline && ++w->late_looks > LOOKS);
}

/* Nor has a handler a run to come, for what it has seen perhaps. */
static bool all_are_through(void)
{
	for_each_slot(slot)
		if (!storm_has_seen_all(&slot->account) || irq_is_busy(irq_get(slot->irq)))
			return false;
	return true;
}

/* Who has taken an event out of its pending bit has run its handler when the barrier returns; and
 * that handler may have sent another one. */
static void storm_rest(void)
{
	struct rest_wait w = {.deadline = rest_deadline()};

	do {
		while (!time_wait(all_at_rest, &w, PATIENCE_NS))
			;
		if (w.missing)
			storm_violate(STORM_LOST, w.missing);
		if (storm.violation)
			return;
		cpu_barrier();
	} while (!all_are_through());
}

bool storm_drain(void)
{
	for_each_slot(slot)
		if (irq_is_masked(irq_get(slot->irq)))
			irq_unmask(irq_get(slot->irq));
	storm_rest();
	if (!storm.violation)
		for_each_slot(slot)
			storm_violate(storm_judge(&slot->account), slot);
	storm.counts.rests += !storm.violation;
	return !storm.violation;
}

/* --- the steps: those that one CPU does with its interrupts off --- */

static void step_burst(const struct storm_step *step)
{
	for_each_slot(slot)
		if (in_set(slot, step->set))
			storm_send(slot);
}

static void step_send(const struct storm_step *step)
{
	struct storm_slot *slot = &storm.slots[step->channel];

	if (step->kind == STORM_RESEND)
		slot->resend = step->count;
	else if (!irq_is_masked(irq_get(slot->irq)))
		slot->stamp = rdtsc();
	storm_send(slot);
}

static void step_mask(const struct storm_step *step)
{
	struct storm_slot *slot = &storm.slots[step->channel];

	slot->stamp = 0;
	if (step->kind == STORM_MASK)
		irq_mask(irq_get(slot->irq));
	else if (irq_is_masked(irq_get(slot->irq)))
		irq_unmask(irq_get(slot->irq));
}

static void step_hide(const struct storm_step *step)
{
	step_burst(step);
	for_each_slot(slot) {
		if (in_set(slot, step->set)) {
			slot->stamp = 0;
			irq_mask(irq_get(slot->irq));
		}
	}
}

/* --- the steps: those that the driving CPU does with interrupts on --- */

static int step_reopen(const struct storm_step *step)
{
	struct storm_slot *slot = &storm.slots[step->channel];
	int err = storm_close(slot, true);

	storm.counts.reopened++;
	return err ? err : storm_open(slot, step->far_end);
}

static int step_move(const struct storm_step *step)
{
	if (step->kind == STORM_SETTLE && !storm_drain())
		return 0;
	return storm_move(&storm.slots[step->channel], step->to);
}

static int step_priority(const struct storm_step *step)
{
	struct storm_slot *slot = &storm.slots[step->channel];
	if (!storm.fifo)
		return 0;
	slot->account.priority = step->count;
	return evtchn_set_priority(slot->near, step->count);
}

static void cell_burst(void *ctx)
{
	step_burst(ctx);
}

/* Only what the scan itself hands on keeps the queues' order. */
static bool is_ordered(const struct storm_slot *slot, uint16_t set, unsigned cpu)
{
	return in_set(slot, set) && slot->account.cpu == cpu && !irq_get(slot->irq)->vector;
}

/* The burst keeps its CPU from scanning until everything is pending there. */
static int step_order(const struct storm_step *step)
{
	unsigned cpu = storm.reaches_all ? step->cpu : 0;

	if (!storm_drain())
		return 0;
	cpu_call(cpu, cell_burst, (void *)step);
	if (!storm_drain() || !storm.fifo)
		return 0;
	for_each_slot(a)
		for_each_slot(b)
			if (is_ordered(a, step->set, cpu) && is_ordered(b, step->set, cpu))
				storm_violate(storm_judge_order(&a->account, &b->account), a);
	return 0;
}

static int step_drain(const struct storm_step *step)
{
	storm_drain();
	return 0;
}

/* Either on the step's CPU, with interrupts off, or here. */
static const struct {
	void (*there)(const struct storm_step *step);
	int (*here)(const struct storm_step *step);
} steps[NR_STORM_KINDS] = {
	[STORM_BURST] = {.there = step_burst},    [STORM_SEND] = {.there = step_send},
	[STORM_RESEND] = {.there = step_send},    [STORM_MASK] = {.there = step_mask},
	[STORM_UNMASK] = {.there = step_mask},    [STORM_HIDE] = {.there = step_hide},
	[STORM_MOVE] = {.here = step_move},       [STORM_SETTLE] = {.here = step_move},
	[STORM_REOPEN] = {.here = step_reopen},   [STORM_PRIORITY] = {.here = step_priority},
	[STORM_ORDER] = {.here = step_order},     [STORM_DRAIN] = {.here = step_drain},
};

static void step_there(void *ctx)
{
	const struct storm_step *step = ctx;

	steps[step->kind].there(step);
}

void storm_do(const struct storm_step *step)
{
	int err;

	if (steps[step->kind].there)
		err = cpu_call(step->cpu, step_there, (void *)step);
	else
		err = steps[step->kind].here(step);
	if (err)
		storm_violate(STORM_FAILED, &storm.slots[step->channel]);
	upcall_poll();
}

/* SPDX-License-Identifier: MIT */
#include "storm/storm.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/watchdog.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/options.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/work.h"
#include "lib/fault.h"
#include "lib/string.h"

#define EVENTS_USUAL 400u
/* A storm that brings fewer runs than one in so many steps does not come to its end by itself.
 */
#define STEPS_PER_RUN 4u
#define STEPS_PER_PET 8u
/* It speaks at half of that: before whoever watches gives up, and after a call of other CPUs does,
 * kernel/cpu_call.c. (The fault that hangs is not to take longer than it must.) */
#define HANG_SECONDS  (FAULT(stuck) ? 70u : 100u)
#define STEPS_SHOWN  40u /* shorter lists of steps are told in words */

static uint32_t runs_before, sends_before;
static uint64_t next_progress; /* in runs */

static void storm_sum(uint32_t *runs, uint32_t *sends)
{
	*runs = -runs_before;
	*sends = -sends_before;
	for (unsigned i = 0; i < STORM_CHANNELS; i++) {
		*runs += __atomic_load_n(&storm.slots[i].account.runs, __ATOMIC_RELAXED);
		*sends += __atomic_load_n(&storm.slots[i].account.sent, __ATOMIC_RELAXED);
	}
}

static void storm_count(void)
{
	storm_sum(&storm.counts.runs, &storm.counts.sends);
}

/* Handler runs that a cell is to have. */
static uint32_t storm_events(void)
{
	uint64_t wanted = options.events ? options.events : EVENTS_USUAL;

	return wanted < UINT32_MAX ? wanted : UINT32_MAX;
}

/* What was sent since the cell before stays; all else is this cell's own. */
static void storm_begin(void)
{
	storm.params = (struct storm_params){options.seed, STORM_CHANNELS, nr_cpus};
	storm.counts = (struct storm_counts){0};
	storm.fifo = !strcmp(evtchn_abi_name(), "fifo");
	storm.reaches_all = upcall_reaches_all();
	storm.violation = STORM_FINE;
	storm.step = 0;
	next_progress = options.progress;
	latency_reset(&storm.latency);
}

void storm_count_anew(void)
{
	memset(storm.runs_on, 0, sizeof(storm.runs_on));
	runs_before = sends_before = 0;
	storm_sum(&runs_before, &sends_before);
}

static int storm_open_all(void)
{
	int err = 0;

	for (unsigned i = 0; !err && i < storm.params.channels; i++)
		if (storm.slots[i].near <= 0)
			err = storm_open(&storm.slots[i], i & 1);
	return err;
}

int storm_close_all(void)
{
	int err = 0;

	for (unsigned i = 0; i < STORM_CHANNELS; i++)
		if (storm.slots[i].near > 0)
			err |= storm_close(&storm.slots[i], false);
	return err;
}

void storm_leave_pending(void)
{
	for (unsigned i = 0; i < STORM_CHANNELS; i++) {
		struct storm_slot *slot = &storm.slots[i];

		if (slot->near <= 0)
			continue;
		if (i & 1)
			irq_mask(irq_get(slot->irq));
		storm_moving(&slot->account, 0);
		storm_send(slot);
	}
}

void storm_arrive(void)
{
	bool all = upcall_reaches_all();

	for (unsigned i = 0; i < STORM_CHANNELS; i++) {
		struct storm_account *a = &storm.slots[i].account;

		storm_moved(a, all ? a->cpu : 0, true);
	}
}

/* What was pending may come in its old order once more, so not before everything is at rest. */
static int storm_set_priorities(void)
{
	int err = 0;

	for (unsigned i = 0; storm.fifo && i < storm.params.channels; i++)
		err |= evtchn_set_priority(storm.slots[i].near,
					   storm.slots[i].account.priority);
	return err;
}

/* Every CPU has its channels from the start. */
static int storm_spread(void)
{
	int err = 0;

	for (unsigned i = 0; storm.reaches_all && i < storm.params.channels; i++)
		err |= storm_move(&storm.slots[i], i % nr_cpus);
	storm.counts.moves = 0;
	return err;
}

static void storm_show_step(uint32_t n, const struct storm_step *step)
{
	char text[96];

	storm_describe(step, text, sizeof(text));
	printk("# step %u: %s\n", n, text);
}

/* One past the last step. A list without an end, or none, ends when there were runs enough; or,
 * so that a storm that brings none ends as well, here. */
static uint32_t storm_last(uint32_t events)
{
	uint32_t end = storm_list_end(options.steps);

	if (!end)
		selftest_fail("steps=: expected numbers and ranges, e.g. 0-99,120");
	if (end == UINT32_MAX && events < (UINT32_MAX - 1000) / STEPS_PER_RUN)
		end = 1000 + events * STEPS_PER_RUN;
	return end;
}

/* At rest every event that was sent has been seen, and judged. */
static void storm_say_progress(void)
{
	const struct storm_counts *c = &storm.counts;

	if (!options.progress || c->runs < next_progress)
		return;
	printk("storm: %u sent, %u handled, %u times at rest\n", c->sends, c->runs, c->rests);
	next_progress = c->runs + options.progress;
}

static void storm_step(uint32_t n, bool show)
{
	struct storm_step step = storm_decide(&storm.params, n);

	if (show)
		storm_show_step(n, &step);
	storm.step = n;
	storm_do(&step);
	if (storm.counts.steps++ % STEPS_PER_PET == 0)
		watchdog_pet();
	storm_count();
	storm_say_progress();
	work_poll(); /* a step need not wait for anything */
}

static void storm_steps(void)
{
	uint32_t events = storm_events(), end = storm_last(events);
	bool endless = storm_list_end(options.steps) == UINT32_MAX;

	for (uint32_t n = 0; n < end && !storm.violation; n++) {
		if (!storm_list_has(options.steps, n))
			continue;
		storm_step(n, options.steps[0] && storm.counts.steps < STEPS_SHOWN);
		if (endless && storm.counts.runs >= events)
			break;
	}
	watchdog_pet();
	if (!storm.violation)
		storm_drain();
	storm_count();
	if (!storm.violation && endless && storm.counts.runs < events)
		selftest_fail("only %u runs in %u steps, seed %llu", storm.counts.runs,
			      storm.counts.steps, (unsigned long long)options.seed);
}

static void storm_report(void)
{
	const struct storm_slot *bad = &storm.slots[storm.bad_slot];
	const struct storm_counts *c = &storm.counts;
	unsigned long long seed = options.seed;

	if (storm.violation) {
		selftest_fail("%s: channel %u (irq %d, port %d), step %u, CPU %u, seed %llu",
			      storm_violation_name(storm.violation), storm.bad_slot, bad->irq,
			      bad->near, storm.bad_step, storm.bad_cpu, seed);
		storm_dump();
		return;
	}
	selftest_note(
		"runs %u sends %u coalesced %u moves %u reopened %u spurious %u seed %llu",
		c->runs, c->sends, c->sends + c->granted - c->runs, c->moves, c->reopened,
		c->granted, seed);
}

static void storm_run(void)
{
	if (storm_open_all()) {
		selftest_fail("no channels for the storm");
		return;
	}
	if (storm_drain() && (storm_set_priorities() || storm_spread()))
		storm_violate(STORM_FAILED, &storm.slots[0]);
	if (!storm.violation)
		storm_steps();
	storm_report();
	storm_results_add();
}

/* A storm that hangs names its port, and ends the domain (drivers/xen/watchdog.h), unless the
 * command line has a watchdog of its own. */
void storm_cell(void)
{
	bool armed = !watchdog_arm(HANG_SECONDS);

	storm_begin();
	storm_results_begin();
	storm_run();
	if (armed)
		watchdog_disarm();
}

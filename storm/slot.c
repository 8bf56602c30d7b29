/* SPDX-License-Identifier: MIT */
#include "storm/storm.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_resume.h"
#include "drivers/xen/upcall.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "lib/errno.h"
#include "lib/fault.h"

#define BUSY_TRIES 10000u

struct storm_state storm;

void storm_violate(enum storm_violation v, const struct storm_slot *slot)
{
	enum storm_violation none = STORM_FINE;

	if (v == STORM_FINE || !__atomic_compare_exchange_n(&storm.violation, &none, v, false,
							    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	storm.bad_slot = slot - storm.slots;
	storm.bad_step = storm.step;
	storm.bad_cpu = this_cpu()->id;
}

/* < 0: not open. What it loses it reports when it sends. */
EVTCHN_RENUMBERED(storm)
{
	for (unsigned i = 0; i < STORM_CHANNELS; i++) {
		struct storm_slot *slot = &storm.slots[i];

		if (slot->near <= 0)
			continue;
		slot->near = evtchn_renumbered(slot->near);
		slot->far = evtchn_renumbered(slot->far);
	}
}

void storm_send(struct storm_slot *slot)
{
	storm_sending(&slot->account);
	if (evtchn_send(slot->far))
		storm_violate(STORM_FAILED, slot);
}

static enum irq_result storm_handler(struct irq *irq, void *ctx)
{
	struct storm_slot *slot = ctx;
	uint32_t order = __atomic_add_fetch(&storm.clock, 1, __ATOMIC_SEQ_CST);
	uint64_t stamp = __atomic_exchange_n(&slot->stamp, 0, __ATOMIC_SEQ_CST);
	enum storm_violation v = storm_enter(&slot->account, this_cpu()->id, order);

	while (FAULT(stuck) && this_cpu()->id)
		cpu_relax();
	storm.runs_on[this_cpu()->id]++;
	if (stamp)
		latency_record(&storm.latency, rdtsc() - stamp);
	if (v)
		storm_violate(v, slot);
	else if (slot->resend) {
		slot->resend--;
		storm_send(slot);
	}
	storm_leave(&slot->account);
	return IRQ_HANDLED;
}

static int slot_bind(struct storm_slot *slot, bool far_end)
{
	int first = evtchn_alloc_unbound(DOMID_SELF);
	int second = first > 0 ? evtchn_bind_interdomain(DOMID_SELF, first) : first;

	if (second < 0) {
		if (first > 0)
			evtchn_close(first);
		return second;
	}
	slot->near = far_end ? second : first;
	slot->far = far_end ? first : second;
	return 0;
}

int storm_open(struct storm_slot *slot, bool far_end)
{
	int err = slot_bind(slot, far_end);

	if (err)
		return err;
	slot->resend = 0;
	slot->stamp = 0;
	slot->account.priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	storm_opened(&slot->account, 0, far_end);
	storm.counts.granted += far_end;
	slot->irq = evtchn_irq_request(slot->near, storm_handler, slot, "storm");
	return slot->irq < 0 ? slot->irq : 0;
}

/* -EBUSY: its vector is on the way; interrupts are enabled, so it comes. */
static int slot_free(struct storm_slot *slot)
{
	int err = -EBUSY;

	for (unsigned i = 0; err == -EBUSY && i < BUSY_TRIES; i++, cpu_yield())
		err = evtchn_irq_free(slot->near, slot);
	return err;
}

int storm_close(struct storm_slot *slot, bool in_flight)
{
	int err = slot_free(slot);

	storm_closed(&slot->account);
	if (!err && in_flight)
		err = evtchn_send(slot->far); /* must be seen by nobody, ... */
	upcall_poll();                        /* ... which is clear only if somebody looks */
	if (!err)
		err = evtchn_close(slot->near);
	if (!err)
		err = evtchn_close(slot->far);
	slot->near = -1;
	return err;
}

/* Where only vCPU 0 is reached, any other must be refused. */
int storm_move(struct storm_slot *slot, unsigned cpu)
{
	int err = -EBUSY, wanted = cpu && !storm.reaches_all ? -EOPNOTSUPP : 0;

	if (!wanted)
		storm_moving(&slot->account, cpu);
	slot->stamp = 0;
	for (unsigned i = 0; err == -EBUSY && i < BUSY_TRIES; i++, cpu_yield())
		err = irq_set_affinity(slot->irq, cpu);
	if (!err)
		storm_moved(&slot->account, cpu, storm.fifo);
	storm.counts.moves += !err;
	return err == wanted ? 0 : err ? err : -EINVAL;
}

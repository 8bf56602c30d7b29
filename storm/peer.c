/* SPDX-License-Identifier: MIT */
/* The storm's channels end in this domain at both ends. The store's ends in another one, which
 * keeps sending whatever happens here: across a switch, a reset included, an event of its that
 * was pending must come in at least once (at a reset it may come once more: binding marks it). */
#include "storm/storm.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/xenstore.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/options.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "lib/fault.h"

static struct irq *irq; /* the store's, masked, with an event pending; NULL: there is none */
static uint32_t runs_before;

static bool peer_is_pending(void *ctx)
{
	return evtchn_is_pending(irq->hw);
}

static bool peer_has_come(void *ctx)
{
	return irq_count(irq) != runs_before;
}

void storm_peer_leave_pending(void)
{
	irq = xenstore_usable() ? irq_get(xenstore_irq()) : NULL;
	if (!irq)
		return;
	irq_mask(irq); /* from here on who asks takes the reply out of its ring himself */
	cpu_barrier(); /* and no run is under way any more that would take the event */
	runs_before = irq_count(irq);
	if (!xenstore_write("data/storm", storm_cell_name()) &&
	    time_wait(peer_is_pending, NULL, PATIENCE_NS))
		return;
	irq_unmask(irq);
	irq = NULL;
	if (!FAULT_ANY) /* a fault may lose it here already, and the storm says so */
		selftest_fail("the store has left no event, seed %llu",
			      (unsigned long long)options.seed);
}

bool storm_peer_arrive(void)
{
	if (!irq)
		return true;
	irq_unmask(irq);
	return time_wait(peer_has_come, NULL, PATIENCE_NS);
}

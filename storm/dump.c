/* SPDX-License-Identifier: MIT */
#include "storm/storm.h"

#include "kernel/dump.h"
#include "kernel/printk.h"

/* Every channel as the storm knows it; then every CPU with its selector or queue heads, IRR and
 * ISR, and the table of channels: pending, masked. */
void storm_dump(void)
{
	for (unsigned i = 0; i < storm.params.channels; i++) {
		const struct storm_slot *slot = &storm.slots[i];
		const struct storm_account *a = &slot->account;

		printk("storm: channel %u: irq %d, ports %d and %d, CPU %u, priority %u, "
		       "sent %u, seen %u, %u runs\n",
		       i, slot->irq, slot->near, slot->far, a->cpu, a->priority, a->sent,
		       a->seen, a->runs);
	}
	dump_state("storm");
}

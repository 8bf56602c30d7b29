/* SPDX-License-Identifier: MIT */
#include "storm/storm.h"

#include "kernel/dump.h"
#include "kernel/printk.h"

/* In a row of cells that all fail, the first few tell what there is to tell. */
#define DUMPS_MAX 3u

static unsigned dumps;

void storm_dumps_begin(void)
{
	dumps = 0;
}

/* Every channel as the storm knows it; then every CPU with its selector or queue heads, IRR and
 * ISR, and the table of channels: pending, masked. */
void storm_dump(void)
{
	if (dumps++ >= DUMPS_MAX) {
		printk("storm: not shown again, after %u: boot on that route and ABI\n", DUMPS_MAX);
		return;
	}
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

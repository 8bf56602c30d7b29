/* SPDX-License-Identifier: MIT */
/* Between pirq.c, an edge, and pirq_edu.c, a level and a message, all as event channels. */
#ifndef SELFTEST_PIRQ_H
#define SELFTEST_PIRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/irqchip/irqchip.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/pirq.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/selftest.h"
#include "selftest/needs.h"

#define RAISES 5u

#define NEEDS_PIRQ() \
	NEEDS(xen);  \
	SKIP_UNLESS(pirq_present(), "Xen offers no PIRQs")
#define NEEDS_LINES()  \
	NEEDS_PIRQ();  \
	NEEDS(daisy);  \
	NEEDS(ioapic); \
	SKIP_UNLESS(upcall_by_vector(), "the upcall is not a vector")

/* A device that interrupts when it is told to. */
struct source {
	volatile uint32_t *regs; /* edu's */
	volatile uint32_t runs;
	uint32_t expected;
	struct irq *irq;
	uint32_t before; /* its count */
	bool dead;       /* something did not come: the rest is not waited for */
};

/* So many more runs are due: waits for them, unless the device is dead. */
void source_came(struct source *s, uint32_t more);
/* All that were expected, none twice, each counted on the one number. */
void source_check(const struct source *s);

#endif

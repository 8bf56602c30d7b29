/* SPDX-License-Identifier: MIT */
/* The number spaces: nothing overlaps, everything can be freed and taken again, exhaustion is
 * -ENOSPC and nothing is lost. */
#include "kernel/irq.h"
#include "kernel/memory.h"
#include "kernel/selftest.h"
#include "kernel/vector.h"
#include "lib/errno.h"

SELFTEST(irq_reserve)
{
	unsigned reserved = 0;
	struct irq *irq;
	int err;

	for (unsigned n = 0; n < irq_gsi_top; n++) {
		irq = irq_reserve(n, &err);
		if (irq) { /* nobody had it: give it back */
			CHECK_EQ(irq_release(irq), 0);
			continue;
		}
		CHECK_EQ(err, -EBUSY);
		reserved++;
	}
	CHECK(!irq_reserve(irq_gsi_top, &err));
	CHECK_EQ(err, -EINVAL);
	CHECK(reserved <= irq_gsi_top);
}

SELFTEST(irq_exhaustion)
{
	unsigned free = irq_free_numbers(), got = 0;
	unsigned pages = (free * sizeof(struct irq *) + PAGE_SIZE - 1) / PAGE_SIZE;
	struct irq **all, *irq;
	int err = 0;

	SKIP_UNLESS((pages_free_count() - pages) * PAGE_SIZE / 256 > free,
		    "not enough memory for %u irqs at once", free);
	all = pages_alloc(pages);
	CHECK(all);
	if (!all)
		return;
	while ((irq = irq_alloc(&err))) {
		CHECK(irq->number >= irq_gsi_top && irq->number < irq_limit);
		CHECK(irq_get(irq->number) == irq);
		all[got++] = irq;
	}
	CHECK_EQ(err, -ENOSPC);
	CHECK_EQ(got, free);
	CHECK_EQ(irq_free_numbers(), 0);
	for (unsigned i = 0; i < got; i += 2) /* a hole is found again, exactly */
		CHECK_EQ(irq_release(all[i]), 0);
	for (unsigned i = 0; i < got; i += 2)
		all[i] = irq_alloc(&err);
	CHECK(!irq_alloc(&err));
	for (unsigned i = 0; i < got; i++)
		CHECK_EQ(irq_release(all[i]), 0);
	CHECK_EQ(irq_free_numbers(), free);
	pages_free(all, pages);
}

SELFTEST(vector_space)
{
	static struct irq owner;
	unsigned before = vector_free_count(&boot_cpu);
	int a, b;

	for (unsigned v = 0; v < VECTOR_DYNAMIC_BASE; v++)
		CHECK_EQ(vector_reserve(&boot_cpu, v, &owner), -EBUSY);
	a = vector_alloc(&boot_cpu, &owner);
	b = vector_alloc(&boot_cpu, &owner);
	CHECK(a >= (int)VECTOR_DYNAMIC_BASE && b >= (int)VECTOR_DYNAMIC_BASE && a != b);
	CHECK(a >> 4 != b >> 4); /* spread over the priority classes */
	CHECK_EQ(vector_reserve(&boot_cpu, a, &owner), -EBUSY);
	CHECK_EQ(vector_release(&boot_cpu, a), 0);
	CHECK_EQ(vector_release(&boot_cpu, a), -EINVAL);
	CHECK_EQ(vector_reserve(&boot_cpu, a, &owner), 0);
	CHECK_EQ(vector_release(&boot_cpu, a), 0);
	CHECK_EQ(vector_release(&boot_cpu, b), 0);
	CHECK_EQ(vector_free_count(&boot_cpu), before);
}

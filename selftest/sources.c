/* SPDX-License-Identifier: MIT */
/* The question of 2008, second part: numbers that never collide. Every kind of source that the
 * machine has is live at once, a PIC line, an IO-APIC pin, messages, a local vector, an event
 * channel, and each is counted on an irq of its own and on no other. */
#include "arch/x86/cpu.h"
#include "drivers/irqchip/ipi.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/vector.h"
#include "lib/string.h"
#include "selftest/loopback.h"
#include "selftest/signal.h"

#define ROUNDS 4u

enum kind { ON_PIC, ON_IOAPIC, BY_MSI, BY_MSIX, ON_LAPIC, BY_CHANNEL, NR_KINDS };

static const char *const kind_names[] = {"pic", "ioapic", "msi", "msi-x", "lapic", "evtchn"};

/* What is live, by kind; the n-th is raised n + 1 times in a round, so that no two counts agree. */
static struct live {
	struct signal signals[NR_KINDS];
	struct signal messages[NVME_MESSAGES]; /* [0] stands in for BY_MSIX */
	struct loopback channel;
	bool there[NR_KINDS];
	enum isa_chip com1_was;
	uint32_t *before; /* every irq's count */
} live;

static bool open_pic(struct signal *g)
{
	if (!irqchip_has(ISA_PIC) || !com1_open(g))
		return false;
	live.com1_was = irqchip_isa_chip(g->irq);
	return CHECK_EQ(irqchip_isa_use(g->irq, ISA_PIC), 0);
}

static void lapic_raise(struct signal *g)
{
	lapic_send_self(irq_get(g->irq)->vector);
}

static bool open_lapic(struct signal *g)
{
	struct irq *irq;
	int err;

	if (!lapic_present())
		return false;
	irq = irq_alloc(&err);
	if (!CHECK(irq))
		return false;
	*g = (struct signal){.irq = irq->number, .raise = lapic_raise};
	err = vector_alloc(&boot_cpu, irq);
	lapic_attach(irq, irq->vector, "self");
	return CHECK(err > 0);
}

static void close_lapic(struct signal *g)
{
	struct irq *irq = irq_get(g->irq);

	CHECK_EQ(vector_release(&boot_cpu, irq->vector), 0);
	CHECK_EQ(irq_release(irq), 0);
}

/* nvme has begun when it is open, the others begin here. */
static void open_all(void)
{
	live.there[ON_PIC] = open_pic(&live.signals[ON_PIC]);
	live.there[ON_IOAPIC] = irqchip_isa_chip(KEYBOARD_IRQ) == ISA_IOAPIC &&
				keyboard_open(&live.signals[ON_IOAPIC]);
	live.there[BY_MSI] = edu_find() && lapic_present() && edu_open_msi(&live.signals[BY_MSI]);
	live.there[BY_MSIX] = nvme_find() && lapic_present() && nvme_open(live.messages);
	live.there[ON_LAPIC] = open_lapic(&live.signals[ON_LAPIC]);
	live.there[BY_CHANNEL] = xen_present() && loopback_open(&live.channel, "among all");
	for (unsigned k = 0; k < BY_CHANNEL; k++)
		if (live.there[k] && k != BY_MSIX)
			signal_begin(&live.signals[k], 0);
}

static void close_all(void)
{
	for (unsigned k = 0; k < BY_CHANNEL; k++)
		if (live.there[k] && k != BY_MSIX)
			signal_end(&live.signals[k]);
	if (live.there[ON_PIC])
		CHECK_EQ(irqchip_isa_use(COM1_IRQ, live.com1_was), 0);
	if (live.there[ON_IOAPIC])
		keyboard_close();
	if (live.there[BY_MSI])
		edu_close_msi();
	if (live.there[BY_MSIX])
		nvme_close(live.messages);
	if (live.there[ON_LAPIC])
		close_lapic(&live.signals[ON_LAPIC]);
	if (live.there[BY_CHANNEL])
		loopback_close(&live.channel);
}

static struct signal *signal_of(unsigned kind)
{
	return kind == BY_MSIX ? &live.messages[1] : &live.signals[kind];
}

static int irq_of(unsigned kind)
{
	return kind == BY_CHANNEL ? live.channel.irq : signal_of(kind)->irq;
}

/* All are raised before the first can be taken. */
static void raise_together(unsigned kinds)
{
	uint32_t runs = live.channel.runs;

	local_irq_disable();
	for (unsigned k = 0; k < BY_CHANNEL; k++)
		if (kinds >> k & 1)
			signal_raise(signal_of(k));
	if (kinds >> BY_CHANNEL & 1)
		CHECK_EQ(evtchn_send(live.channel.far), 0);
	local_irq_enable();
	for (unsigned k = 0; k < BY_CHANNEL; k++)
		if (kinds >> k & 1)
			signal_settle(signal_of(k));
	if (kinds >> BY_CHANNEL & 1)
		CHECK(loopback_wait(&live.channel, runs + 1));
}

/* In a round kind n takes part in n + 1 turns. */
static void raise_all(void)
{
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned turn = 0; turn < NR_KINDS; turn++) {
			unsigned kinds = 0;

			for (unsigned k = turn; k < NR_KINDS; k++)
				kinds |= (unsigned)live.there[k] << k;
			raise_together(kinds);
		}
}

static uint32_t wanted_count(unsigned number)
{
	for (unsigned k = 0; k < NR_KINDS; k++)
		if (live.there[k] && irq_of(k) == (int)number)
			return ROUNDS * (k + 1);
	return 0;
}

/* The upcall's irq and the cpu call's do their work meanwhile; no other irq may have counted what
 * is not its own. (daisy=off: the channel's irq is the upcall's.) */
static void check_counts(void)
{
	for (unsigned n = 0; n < irq_limit; n++) {
		const struct irq *irq = irq_get(n);

		if (irq && (int)n != upcall_irq() && (int)n != ipi_irq())
			CHECK_EQ(irq_count(irq) - live.before[n], wanted_count(n));
	}
	if (live.there[BY_CHANNEL])
		CHECK_EQ(live.channel.runs, ROUNDS * NR_KINDS);
}

/* A vector of a CPU's belongs to one irq, an irq to one source. */
static void check_numbers(void)
{
	for (unsigned k = 0; k < NR_KINDS; k++) {
		bool own = live.there[k] && (k != BY_CHANNEL || evtchn_daisy());

		CHECK(!own || !strcmp(irq_get(irq_of(k))->chip->name, kind_names[k]));
		for (unsigned j = 0; j < k; j++) {
			const struct irq *a, *b;

			if (!live.there[k] || !live.there[j])
				continue;
			a = irq_get(irq_of(k));
			b = irq_get(irq_of(j));
			CHECK(a != b);
			CHECK(!a->vector || a->vector != b->vector ||
			      a->vector_cpu != b->vector_cpu);
		}
	}
}

SELFTEST(all_sources)
{
	unsigned pages = (irq_limit * sizeof(uint32_t) + PAGE_SIZE - 1) / PAGE_SIZE;

	live = (struct live){.before = pages_alloc(pages)};
	if (!CHECK(live.before))
		return;
	open_all();
	printk("# live at once:");
	for (unsigned k = 0; k < NR_KINDS; k++)
		if (live.there[k])
			printk(" %s", kind_names[k]);
	printk("\n");
	/* What was latched before the unmasking has been delivered. */
	for (unsigned k = 0; k < BY_CHANNEL; k++)
		signal_of(k)->raises = signal_of(k)->runs = 0;
	for (unsigned n = 0; n < irq_limit; n++)
		live.before[n] = irq_get(n) ? irq_count(irq_get(n)) : 0;
	check_numbers();
	raise_all();
	check_counts();
	close_all();
	pages_free(live.before, pages);
}

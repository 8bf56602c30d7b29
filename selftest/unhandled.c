/* SPDX-License-Identifier: MIT */
/* What nobody handles is masked and reported once, whatever chip it comes by, and does not keep the
 * machine from anything else. */
#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/pci/pci.h"
#include "drivers/pci/pci_link.h"
#include "drivers/timer/lapic_timer.h"
#include "drivers/timer/pit.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/vector.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define LIMIT	 1000u /* in a row: kernel/irq.c */
#define TICK_HZ	 5000u
#define TICK_NS	 (NS_PER_SEC / TICK_HZ)

static volatile uint32_t arrivals;
static int nobody; /* the ctx of the handlers that refuse */

static enum irq_result refuse(struct irq *irq, void *ctx)
{
	arrivals++;
	return IRQ_NONE;
}

static bool is_masked(void *ctx)
{
	return ((struct irq *)ctx)->mask_reasons & IRQ_MASK_UNWANTED;
}

static void let_it_come(void)
{
	for (uint64_t start = time_now_ns(); time_now_ns() - start < 5 * TICK_NS;)
		cpu_relax();
	if (xen_present())
		loopback_settle();
}

/* The source has been set going. It is masked after LIMIT, with one warning, and stays so. An edge
 * that a local APIC or PIC had taken before is one more. */
static void check_masked(struct irq *irq)
{
	uint32_t seen;

	CHECK(time_wait(is_masked, irq, PATIENCE_NS));
	let_it_come();
	seen = arrivals;
	CHECK(seen == LIMIT || seen == LIMIT + 1);
	let_it_come();
	CHECK_EQ(arrivals, seen);
	CHECK_EQ(printk_expect_warnings(false), 1);
}

static void expect(void)
{
	arrivals = 0;
	printk_expect_warnings(true);
}

/* --- the timers of the board --- */

static void pit_unhandled(enum isa_chip chip)
{
	enum isa_chip was = irqchip_isa_chip(0);

	CHECK_EQ(irqchip_isa_use(0, chip), 0);
	expect();
	CHECK_EQ(irq_request(0, refuse, &nobody, 0, "unhandled"), 0);
	CHECK_EQ(pit_start_periodic(TICK_HZ), 0);
	check_masked(irq_get(0));
	pit_stop();
	CHECK_EQ(irq_free(0, &nobody), 0);
	CHECK_EQ(irqchip_isa_use(0, was), 0);
}

SELFTEST(unhandled_pic)
{
	SKIP_UNLESS(irqchip_has(ISA_PIC), "no PIC");
	SKIP_UNLESS(pit_probe(), "no PIT");
	pit_unhandled(ISA_PIC);
}

SELFTEST(unhandled_ioapic)
{
	NEEDS(ioapic);
	SKIP_UNLESS(pit_probe(), "no PIT");
	pit_unhandled(ISA_IOAPIC);
}

SELFTEST(unhandled_lapic)
{
	int irq;

	NEEDS(lapic);
	timer_lend();
	irq = lapic_timer_init();
	CHECK(irq >= 0);
	expect();
	CHECK_EQ(irq_request(irq, refuse, &nobody, 0, "unhandled"), 0);
	CHECK_EQ(lapic_timer_periodic(TICK_NS), 0);
	check_masked(irq_get(irq));
	lapic_timer_stop();
	CHECK_EQ(irq_free(irq, &nobody), 0);
	timer_take_back();
}

static enum irq_result refuse_ipi(struct irq *irq, void *ctx)
{
	if (++arrivals < LIMIT + 10)
		lapic_send_self(irq->vector);
	return IRQ_NONE;
}

/* Nothing masks an IPI; it is reported all the same, once. */
SELFTEST(unhandled_ipi)
{
	struct irq *irq;
	int err, vector;

	NEEDS(lapic);
	irq = irq_alloc(&err);
	CHECK(irq);
	if (!irq)
		return;
	vector = vector_alloc(this_cpu(), irq);
	lapic_attach(irq, vector, "unhandled");
	expect();
	CHECK_EQ(irq_request(irq->number, refuse_ipi, &nobody, 0, "unhandled"), 0);
	lapic_send_self(vector);
	CHECK(selftest_wait_count(&arrivals, LIMIT + 10));
	CHECK_EQ(irq->unhandled, LIMIT + 10);
	CHECK_EQ(printk_expect_warnings(false), 1);
	CHECK_EQ(irq_free(irq->number, &nobody), 0);
	CHECK_EQ(vector_release(this_cpu(), vector), 0);
	CHECK_EQ(irq_release(irq), 0);
}

/* --- channels --- */

static int unwanted_far;

static enum irq_result refuse_and_send(struct irq *irq, void *ctx)
{
	if (++arrivals < 10 * LIMIT) /* a flood; with an end, so that a failure is one */
		evtchn_send(unwanted_far);
	return IRQ_NONE;
}

SELFTEST(unhandled_channel)
{
	int near, irq;

	NEEDS(daisy);
	near = evtchn_alloc_unbound(DOMID_SELF);
	unwanted_far = evtchn_bind_interdomain(DOMID_SELF, near);
	expect();
	irq = evtchn_irq_request(near, refuse_and_send, &nobody, "unhandled");
	CHECK(irq >= 0);
	evtchn_send(unwanted_far);
	check_masked(irq_get(irq));
	CHECK(evtchn_is_masked(near) && evtchn_is_pending(near));
	CHECK_EQ(evtchn_irq_free(near, &nobody), 0);
	CHECK_EQ(evtchn_close(unwanted_far) | evtchn_close(near), 0);
}

static bool stray_seen(void *ctx)
{
	return evtchn_stray() > *(uint32_t *)ctx;
}

/* A port without an irq that somebody has unmasked. */
SELFTEST(stray_port)
{
	struct loopback lb;
	uint32_t before;

	NEEDS(daisy);
	if (loopback_open(&lb, "stray")) { /* the port has its event word now */
		CHECK_EQ(evtchn_irq_free(lb.near, &lb), 0);
		lb.irq = -1;
		before = evtchn_stray();
		expect();
		CHECK_EQ(evtchn_unmask(lb.near), 0);
		CHECK_EQ(evtchn_send(lb.far), 0);
		CHECK(time_wait(stray_seen, &before, PATIENCE_NS));
		CHECK_EQ(evtchn_send(lb.far), 0);
		loopback_settle();
		CHECK_EQ(evtchn_stray(), before + 1);
		CHECK(evtchn_is_masked(lb.near) && evtchn_is_pending(lb.near));
		CHECK_EQ(printk_expect_warnings(false), 1);
	}
	loopback_close(&lb);
}

/* --- a level line --- */

enum { EDU_STATUS = 0x24 / 4, EDU_RAISE = 0x60 / 4, EDU_ACK = 0x64 / 4 };

static volatile uint32_t *edu;
static volatile bool accepted;

static enum irq_result accept(struct irq *irq, void *ctx)
{
	if (!edu[EDU_STATUS])
		return IRQ_NONE;
	edu[EDU_ACK] = 1;
	accepted = true;
	return IRQ_HANDLED;
}

static bool is_accepted(void *ctx)
{
	return accepted;
}

/* The line stays up, as its driver does not quiet the device. Then comes one that does. */
static void level_unhandled(int line, enum isa_chip chip)
{
	struct irq *irq = irq_get(line);

	if (!irqchip_has(chip))
		return;
	CHECK_EQ(irqchip_isa_use(line, chip), 0);
	accepted = false;
	expect();
	CHECK_EQ(irq_request(line, refuse, &nobody, IRQ_SHARED, "unhandled"), 0);
	edu[EDU_RAISE] = 1;
	check_masked(irq);
	CHECK_EQ(irq_request(line, accept, &edu, IRQ_SHARED, "handled"), 0);
	CHECK(time_wait(is_accepted, NULL, PATIENCE_NS));
	CHECK(!irq_is_masked(irq));
	CHECK_EQ(irq_free(line, &nobody), 0);
	CHECK_EQ(irq_free(line, &edu), 0);
}

SELFTEST(unhandled_level)
{
	struct pci_device *dev = pci_find(0x1234, 0x11e8);
	enum isa_chip was;
	int line;

	SKIP_UNLESS(dev, "no edu device");
	line = pci_intx_irq(dev);
	SKIP_UNLESS(line != upcall_irq(), "edu shares the upcall's line");
	was = irqchip_isa_chip(line);
	pci_set_command(dev, PCI_COMMAND_MEMORY, PCI_COMMAND_INTX_DISABLE);
	edu = paging_map_device(dev->bar[0].address, dev->bar[0].size);
	CHECK(edu && (edu[0] & 0xff) == 0xed);
	CHECK_EQ(irqchip_set_trigger(line, TRIGGER_LEVEL, POLARITY_LOW), 0);
	level_unhandled(line, ISA_PIC);
	level_unhandled(line, ISA_IOAPIC);
	CHECK_EQ(irqchip_isa_use(line, was), 0);
}

/* SPDX-License-Identifier: MIT */
/* Lines and messages of emulated devices as event channels: an edge from the UART (ISA irq 4), a
 * level and an MSI from QEMU's edu (docs/specs/edu.txt in QEMU's source). */
#include "drivers/xen/pirq.h"

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/pci/pci.h"
#include "drivers/pci/pci_link.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "selftest/loopback.h"

#define RAISES 5u

#define NEEDS_PIRQ()                                                                          \
	SKIP_UNLESS(xen_present(), "no Xen");                                                 \
	SKIP_UNLESS(pirq_present(), "Xen offers no PIRQs")
#define NEEDS_LINES()                                                                         \
	NEEDS_PIRQ();                                                                         \
	SKIP_UNLESS(evtchn_daisy(), "daisy=off: channels have no irqs");                      \
	SKIP_UNLESS(irqchip_has(ISA_IOAPIC), "no IO-APIC in use");                            \
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

static void came(struct source *s, uint32_t more)
{
	s->expected += more;
	if (!s->dead)
		s->dead = !CHECK(selftest_wait_count(&s->runs, s->expected));
}

/* All that were expected, none twice, each counted on the one number. */
static void check_all(const struct source *s)
{
	loopback_settle();
	CHECK_EQ(s->runs, s->expected);
	CHECK_EQ(irq_count(s->irq) - s->before, s->expected);
}

/* --- edge: "transmitter empty" rises when it is enabled, and falls when it is read --- */

enum { UART_INTERRUPTS = 0x3f9, UART_REASON = 0x3fa, UART_MODEM = 0x3fc };
enum { UART_IRQ = 4, UART_WHEN_EMPTY = 2, UART_OUT2 = 8 };

static enum irq_result uart_handler(struct irq *irq, void *ctx)
{
	struct source *s = ctx;

	outb(UART_INTERRUPTS, 0);
	inb(UART_REASON);
	s->runs++;
	return IRQ_HANDLED;
}

static void uart_raise(void)
{
	outb(UART_INTERRUPTS, UART_WHEN_EMPTY);
}

static void uart_rounds(struct source *s)
{
	for (unsigned i = 0; i < RAISES; i++) {
		uart_raise();
		came(s, 1);
	}
	check_all(s);
}

/* What is on its way when the line changes its way. */
static void uart_in_flight(struct source *s)
{
	local_irq_disable();
	uart_raise(); /* waits as a vector, which nobody would own any more */
	CHECK_EQ(pirq_attach_line(UART_IRQ), -EBUSY);
	local_irq_enable();
	came(s, 1);
	CHECK_EQ(pirq_attach_line(UART_IRQ), 0);
	local_irq_disable();
	uart_raise(); /* waits as an event */
	CHECK_EQ(pirq_detach_line(UART_IRQ), 0);
	local_irq_enable();
	came(s, 1);
	check_all(s);
}

/* 2-level is through a reset, which would unmap the PIRQ: refused, and nothing has changed for a
 * channel with an event that waits. */
static void abi_is_kept(void)
{
	struct loopback lb;

	if (strcmp(evtchn_abi_name(), "fifo"))
		return;
	if (loopback_open(&lb, "abi kept")) {
		evtchn_mask(lb.near);
		CHECK_EQ(evtchn_send(lb.far), 0);
		CHECK_EQ(evtchn_switch_abi(EVTCHN_ABI_2L), -EBUSY);
		CHECK(!strcmp(evtchn_abi_name(), "fifo"));
		CHECK(evtchn_is_masked(lb.near) && evtchn_is_pending(lb.near));
		loopback_settle();
		CHECK_EQ(lb.runs, 0);
		CHECK_EQ(evtchn_unmask(lb.near), 0);
		CHECK(loopback_wait(&lb, 1) && loopback_ping(&lb));
		loopback_settle();
		CHECK_EQ(lb.runs, 2);
	}
	loopback_close(&lb);
}

SELFTEST(pirq_gsi_edge)
{
	struct source s = {0};
	uint8_t modem;

	NEEDS_LINES();
	s.irq = irq_get(UART_IRQ);
	s.before = irq_count(s.irq);
	modem = inb(UART_MODEM);
	outb(UART_MODEM, modem | UART_OUT2); /* on a real board the gate of its line */
	CHECK_EQ(irq_request(UART_IRQ, uart_handler, &s, 0, "uart"), 0);
	uart_rounds(&s);
	CHECK_EQ(pirq_attach_line(UART_IRQ), 0);
	CHECK_EQ(pirq_attach_line(UART_IRQ), -EBUSY);
	/* Xen could deadlock: upcall_switch.c */
	CHECK_EQ(upcall_switch(UPCALL_POLL, UPCALL_CHIP_AUTO), -EBUSY);
	CHECK(upcall_why_not(UPCALL_POLL));
	abi_is_kept();
	CHECK_EQ(pirq_bound_count(), 1);
	CHECK(!strcmp(s.irq->chip->name, "pirq"));
	uart_rounds(&s);
	CHECK_EQ(irq_set_redelivery(UART_IRQ, true), 0);
	uart_rounds(&s);
	CHECK_EQ(pirq_detach_line(UART_IRQ), 0);
	CHECK_EQ(pirq_detach_line(UART_IRQ), -EINVAL);
	CHECK_EQ(pirq_bound_count(), 0);
	CHECK(!strcmp(s.irq->chip->name, "ioapic"));
	uart_rounds(&s);
	uart_in_flight(&s);
	uart_rounds(&s);
	CHECK_EQ(irq_free(UART_IRQ, &s), 0);
	outb(UART_MODEM, modem);
}

/* --- level and MSI --- */

#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8
enum { EDU_STATUS = 0x24 / 4, EDU_RAISE = 0x60 / 4, EDU_ACK = 0x64 / 4 };

/* Quiets one reason at a time: the line stays up for the others. */
static enum irq_result edu_handler(struct irq *irq, void *ctx)
{
	struct source *s = ctx;
	uint32_t status = s->regs[EDU_STATUS];

	if (!status)
		return IRQ_NONE;
	s->regs[EDU_ACK] = status & -status;
	s->runs++;
	return IRQ_HANDLED;
}

static void edu_open(struct source *s, struct pci_device *dev)
{
	pci_set_command(dev, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, PCI_COMMAND_INTX_DISABLE);
	s->regs = paging_map_device(dev->bar[0].address, dev->bar[0].size);
	CHECK(s->regs);
}

static void edu_rounds(struct source *s)
{
	for (unsigned i = 0; i < RAISES; i++) {
		s->regs[EDU_RAISE] = 1;
		came(s, 1);
	}
	check_all(s);
}

/* Up for two reasons, of which the handler quiets one: told again after it. */
static void edu_stays_up(struct source *s)
{
	irq_mask(s->irq);
	s->regs[EDU_RAISE] = 3;
	irq_unmask(s->irq);
	came(s, 2);
	check_all(s);
}

/* The line is up, and masked, while it changes its way. */
static void edu_up_meanwhile(struct source *s, int (*change)(unsigned irq))
{
	irq_mask(s->irq);
	s->regs[EDU_RAISE] = 1;
	CHECK_EQ(change(s->irq->number), 0);
	loopback_settle();
	CHECK_EQ(s->runs, s->expected);
	irq_unmask(s->irq);
	came(s, 1);
	check_all(s);
}

static void edu_elsewhere(struct source *s)
{
	unsigned cpu = nr_cpus - 1;
	uint32_t there = irq_count_on(s->irq, cpu);

	CHECK_EQ(irq_set_affinity(s->irq->number, cpu), 0);
	edu_rounds(s);
	CHECK_EQ(irq_count_on(s->irq, cpu) - there, RAISES);
}

SELFTEST(pirq_gsi_level)
{
	struct pci_device *dev = pci_find(EDU_VENDOR, EDU_DEVICE);
	struct source s = {0};
	unsigned number;

	NEEDS_LINES();
	SKIP_UNLESS(dev, "no edu device");
	edu_open(&s, dev);
	number = pci_intx_gsi_xen(dev->dev, dev->irq_pin - 1);
	s.irq = irq_get(number);
	CHECK(s.irq);
	if (!s.regs || !s.irq)
		return;
	s.before = irq_count(s.irq);
	CHECK_EQ(irq_request(number, edu_handler, &s, 0, "edu"), 0);
	edu_rounds(&s);
	edu_up_meanwhile(&s, pirq_attach_line);
	edu_rounds(&s);
	edu_stays_up(&s);
	edu_elsewhere(&s);
	edu_up_meanwhile(&s, pirq_detach_line);
	CHECK_EQ(pirq_bound_count(), 0);
	edu_rounds(&s);
	CHECK_EQ(irq_free(number, &s), 0);
}

/* PCI Local Bus 3.0, 6.8.1: control, address, and the data behind 4 or 8 bytes of it. */
static void msi_write(const struct pci_device *dev, const struct pirq_msi *msi)
{
	unsigned cap = pci_find_capability(dev, PCI_CAP_MSI);
	uint16_t control = pci_read16(dev, cap + 2);

	CHECK(cap && control & 0x80);
	pci_write16(dev, cap + 2, control & ~1);
	if (!msi)
		return;
	pci_write32(dev, cap + 4, (uint32_t)msi->address);
	pci_write32(dev, cap + 8, msi->address >> 32);
	pci_write16(dev, cap + 12, msi->data);
	pci_write16(dev, cap + 2, control | 1);
}

static void msi_deliver(struct source *s, const struct pirq_msi *msi)
{
	for (unsigned i = 0; i < RAISES; i++) {
		s->regs[EDU_RAISE] = 1;
		came(s, 1);
	}
	evtchn_mask(msi->port);
	s->regs[EDU_RAISE] = 1;
	loopback_settle();
	CHECK_EQ(s->runs, s->expected);
	CHECK(evtchn_is_pending(msi->port));
	CHECK_EQ(evtchn_unmask(msi->port), 0);
	came(s, 1);
	loopback_settle();
	CHECK_EQ(s->runs, s->expected);
	if (evtchn_daisy())
		check_all(s);
}

/* Xen sends an MSI's event without the lock that it holds for a line's, so on any route. */
SELFTEST(pirq_msi)
{
	struct pci_device *dev = pci_find(EDU_VENDOR, EDU_DEVICE);
	struct pirq_msi msi = {0}, other;
	struct source s = {0};
	int irq;

	NEEDS_PIRQ();
	SKIP_UNLESS(dev, "no edu device");
	edu_open(&s, dev);
	CHECK_EQ(pirq_open_msi(&msi), 0);
	irq = evtchn_irq_request(msi.port, edu_handler, &s, "edu msi");
	CHECK(irq >= 0);
	if (!s.regs || irq < 0)
		return;
	s.irq = irq_get(irq);
	s.before = irq_count(s.irq);
	CHECK_EQ(pirq_bound_count(), 1);
	msi_write(dev, &msi);
	msi_deliver(&s, &msi);
	msi_write(dev, NULL);
	CHECK_EQ(evtchn_irq_free(msi.port, &s), 0);
	CHECK_EQ(pirq_close_msi(&msi), 0);
	CHECK_EQ(pirq_bound_count(), 0);
	CHECK_EQ(pirq_open_msi(&other), 0); /* the number is used again */
	CHECK_EQ(other.pirq, msi.pirq);
	CHECK_EQ(pirq_close_msi(&other), 0);
}

/* SPDX-License-Identifier: MIT */
/* A line and messages of an emulated device as event channels: a level and an MSI from QEMU's edu
 * (docs/specs/edu.txt in QEMU's source). */
#include "selftest/pirq.h"

#include "arch/x86/paging.h"
#include "drivers/pci/pci.h"
#include "drivers/pci/pci_link.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "selftest/loopback.h"

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
		source_came(s, 1);
	}
	source_check(s);
}

/* Up for two reasons, of which the handler quiets one: told again after it. */
static void edu_stays_up(struct source *s)
{
	irq_mask(s->irq);
	s->regs[EDU_RAISE] = 3;
	irq_unmask(s->irq);
	source_came(s, 2);
	source_check(s);
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
	source_came(s, 1);
	source_check(s);
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
		source_came(s, 1);
	}
	evtchn_mask(msi->port);
	s->regs[EDU_RAISE] = 1;
	loopback_settle();
	CHECK_EQ(s->runs, s->expected);
	CHECK(evtchn_is_pending(msi->port));
	CHECK_EQ(evtchn_unmask(msi->port), 0);
	source_came(s, 1);
	loopback_settle();
	CHECK_EQ(s->runs, s->expected);
	if (evtchn_daisy())
		source_check(s);
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

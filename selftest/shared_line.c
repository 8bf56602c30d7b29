/* SPDX-License-Identifier: MIT */
/* Two devices on one INTx line: the Xen platform device, whose interrupt is the upcall, and
 * QEMU's edu (docs/specs/edu.txt in QEMU's source), which raises its line when it is asked to.
 * One irq number, two actions, both called rightly. */

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "drivers/pci/pci.h"
#include "drivers/pci/pci_link.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "kernel/selftest.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8

/* Registers, in 32-bit words of BAR 0. */
enum { EDU_ID = 0, EDU_STATUS = 0x24 / 4, EDU_RAISE = 0x60 / 4, EDU_ACK = 0x64 / 4 };

#define EDU_MAGIC 0xedu /* low byte of the identification */

struct edu {
	volatile uint32_t *regs;
	volatile uint32_t runs, strangers; /* ours; asked, but not ours */
};

static enum irq_result edu_handler(struct irq *irq, void *ctx)
{
	struct edu *e = ctx;
	uint32_t status = e->regs[EDU_STATUS];

	if (!status) {
		e->strangers++;
		return IRQ_NONE;
	}
	e->regs[EDU_ACK] = status;
	e->runs++;
	return IRQ_HANDLED;
}

static bool edu_raise(struct edu *e)
{
	uint32_t runs = e->runs;

	e->regs[EDU_RAISE] = 1;
	return selftest_wait_count(&e->runs, runs + 1);
}

/* edu and the upcall on one line, in turn and both at once. */
static void share(struct edu *e, struct loopback *lb)
{
	uint32_t line = irq_count(irq_get(upcall_irq()));

	for (uint32_t i = 1; i <= 10; i++) {
		CHECK(edu_raise(e));
		CHECK_EQ(lb->runs, (i - 1) * 2);
		CHECK(loopback_ping(lb));
		CHECK_EQ(e->runs, i * 2 - 1);
		local_irq_disable();
		e->regs[EDU_RAISE] = 2;
		evtchn_send(lb->far);
		local_irq_enable();
		CHECK(loopback_wait(lb, i * 2));
		CHECK(selftest_wait_count(&e->runs, i * 2));
	}
	loopback_settle();
	CHECK_EQ(e->runs, 20);
	CHECK_EQ(lb->runs, 20);
	CHECK(irq_count(irq_get(upcall_irq())) - line >= 30);
	CHECK(e->strangers > 0); /* it was asked about the upcall's interrupts too */
}

SELFTEST(shared_intx)
{
	struct pci_device *dev = pci_find(EDU_VENDOR, EDU_DEVICE);
	struct edu e = {0};
	struct loopback lb;
	int irq;

	NEEDS(xen);
	SKIP_UNLESS(dev, "no edu device");
	SKIP_UNLESS(upcall_route() == UPCALL_INTX, "the upcall does not come by INTx");
	irq = pci_intx_irq(dev);
	SKIP_UNLESS(irq == upcall_irq(), "edu is on irq %d, the upcall on %d", irq, upcall_irq());
	pci_set_command(dev, PCI_COMMAND_MEMORY, PCI_COMMAND_INTX_DISABLE);
	e.regs = paging_map_device(dev->bar[0].address, dev->bar[0].size);
	CHECK(e.regs && (e.regs[EDU_ID] & 0xff) == EDU_MAGIC);
	CHECK_EQ(irq_request(irq, edu_handler, &e, IRQ_SHARED, "edu"), 0);
	if (loopback_open(&lb, "beside edu"))
		share(&e, &lb);
	loopback_close(&lb);
	CHECK_EQ(irq_free(irq, &e), 0);
}

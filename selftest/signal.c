/* SPDX-License-Identifier: MIT */
#include "selftest/signal.h"

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/msi.h"
#include "drivers/pci/pci.h"
#include "drivers/pci/pci_link.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "selftest/needs.h"

/* --- any signal --- */

static enum irq_result signal_handler(struct irq *irq, void *ctx)
{
	struct signal *g = ctx;

	if (g->quiet && !g->quiet(g))
		return IRQ_NONE;
	if (__atomic_exchange_n(&g->inside, true, __ATOMIC_SEQ_CST))
		g->overlaps++;
	g->runs++;
	if (g->chain && this_cpu()->id)
		signal_raise(g);
	__atomic_store_n(&g->inside, false, __ATOMIC_SEQ_CST);
	return IRQ_HANDLED;
}

void signal_begin(struct signal *g, unsigned flags)
{
	CHECK_EQ(irq_request(g->irq, signal_handler, g, flags, "signal"), 0);
}

void signal_end(struct signal *g)
{
	CHECK_EQ(irq_free(g->irq, g), 0);
	CHECK_EQ(g->overlaps, 0);
}

/* Counted before it is raised: the handler may run before the counting would. */
void signal_raise(struct signal *g)
{
	g->raises++;
	g->raise(g);
}

static bool signal_is_sent(void *ctx)
{
	struct signal *g = ctx;

	return g->sent(g);
}

void signal_send(struct signal *g)
{
	signal_raise(g);
	if (g->sent)
		CHECK(time_wait(signal_is_sent, g, PATIENCE_NS));
}

static bool signal_is_even(void *ctx)
{
	const struct signal *g = ctx;

	return g->runs >= g->raises;
}

bool signal_settle(struct signal *g)
{
	cpu_barrier(); /* what a handler wanted to raise it has raised */
	if (!CHECK(time_wait(signal_is_even, g, PATIENCE_NS)))
		return false;
	cpu_barrier();
	return CHECK_EQ(g->runs, g->raises);
}

bool signal_once(struct signal *g)
{
	signal_raise(g);
	return signal_settle(g);
}

/* --- edu: docs/specs/edu.txt in QEMU's source --- */

enum { EDU_STATUS = 0x24 / 4, EDU_RAISE = 0x60 / 4, EDU_ACK = 0x64 / 4 };

struct pci_device *edu_find(void)
{
	return pci_find(0x1234, 0x11e8);
}

static void edu_raise(struct signal *g)
{
	g->regs[EDU_RAISE] = 1;
}

static bool edu_quiet(struct signal *g)
{
	uint32_t status = g->regs[EDU_STATUS];

	g->regs[EDU_ACK] = status;
	return status;
}

static bool edu_open(struct signal *g, bool (*quiet)(struct signal *))
{
	struct pci_device *dev = edu_find();

	*g = (struct signal){.raise = edu_raise, .quiet = quiet};
	pci_set_command(dev, PCI_COMMAND_MEMORY, 0);
	g->regs = paging_map_device(dev->bar[0].address, dev->bar[0].size);
	return CHECK(g->regs);
}

bool edu_open_msi(struct signal *g)
{
	return edu_open(g, NULL) && CHECK_EQ(msi_request_vectors(edu_find(), 1, &g->irq), 1);
}

void edu_close_msi(void)
{
	CHECK_EQ(msi_release(edu_find()), 0);
}

bool edu_open_line(struct signal *g)
{
	if (!edu_open(g, edu_quiet))
		return false;
	g->regs[EDU_ACK] = g->regs[EDU_STATUS];
	g->irq = pci_intx_irq(edu_find());
	pci_set_command(edu_find(), 0, PCI_COMMAND_INTX_DISABLE);
	return CHECK(g->irq > 0);
}

/* --- COM1: an edge, whenever its interrupt for an empty FIFO is switched on --- */

enum { COM1_ENABLE = 0x3f9, COM1_IDENT = 0x3fa, COM1_STATUS = 0x3fd };
#define COM1_EMPTY 0x20

static void com1_raise(struct signal *g)
{
	outb(COM1_ENABLE, 0);
	outb(COM1_ENABLE, 2);
}

static bool com1_quiet(struct signal *g)
{
	outb(COM1_ENABLE, 0);
	return true;
}

static bool com1_is_empty(void *ctx)
{
	return inb(COM1_STATUS) & COM1_EMPTY;
}

bool com1_open(struct signal *g)
{
	*g = (struct signal){.irq = COM1_IRQ, .raise = com1_raise, .quiet = com1_quiet};
	return CHECK(time_wait(com1_is_empty, NULL, PATIENCE_NS));
}

/* --- the keyboard controller: what command 0xd2 writes is to be read as if it was typed --- */

enum { KEYBOARD_DATA = 0x60, KEYBOARD_STATUS = 0x64, KEYBOARD_COMMAND = 0x64 };
enum { READ_MODE = 0x20, WRITE_MODE = 0x60, TYPE = 0xd2 };
#define STATUS_FULL        1
#define MODE_INTERRUPT     0x01
#define MODE_NO_MOUSE      0x20
#define KEYBOARD_BYTES_MAX 256

static uint8_t keyboard_mode_was;

static void keyboard_write(uint8_t command, uint8_t data)
{
	outb(KEYBOARD_COMMAND, command);
	outb(KEYBOARD_DATA, data);
}

static void keyboard_raise(struct signal *g)
{
	keyboard_write(TYPE, 0);
}

static bool keyboard_quiet(struct signal *g)
{
	inb(KEYBOARD_DATA);
	return true;
}

static void keyboard_flush(void)
{
	for (int i = 0; i < KEYBOARD_BYTES_MAX && inb(KEYBOARD_STATUS) & STATUS_FULL; i++)
		inb(KEYBOARD_DATA);
}

bool keyboard_open(struct signal *g)
{
	*g = (struct signal){
		.irq = KEYBOARD_IRQ, .raise = keyboard_raise, .quiet = keyboard_quiet};
	if (inb(KEYBOARD_STATUS) == 0xff)
		return false;
	keyboard_flush();
	outb(KEYBOARD_COMMAND, READ_MODE);
	keyboard_mode_was = inb(KEYBOARD_DATA);
	keyboard_write(WRITE_MODE, MODE_INTERRUPT | MODE_NO_MOUSE);
	return true;
}

void keyboard_close(void)
{
	keyboard_flush();
	keyboard_write(WRITE_MODE, keyboard_mode_was);
}

/* --- one of them around a check --- */

void signal_with_msi(void (*check)(struct signal *g))
{
	struct signal g;

	NEEDS(cpus);
	SKIP_UNLESS(edu_find(), "no edu device");
	if (!edu_open_msi(&g))
		return;
	signal_begin(&g, 0);
	check(&g);
	signal_end(&g);
	edu_close_msi();
}

void signal_with_com1(void (*check)(struct signal *g))
{
	struct signal g;

	NEEDS(cpus);
	SKIP_UNLESS(irqchip_isa_chip(COM1_IRQ) == ISA_IOAPIC, "COM1 is not on the IO-APIC");
	if (!com1_open(&g))
		return;
	signal_begin(&g, 0);
	check(&g);
	signal_end(&g);
}

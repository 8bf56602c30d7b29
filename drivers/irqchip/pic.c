/* SPDX-License-Identifier: MIT */
#include "drivers/irqchip/pic.h"

#include "arch/x86/cpu.h"
#include "kernel/printk.h"
#include "kernel/cpu.h"
#include "kernel/spinlock.h"
#include "kernel/vector.h"
#include "lib/errno.h"
#include "lib/printf.h"

enum {
	MASTER_CMD = 0x20,
	MASTER_DATA = 0x21,
	SLAVE_CMD = 0xa0,
	SLAVE_DATA = 0xa1,
	ELCR = 0x4d0, /* two ports */
};

enum {
	ICW1_INIT_ICW4 = 0x11,
	ICW4_8086 = 0x01,
	OCW2_SPECIFIC_EOI = 0x60,
	OCW3_READ_IRR = 0x0a,
	OCW3_READ_ISR = 0x0b,
};

/* Lines 0, 1, 2, 8, 13: timer, keyboard, cascade, clock, coprocessor. */
#define ALWAYS_EDGE 0x2107u

uint32_t pic_spurious;

/* Bit set: masked. Written to the hardware byte by byte, never read back. */
static uint16_t pic_mask_shadow = (uint16_t) ~(1u << PIC_CASCADE_LINE);

static void pic_write_mask(unsigned line)
{
	if (line < 8)
		outb(MASTER_DATA, (uint8_t)pic_mask_shadow);
	else
		outb(SLAVE_DATA, (uint8_t)(pic_mask_shadow >> 8));
}

/* Eight lines share a register, and each irq has a lock of its own. Also over what the command
 * port reads as. */
static struct spinlock pic_lock;

static void pic_mask(struct irq *irq)
{
	bool on = spin_lock(&pic_lock);

	pic_mask_shadow |= (uint16_t)(1u << irq->hw);
	pic_write_mask(irq->hw);
	spin_unlock(&pic_lock, on);
}

static void pic_unmask(struct irq *irq)
{
	bool on = spin_lock(&pic_lock);

	pic_mask_shadow &= (uint16_t) ~(1u << irq->hw);
	pic_write_mask(irq->hw);
	spin_unlock(&pic_lock, on);
}

/* The slave's request occupies the cascade in the master as well. */
static void pic_eoi(struct irq *irq)
{
	if (irq->hw >= 8)
		outb(SLAVE_CMD, (uint8_t)(OCW2_SPECIFIC_EOI | (irq->hw & 7)));
	outb(MASTER_CMD,
	     (uint8_t)(OCW2_SPECIFIC_EOI | (irq->hw >= 8 ? PIC_CASCADE_LINE : irq->hw)));
}

/* Its one output leads to the boot CPU. */
static int pic_set_affinity(struct irq *irq, unsigned cpu)
{
	return cpu ? -EOPNOTSUPP : 0;
}

static void pic_irq_describe(const struct irq *irq, char *buf, size_t size)
{
	fmt_snprintf(buf, size, "line %u vec 0x%x %s", irq->hw, irq->vector,
		     pic_is_level(irq->hw) ? "level" : "edge");
}

static const struct irq_chip pic_chip = {
	.name = "pic",
	.mask = pic_mask,
	.unmask = pic_unmask,
	.ack = pic_eoi,
	.eoi = pic_eoi,
	.set_affinity = pic_set_affinity,
	.describe = pic_irq_describe,
};

/* The command port reads as ISR, but for pic_read_irr(): the check for spurious interrupts needs
 * no more than the one read then. (pic_init() selects it.) Under the lock. */
static uint16_t pic_read_isr(void)
{
	return (uint16_t)(inb(MASTER_CMD) | inb(SLAVE_CMD) << 8);
}

static void pic_select(uint8_t ocw3)
{
	outb(MASTER_CMD, ocw3);
	outb(SLAVE_CMD, ocw3);
}

static uint16_t pic_read_irr(void) /* under the lock */
{
	uint16_t irr;

	pic_select(OCW3_READ_IRR);
	irr = (uint16_t)(inb(MASTER_CMD) | inb(SLAVE_CMD) << 8);
	pic_select(OCW3_READ_ISR);
	return irr;
}

static uint16_t pic_read_imr(void)
{
	return (uint16_t)(inb(MASTER_DATA) | inb(SLAVE_DATA) << 8);
}

/* A request that goes away before the CPU asks for its vector leaves the PIC with the lowest
 * priority's: 7 of either chip, without an ISR bit, and so without an EOI. The master did see
 * the slave's request, and that one is ended. */
static bool pic_is_spurious(unsigned line) /* 7 or 15 */
{
	bool on = spin_lock(&pic_lock); /* a dump may have selected IRR */
	uint8_t isr = inb(line >= 8 ? SLAVE_CMD : MASTER_CMD);

	spin_unlock(&pic_lock, on);
	if (isr & 0x80)
		return false;
	pic_spurious++;
	if (line >= 8)
		outb(MASTER_CMD, OCW2_SPECIFIC_EOI | PIC_CASCADE_LINE);
	return true;
}

static struct irq *pic_last[2]; /* the irqs of lines 7 and 15, or NULL */

/* Holds the vectors of lines 7 and 15 and passes on what is real. What arrives there while
 * nobody has the line is ended, so that it cannot block the PIC. */
static void pic_flow_gate(struct irq *gate)
{
	struct irq *irq = pic_last[gate->hw / 8];

	if (pic_is_spurious(gate->hw))
		this_cpu()->irq_count[gate->number]--; /* it was none of the line's */
	else if (irq)
		irq->flow(irq); /* counted already, on the gate's number, which is the line's */
	else
		pic_eoi(gate);
}

static struct irq pic_gate[2] = {
	{.flow = pic_flow_gate,
	 .chip = &pic_chip,
	 .number = 7,
	 .hw = 7,
	 .name = "pic 7"},
	{.flow = pic_flow_gate,
	 .chip = &pic_chip,
	 .number = 15,
	 .hw = 15,
	 .name = "pic 15"},
};

static void pic_tie(unsigned line, struct irq *irq)
{
	if ((line & 7) == 7)
		pic_last[line / 8] = irq;
	else
		vector_set_legacy(line, irq);
}

bool pic_probe(void)
{
	uint8_t old = inb(MASTER_DATA);
	bool there;

	outb(MASTER_DATA, 0xfb);
	there = inb(MASTER_DATA) == 0xfb;
	outb(MASTER_DATA, 0xff);
	there = there && inb(MASTER_DATA) == 0xff;
	outb(MASTER_DATA, old);
	return there;
}

void pic_init(void)
{
	outb(MASTER_CMD, ICW1_INIT_ICW4);
	outb(SLAVE_CMD, ICW1_INIT_ICW4);
	outb(MASTER_DATA, VECTOR_LEGACY_BASE);
	outb(SLAVE_DATA, VECTOR_LEGACY_BASE + 8);
	outb(MASTER_DATA, 1u << PIC_CASCADE_LINE);
	outb(SLAVE_DATA, PIC_CASCADE_LINE);
	outb(MASTER_DATA, ICW4_8086);
	outb(SLAVE_DATA, ICW4_8086);
	pic_select(OCW3_READ_ISR);
	pic_write_mask(0);
	pic_write_mask(8);
	vector_set_legacy(7, &pic_gate[0]);
	vector_set_legacy(15, &pic_gate[1]);
}

bool pic_is_level(unsigned line)
{
	return inb((uint16_t)(ELCR + line / 8)) >> (line & 7) & 1;
}

int pic_set_level(unsigned line, bool level)
{
	uint16_t port = (uint16_t)(ELCR + line / 8);
	uint8_t bit = (uint8_t)(1u << (line & 7));

	if (line >= PIC_LINES || (level && (ALWAYS_EDGE >> line & 1)))
		return -EINVAL;
	if (pic_is_level(line) != level)
		outb(port, inb(port) ^ bit);
	return 0;
}

int pic_attach(struct irq *irq, bool level)
{
	unsigned line = irq->number;
	int err = line == PIC_CASCADE_LINE ? -EINVAL : pic_set_level(line, level);

	if (err)
		return err;
	irq_attach(irq, &pic_chip, level ? irq_flow_level : irq_flow_edge, line, NULL,
		   irq->name);
	irq->vector = (uint16_t)(VECTOR_LEGACY_BASE + line);
	irq->vector_cpu = 0;
	pic_tie(line, irq);
	return 0;
}

void pic_detach(struct irq *irq)
{
	pic_mask(irq);
	pic_tie(irq->hw, NULL);
	irq->vector = 0;
}

void pic_dump(void)
{
	uint16_t irr, isr;
	bool on;

	if (!spin_trylock(&pic_lock, &on))
		return;
	irr = pic_read_irr();
	isr = pic_read_isr();
	spin_unlock(&pic_lock, on);
	printk("pic: imr %04x irr %04x isr %04x elcr %02x%02x spurious %u\n", pic_read_imr(), irr,
	       isr, inb(ELCR + 1), inb(ELCR), pic_spurious);
}

/* SPDX-License-Identifier: MIT */
/* A line as a PIRQ. The irq keeps its number: who requested "irq 40" asked for what is behind
 * gsi 40, not for the way that it takes. The PIRQ's number is the gsi's, too.
 *
 * Xen tells a PIRQ's port of each rise of the line (assert_gsi() in xen/arch/x86/hvm/irq.c),
 * the IO-APIC's pin hears nothing of it then. Whether the line is still up after the handler
 * only PHYSDEVOP_eoi says, by sending again, and for gsis >= 16 alone: Xen takes ISA irqs for
 * edge.
 *
 * What cannot come this way: a level ISA irq, for that reason; and the PIT and the RTC. Xen
 * counts their ticks as delivered when a vector has been injected (pt_intr_post() in vpt.c),
 * and until then raises them again at each VM entry: one tick would be endless events. */
#include "drivers/xen/pirq.h"

#include <stddef.h>

#include "arch/x86/cpu.h"
#include "drivers/irqchip/ioapic.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/printf.h"

#define ISA_IRQ_PIT 0u
#define ISA_IRQ_RTC 8u
#define TRIES       1000 /* each lets in what was on its way, so the second succeeds as a rule */

/* A line that comes as an event. The channel is first: one is the other's address. */
struct pirq_line {
	struct channel ch;
	uint32_t gsi; /* and the PIRQ */
	bool level;
	int err; /* of the step that ran on the line's CPU */
};

static unsigned nr_lines;

unsigned pirq_line_count(void)
{
	return nr_lines;
}

static int pirq_map(uint32_t gsi)
{
	struct physdev_map_pirq op = {
		.domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = gsi, .pirq = gsi};

	return hypercall_physdev_op(PHYSDEVOP_map_pirq, &op);
}

/* Sends the event again if a level line is still up. */
static void pirq_end(unsigned pirq)
{
	struct physdev_eoi op = {.irq = pirq};

	hypercall_physdev_op(PHYSDEVOP_eoi, &op);
}

/* --- the chip: a channel's, and the end of a level line --- */

static struct irq_chip pirq_chip;

static void pirq_chip_eoi(struct irq *irq)
{
	const struct pirq_line *line = irq->chip_data;

	pirq_end(line->gsi);
}

static void pirq_chip_describe(const struct irq *irq, char *buf, size_t size)
{
	const struct pirq_line *line = irq->chip_data;

	fmt_snprintf(buf, size, "gsi %u port %u %s", line->gsi, irq->hw,
		     line->level ? "level" : "edge");
}

/* An event is an edge, whatever is behind it, and may come on the CPU that the channel has left
 * while the handler runs on the new one. The line is asked about after the handler. */
static void pirq_flow_level(struct irq *irq)
{
	irq_flow_edge(irq);
	pirq_chip_eoi(irq);
}

static void pirq_chip_init(void)
{
	pirq_chip = evtchn_chip;
	pirq_chip.name = "pirq";
	pirq_chip.eoi = pirq_chip_eoi;
	pirq_chip.describe = pirq_chip_describe;
}

/* --- the pin, which gives the line up and gets it back --- */

static void line_leave_pin(struct irq *irq)
{
	if (irq->number < BOARD_NR_ISA_IRQS)
		irqchip_isa_use(irq->number, ISA_NONE);
	else
		ioapic_detach(irq);
}

static int line_take_pin(struct irq *irq)
{
	if (irq->number < BOARD_NR_ISA_IRQS)
		return irqchip_isa_use(irq->number, ISA_IOAPIC);
	return ioapic_attach(irq, irq->number, TRIGGER_LEVEL, POLARITY_LOW);
}

/* On the CPU that the pin interrupts. Xen sends to the port by now: when no vector waits there,
 * nothing comes from the pin any more. */
static void line_to_channel(void *ctx)
{
	struct pirq_line *line = ctx;
	struct irq *irq = line->ch.irq;

	line->err = lapic_irr(irq->vector) ? -EBUSY : 0;
	if (line->err)
		return;
	irq_mask_for(irq, IRQ_MASK_TEMPORARY);
	line_leave_pin(irq);
	irq_attach(irq, &pirq_chip, line->ch.flow, line->ch.port, &line->ch, irq->name);
	channel_put(line->ch.port, &line->ch);   /* called, no more by the pin's vector */
	irq_unmask_for(irq, IRQ_MASK_TEMPORARY); /* by the new chip */
}

/* On the boot CPU, which the pin will interrupt and the channel does. First the pin, then Xen,
 * so that each rise has a place to go; what the port has got in the end is raised on the pin.
 */
static void line_to_pin(void *ctx)
{
	struct pirq_line *line = ctx;
	struct irq *irq = line->ch.irq;

	line->err = line->ch.in_flight ? -EBUSY : 0;
	if (line->err)
		return;
	irq_mask_for(irq, IRQ_MASK_TEMPORARY);
	channel_unlink(&line->ch);
	line->err = line_take_pin(irq);
	if (line->err) {
		irq_attach(irq, &pirq_chip, line->ch.flow, line->ch.port, &line->ch, irq->name);
		channel_link(&line->ch);
	}
	irq_unmask_for(irq, IRQ_MASK_TEMPORARY); /* by the pin, before Xen raises it */
	if (line->err)
		return;
	pirq_unmap(line->gsi);
	if (!line->level && !irq_is_masked(irq) && evtchn_is_pending(line->ch.port))
		lapic_send_self(irq->vector);
}

/* What is on its way comes in between the tries. */
static int line_move(struct pirq_line *line, cpu_call_fn *fn)
{
	for (unsigned i = 0; i < TRIES; i++) {
		cpu_call(0, fn, line);
		if (line->err != -EBUSY)
			break;
		cpu_yield();
	}
	return line->err;
}

/* --- for drivers --- */

static struct pirq_line *line_of(const struct irq *irq)
{
	return irq->chip == &pirq_chip ? irq->chip_data : NULL;
}

/* A level line that is up is told of anew. */
void pirq_resume_lines(void)
{
	for (unsigned number = 0; nr_lines && number < irq_gsi_top; number++) {
		const struct irq *irq = irq_get(number);
		const struct pirq_line *line = irq ? line_of(irq) : NULL;

		if (!line)
			continue;
		if (pirq_map(line->gsi))
			printk_warn("pirq: Xen does not map gsi %u again\n", line->gsi);
		else if (line->level)
			pirq_end(line->gsi);
	}
}

static int line_check(const struct irq *irq)
{
	bool isa = irq && irq->number < BOARD_NR_ISA_IRQS;

	if (!irq || irq->number >= irq_gsi_top)
		return -EINVAL;
	if (!pirq_present())
		return -ENODEV;
	if (line_of(irq))
		return -EBUSY;
	if (!evtchn_daisy_on || irq->number == ISA_IRQ_PIT || irq->number == ISA_IRQ_RTC)
		return -EOPNOTSUPP;
	if (isa && (irqchip_isa_chip(irq->number) != ISA_IOAPIC ||
		    board_get()->isa[irq->number].trigger == TRIGGER_LEVEL))
		return -EOPNOTSUPP;
	return irq->vector_cpu ? irq_set_affinity(irq->number, 0) : 0;
}

/* The port first, then the interrupt behind it: no rise finds no port. */
static int line_bind(struct pirq_line *line)
{
	int port = evtchn_bind_pirq(line->gsi, line->level);
	int err = port < 0 ? port : 0;

	if (err)
		return err == -EEXIST ? -EBUSY : err;
	line->ch.port = port;
	err = channel_link(&line->ch);
	if (err)
		evtchn_close(port);
	return err;
}

/* The event and the interrupt behind it. After an error neither is there. */
static int line_open(struct pirq_line *line)
{
	int err = line_bind(line);

	if (err)
		return err;
	err = pirq_map(line->gsi);
	if (!err)
		err = line_move(line, line_to_channel);
	if (!err)
		return 0;
	pirq_unmap(line->gsi);
	channel_unlink(&line->ch);
	evtchn_close(line->ch.port);
	return err;
}

int pirq_attach_line(unsigned number)
{
	struct irq *irq = irq_get(number);
	int err = line_check(irq);
	struct pirq_line *line;

	if (err)
		return err;
	line = heap_alloc(sizeof(*line));
	if (!line)
		return -ENOMEM;
	pirq_chip_init();
	line->gsi = irq->hw;
	line->level = number >= BOARD_NR_ISA_IRQS;
	line->ch.irq = irq;
	line->ch.priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	line->ch.flow = line->level ? pirq_flow_level : irq_flow_edge;
	err = line_open(line);
	if (err) {
		heap_free(line);
		return err;
	}
	if (line->level)
		pirq_end(line->gsi); /* it may have been up all the time */
	nr_lines++;
	return 0;
}

int pirq_detach_line(unsigned number)
{
	struct irq *irq = irq_get(number);
	struct pirq_line *line = irq ? line_of(irq) : NULL;
	int err;

	if (!line)
		return -EINVAL;
	if (irq->late && !line->level) /* masked, a pin would forget edges */
		return -EOPNOTSUPP;
	err = evtchn_abi->bound_cpu(line->ch.port) ? irq_set_affinity(number, 0) : 0;
	for (unsigned i = 0; !err && irq->vector && i < TRIES; i++)
		if (channel_set_redelivery(irq, false) == -EBUSY)
			cpu_yield();
	if (!err)
		err = irq->vector ? -EBUSY : line_move(line, line_to_pin);
	if (err)
		return err;
	evtchn_close(line->ch.port);
	heap_free(line);
	nr_lines--;
	return 0;
}

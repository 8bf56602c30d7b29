/* SPDX-License-Identifier: MIT */
#include "drivers/irqchip/ioapic.h"

#include "arch/x86/paging.h"
#include "drivers/irqchip/irq_move.h"
#include "drivers/irqchip/lapic.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "kernel/vector.h"
#include "lib/errno.h"
#include "lib/printf.h"

/* Two registers in memory (82093AA, 3.1): an index and a window. */
enum { IOREGSEL = 0x00, IOWIN = 0x10, IOAPIC_BYTES = 0x20 };
enum { REG_VERSION = 0x01, REG_REDIRECTION = 0x10 };

#define ENTRY_ACTIVE_LOW (1u << 13)
#define ENTRY_LEVEL      (1u << 15)
#define ENTRY_DEST_SHIFT 24
#define ENTRY_VECTOR     0xffu

#define GSI_LIMIT 512u /* no board has more; a table that says so lies */

struct ioapic_pin {
	struct irq *irq; /* NULL: nobody's */
	struct ioapic *ioapic;
	uint32_t index; /* of the pin in its IO-APIC */
	uint32_t low;   /* the entry's low word, but for the mask bit */
	uint32_t dest;  /* its high word */
	bool unmasked;  /* by its irq ... */
	bool held;      /* ... but not while it is moved */
};

struct ioapic {
	volatile uint32_t *regs;
	uint32_t gsi_base, nr_pins, address;
	struct ioapic_pin *pins;
};

static struct ioapic ioapics[BOARD_MAX_IOAPICS];
static unsigned nr_ioapics;
/* One selector for all of a chip's registers, and CPUs that mask while another moves. */
static struct spinlock ioapic_lock;

static uint32_t ioapic_read(volatile uint32_t *regs, uint32_t reg)
{
	regs[IOREGSEL / 4] = reg;
	return regs[IOWIN / 4];
}

static void ioapic_write(volatile uint32_t *regs, uint32_t reg, uint32_t value)
{
	regs[IOREGSEL / 4] = reg;
	regs[IOWIN / 4] = value;
}

static void ioapic_write_low(const struct ioapic_pin *pin)
{
	bool open = pin->unmasked && !pin->held;

	ioapic_write(pin->ioapic->regs, REG_REDIRECTION + 2 * pin->index,
		     pin->low | (open ? 0 : IOAPIC_MASKED));
}

static void ioapic_write_dest(const struct ioapic_pin *pin)
{
	ioapic_write(pin->ioapic->regs, REG_REDIRECTION + 2 * pin->index + 1, pin->dest);
}

/* The redirection entry as the hardware has it (82093AA, 3.2.4). Under the lock. */
static uint64_t ioapic_read_entry(const struct ioapic_pin *pin)
{
	uint32_t reg = REG_REDIRECTION + 2 * pin->index;

	return (uint64_t)ioapic_read(pin->ioapic->regs, reg + 1) << 32 |
	       ioapic_read(pin->ioapic->regs, reg);
}

static void ioapic_mask(struct irq *irq)
{
	struct ioapic_pin *pin = irq->chip_data;
	bool on = spin_lock(&ioapic_lock);

	pin->unmasked = false;
	ioapic_write_low(pin);
	spin_unlock(&ioapic_lock, on);
}

static void ioapic_unmask(struct irq *irq)
{
	struct ioapic_pin *pin = irq->chip_data;
	bool on = spin_lock(&ioapic_lock);

	pin->unmasked = true;
	ioapic_write_low(pin);
	spin_unlock(&ioapic_lock, on);
}

/* --- moving a pin to another CPU --- */

/* A level line stays up while it is masked and is seen again when it no longer is. */
static void ioapic_hold(struct irq *irq, bool hold)
{
	struct ioapic_pin *pin = irq->chip_data;
	bool on = spin_lock(&ioapic_lock);

	pin->held = hold;
	ioapic_write_low(pin);
	spin_unlock(&ioapic_lock, on);
}

/* The EOI finds its pin by the vector: none must be due when that changes. */
static bool ioapic_idle(const struct irq *irq)
{
	bool on = spin_lock(&ioapic_lock);
	uint64_t entry = ioapic_read_entry(irq->chip_data);

	spin_unlock(&ioapic_lock, on);
	return !(entry & IOAPIC_REMOTE_IRR);
}

static void ioapic_aim(struct irq *irq, unsigned vector, const struct cpu *cpu)
{
	struct ioapic_pin *pin = irq->chip_data;
	bool on = spin_lock(&ioapic_lock);

	pin->low = (pin->low & ~ENTRY_VECTOR) | vector;
	pin->dest = cpu->apic_id << ENTRY_DEST_SHIFT;
	if (vector != irq->vector)
		ioapic_write_low(pin);
	ioapic_write_dest(pin);
	irq->vector = (uint16_t)vector;
	irq->vector_cpu = (uint8_t)cpu->id;
	/* What was sent before is out of the chip when a read has been answered. */
	ioapic_read(pin->ioapic->regs, REG_REDIRECTION + 2 * pin->index);
	spin_unlock(&ioapic_lock, on);
}

/* An edge that comes while its pin is masked is lost (82093AA, 3.2.4), so there it is not. */
static int ioapic_set_affinity(struct irq *irq, unsigned cpu)
{
	static const struct irq_mover level = {ioapic_hold, ioapic_idle, ioapic_aim};
	static const struct irq_mover edge = {NULL, NULL, ioapic_aim};
	const struct ioapic_pin *pin = irq->chip_data;

	return irq_move(irq, cpu, pin->low & ENTRY_LEVEL ? &level : &edge);
}

static void ioapic_irq_describe(const struct irq *irq, char *buf, size_t size)
{
	const struct ioapic_pin *pin = irq->chip_data;

	fmt_snprintf(buf, size, "gsi %u vec 0x%x %s", irq->hw, irq->vector,
		     pin->low & ENTRY_LEVEL ? "level" : "edge");
}

static const struct irq_chip ioapic_chip = {
	.name = "ioapic",
	.mask = ioapic_mask,
	.unmask = ioapic_unmask,
	.ack = lapic_ack,
	.eoi = lapic_ack,
	.mask_forgets = true,
	.set_affinity = ioapic_set_affinity,
	.describe = ioapic_irq_describe,
};

static struct ioapic_pin *ioapic_find_pin(uint32_t gsi)
{
	for (unsigned i = 0; i < nr_ioapics; i++)
		if (gsi - ioapics[i].gsi_base < ioapics[i].nr_pins)
			return &ioapics[i].pins[gsi - ioapics[i].gsi_base];
	return NULL;
}

bool ioapic_has_gsi(uint32_t gsi)
{
	return ioapic_find_pin(gsi) != NULL;
}

/* Two IO-APICs that claim one gsi: a lying table. */
static bool ioapic_overlaps(const struct ioapic *io)
{
	for (unsigned i = 0; i < nr_ioapics; i++)
		if (io->gsi_base < ioapics[i].gsi_base + ioapics[i].nr_pins &&
		    ioapics[i].gsi_base < io->gsi_base + io->nr_pins)
			return true;
	return false;
}

/* An MP table does not say where a second IO-APIC's gsis begin: behind the one before it. */
static uint32_t ioapic_base(const struct board_ioapic *b)
{
	if (b->gsi_base != BOARD_GSI_UNKNOWN)
		return b->gsi_base;
	return nr_ioapics ? ioapics[nr_ioapics - 1].gsi_base + ioapics[nr_ioapics - 1].nr_pins : 0;
}

static const char *ioapic_add(const struct board_ioapic *b)
{
	struct ioapic *io = &ioapics[nr_ioapics];
	uint32_t version;

	io->regs = b->address % 16 ? NULL : paging_map_device(b->address, IOAPIC_BYTES);
	if (!io->regs)
		return "is at no place for one";
	version = ioapic_read(io->regs, REG_VERSION);
	if (version == 0 || version == UINT32_MAX)
		return "does not answer";
	io->address = b->address;
	io->gsi_base = ioapic_base(b);
	io->nr_pins = (version >> 16 & 0xff) + 1;
	if (io->gsi_base >= GSI_LIMIT - io->nr_pins || ioapic_overlaps(io))
		return "claims gsis that cannot be its";
	io->pins = heap_alloc(io->nr_pins * sizeof(*io->pins));
	if (!io->pins)
		return "finds no memory";
	for (uint32_t i = 0; i < io->nr_pins; i++) {
		io->pins[i] = (struct ioapic_pin){.ioapic = io, .index = i};
		ioapic_write_low(&io->pins[i]);
	}
	nr_ioapics++;
	return NULL;
}

int ioapic_init(const struct board *board)
{
	uint32_t top = 0;

	nr_ioapics = 0;
	for (unsigned i = 0; i < board->nr_ioapics && i < BOARD_MAX_IOAPICS; i++) {
		const struct board_ioapic *b = &board->ioapic[i];
		const char *why = ioapic_add(b);
		const struct ioapic *last = &ioapics[nr_ioapics ? nr_ioapics - 1 : 0];

		if (why)
			printk_warn("ioapic: the one at 0x%x, gsi %u, %s: ignored\n",
				    b->address, b->gsi_base, why);
		else if (last->gsi_base + last->nr_pins > top)
			top = last->gsi_base + last->nr_pins;
	}
	return (int)top;
}

int ioapic_attach(struct irq *irq, uint32_t gsi, enum board_trigger trigger,
		  enum board_polarity polarity)
{
	struct ioapic_pin *pin = ioapic_find_pin(gsi);
	bool level = trigger == TRIGGER_LEVEL, on;
	int vector;

	if (!pin)
		return -EINVAL;
	if (pin->irq)
		return -EBUSY;
	vector = vector_alloc(&boot_cpu, irq);
	if (vector < 0)
		return vector;
	pin->irq = irq;
	pin->dest = boot_cpu.apic_id << ENTRY_DEST_SHIFT;
	pin->low = (uint32_t)vector | (level ? ENTRY_LEVEL : 0) |
		   (polarity == POLARITY_LOW ? ENTRY_ACTIVE_LOW : 0);
	irq_attach(irq, &ioapic_chip, level ? irq_flow_level : irq_flow_edge, gsi, pin,
		   irq->name);
	irq->vector = (uint16_t)vector;
	irq->vector_cpu = 0;
	on = spin_lock(&ioapic_lock);
	ioapic_write_dest(pin); /* masked as yet */
	spin_unlock(&ioapic_lock, on);
	return 0;
}

void ioapic_detach(struct irq *irq)
{
	struct ioapic_pin *pin = irq->chip_data;
	bool on = spin_lock(&ioapic_lock);

	/* Edge and masked: that also clears a remote IRR whose EOI never comes. */
	pin->unmasked = false;
	pin->low = 0;
	ioapic_write_low(pin);
	spin_unlock(&ioapic_lock, on);
	pin->irq = NULL;
	vector_release(cpus[irq->vector_cpu], irq->vector);
	irq->vector = 0;
	irq->chip_data = NULL;
}

/* An entry whose lock is busy is left out: its holder may be what this NMI has interrupted. */
static void ioapic_dump_one(const struct ioapic *io)
{
	for (uint32_t i = 0; i < io->nr_pins; i++) {
		uint64_t entry;
		bool on;

		if (!spin_trylock(&ioapic_lock, &on))
			continue;
		entry = ioapic_read_entry(&io->pins[i]);
		spin_unlock(&ioapic_lock, on);
		if ((entry & (IOAPIC_MASKED | IOAPIC_REMOTE_IRR)) == IOAPIC_MASKED)
			continue;
		printk("ioapic: gsi %u vec 0x%x mode %u %s %s%s%s to %u\n", io->gsi_base + i,
		       (unsigned)entry & 0xff, (unsigned)entry >> 8 & 7,
		       entry & ENTRY_LEVEL ? "level" : "edge",
		       entry & ENTRY_ACTIVE_LOW ? "low" : "high",
		       entry & IOAPIC_MASKED ? " masked" : "",
		       entry & IOAPIC_REMOTE_IRR ? " remote-irr" : "", (unsigned)(entry >> 56));
	}
}

void ioapic_dump(void)
{
	for (unsigned i = 0; i < nr_ioapics; i++)
		ioapic_dump_one(&ioapics[i]);
}

size_t ioapic_describe(char *buf, size_t size)
{
	size_t length = 0;

	for (unsigned i = 0; i < nr_ioapics && length < size; i++)
		length += (size_t)fmt_snprintf(buf + length, size - length,
					       ", ioapic 0x%x gsi %u-%u", ioapics[i].address,
					       ioapics[i].gsi_base,
					       ioapics[i].gsi_base + ioapics[i].nr_pins - 1);
	return length;
}

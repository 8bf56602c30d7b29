/* SPDX-License-Identifier: MIT */
#include "drivers/irqchip/ioapic.h"

#include "arch/x86/paging.h"
#include "drivers/irqchip/ioapic_pin.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/printf.h"

/* Two registers in memory (82093AA, 3.1): an index and a window. */
enum { IOREGSEL = 0x00, IOWIN = 0x10, IOAPIC_BYTES = 0x20 };
enum { REG_VERSION = 0x01, REG_REDIRECTION = 0x10 };

#define GSI_LIMIT 512u /* no board has more; a table that says so lies */

struct ioapic {
	volatile uint32_t *regs;
	uint32_t gsi_base, nr_pins, address;
	struct ioapic_pin *pins;
};

static struct ioapic ioapics[BOARD_MAX_IOAPICS];
static unsigned nr_ioapics;
struct spinlock ioapic_lock;

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

void ioapic_write_low(const struct ioapic_pin *pin)
{
	bool open = pin->unmasked && !pin->held;

	ioapic_write(pin->ioapic->regs, REG_REDIRECTION + 2 * pin->index,
		     pin->low | (open ? 0 : IOAPIC_MASKED));
}

void ioapic_write_dest(const struct ioapic_pin *pin)
{
	ioapic_write(pin->ioapic->regs, REG_REDIRECTION + 2 * pin->index + 1, pin->dest);
}

uint64_t ioapic_read_entry(const struct ioapic_pin *pin)
{
	uint32_t reg = REG_REDIRECTION + 2 * pin->index;

	return (uint64_t)ioapic_read(pin->ioapic->regs, reg + 1) << 32 |
	       ioapic_read(pin->ioapic->regs, reg);
}

struct ioapic_pin *ioapic_find_pin(uint32_t gsi)
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

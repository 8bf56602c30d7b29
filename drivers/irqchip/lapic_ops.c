/* SPDX-License-Identifier: MIT */
/* The two modes of a local APIC, each as one table. */
#include "drivers/irqchip/lapic_ops.h"

#include "arch/x86/cpu.h"

#define ICR_PENDING    (1u << 12)
#define ICR_PATIENCE   100000u /* reads; an IPI leaves a CPU in less than a thousand */
#define XAPIC_ID_SHIFT 24

volatile uint32_t *xapic_regs;

static uint32_t xapic_read(enum lapic_reg reg)
{
	return xapic_regs[reg / 4];
}

static void xapic_write(enum lapic_reg reg, uint32_t value)
{
	xapic_regs[reg / 4] = value;
}

/* Two registers hold the command, so the one before must have left; and nothing may come
 * between the two writes. */
static void xapic_icr(uint32_t apic_id, uint32_t low)
{
	bool on = local_irq_save();

	for (unsigned i = 0; i < ICR_PATIENCE && xapic_read(LAPIC_ICR) & ICR_PENDING; i++)
		cpu_relax();
	xapic_write(LAPIC_ICR_HIGH, apic_id << XAPIC_ID_SHIFT);
	xapic_write(LAPIC_ICR, low);
	local_irq_restore(on);
}

/* A self-IPI does not leave the chip and is accepted at once: nothing to wait for. */
static void xapic_self(unsigned vector)
{
	xapic_write(LAPIC_ICR, LAPIC_ICR_SELF | LAPIC_ICR_ASSERT | vector);
}

static void xapic_eoi(void)
{
	xapic_write(LAPIC_EOI, 0);
}

static uint32_t xapic_id(void)
{
	return xapic_read(LAPIC_ID) >> XAPIC_ID_SHIFT;
}

const struct lapic_ops xapic_ops = {
	.name = "xapic",
	.read = xapic_read,
	.write = xapic_write,
	.icr = xapic_icr,
	.self = xapic_self,
	.eoi = xapic_eoi,
	.id = xapic_id,
};

static uint32_t x2apic_read(enum lapic_reg reg)
{
	return (uint32_t)rdmsr(MSR_X2APIC_BASE + reg / 16);
}

static void x2apic_write(enum lapic_reg reg, uint32_t value)
{
	wrmsr(MSR_X2APIC_BASE + reg / 16, value);
}

/* Unlike a write to memory, a WRMSR to the x2APIC does not wait for earlier stores to become
 * visible (SDM 3, 11.12.3): the other CPU could take the IPI before it sees what it is for. */
static void x2apic_icr(uint32_t apic_id, uint32_t low)
{
	asm volatile("mfence; lfence" : : : "memory");
	wrmsr(MSR_X2APIC_BASE + LAPIC_ICR / 16, (uint64_t)apic_id << 32 | low);
}

static void x2apic_self(unsigned vector)
{
	x2apic_write(LAPIC_SELF_IPI, vector);
}

static void x2apic_eoi(void)
{
	x2apic_write(LAPIC_EOI, 0);
}

static uint32_t x2apic_id(void)
{
	return x2apic_read(LAPIC_ID);
}

const struct lapic_ops x2apic_ops = {
	.name = "x2apic",
	.read = x2apic_read,
	.write = x2apic_write,
	.icr = x2apic_icr,
	.self = x2apic_self,
	.eoi = x2apic_eoi,
	.id = x2apic_id,
};

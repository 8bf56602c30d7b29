/* SPDX-License-Identifier: MIT */
#include "drivers/irqchip/lapic.h"

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "drivers/irqchip/lapic_ops.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/printf.h"

#define APIC_BASE_X2APIC  (1u << 10)
#define APIC_BASE_ENABLE  (1u << 11)
#define APIC_BASE_ADDRESS 0xffffff000ull
#define CPUID1_EDX_APIC   (1u << 9)
#define CPUID1_ECX_X2APIC (1u << 21)

const struct lapic_ops *lapic_ops;
uint32_t lapic_spurious;

static void lapic_eoi_none(void)
{
}

void (*lapic_eoi_fn)(void) = lapic_eoi_none;

static struct irq *lapic_spurious_irq;

bool lapic_present(void)
{
	return lapic_ops != NULL;
}

enum lapic_mode lapic_mode(void)
{
	if (!lapic_ops)
		return LAPIC_AUTO;
	return lapic_ops == &x2apic_ops ? LAPIC_X2APIC : LAPIC_XAPIC;
}

static void (*lapic_eoi_other)(void); /* in place of the mode's own */

void lapic_set_eoi(void (*eoi)(void))
{
	lapic_eoi_other = eoi;
	if (lapic_ops)
		lapic_eoi_fn = eoi ? eoi : lapic_ops->eoi;
}

/* Brings this CPU's APIC into a mode. From x2APIC the only way to xAPIC leads through
 * "disabled", and from "disabled" the only way to x2APIC leads through xAPIC; anything else is
 * a #GP (SDM 3, figure "Local x2APIC State Transitions"). */
static void lapic_enter(const struct lapic_ops *ops)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);
	uint64_t off = base & ~(uint64_t)(APIC_BASE_ENABLE | APIC_BASE_X2APIC);

	if (base & APIC_BASE_X2APIC) {
		if (ops == &x2apic_ops)
			return;
		wrmsr(MSR_APIC_BASE, off);
	}
	wrmsr(MSR_APIC_BASE, off | APIC_BASE_ENABLE);
	if (ops == &x2apic_ops)
		wrmsr(MSR_APIC_BASE, off | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
}

/* Everything masked but the NMI pin; every priority let through. */
static void lapic_program(bool extint)
{
	lapic_ops->write(LAPIC_SVR, LAPIC_SVR_ENABLE | VECTOR_SPURIOUS);
	lapic_ops->write(LAPIC_TPR, 0);
	lapic_ops->write(LAPIC_LVT_TIMER, LAPIC_LVT_MASKED);
	lapic_ops->write(LAPIC_LVT_ERROR, LAPIC_LVT_MASKED);
	lapic_ops->write(LAPIC_LVT0, LAPIC_LVT_EXTINT | (extint ? 0 : LAPIC_LVT_MASKED));
	lapic_ops->write(LAPIC_LVT1, LAPIC_LVT_NMI);
}

static bool lapic_cpu_has_x2apic(void)
{
	return cpuid(1, 0).ecx & CPUID1_ECX_X2APIC;
}

static void lapic_use(const struct lapic_ops *ops)
{
	lapic_enter(ops);
	lapic_ops = ops;
	lapic_eoi_fn = lapic_eoi_other ? lapic_eoi_other : ops->eoi;
}

int lapic_init(enum lapic_mode mode)
{
	bool x2apic = mode != LAPIC_XAPIC && lapic_cpu_has_x2apic();

	if (!(cpuid(1, 0).edx & CPUID1_EDX_APIC))
		return -ENODEV;
	xapic_regs = paging_map_device(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS, PAGE_SIZE);
	if (!xapic_regs && !x2apic)
		return -ENOMEM;
	lapic_use(x2apic ? &x2apic_ops : &xapic_ops);
	lapic_program(true);
	boot_cpu.apic_id = lapic_id();
	return mode == LAPIC_X2APIC && !x2apic ? -ENODEV : 0;
}

void lapic_init_cpu(void)
{
	if (!lapic_ops)
		return;
	lapic_enter(lapic_ops);
	lapic_program(false);
	this_cpu()->apic_id = lapic_id();
	this_cpu()->vector_irq[VECTOR_SPURIOUS] = lapic_spurious_irq;
}

/* In the order in which they are written back: enabled first, the timer's count last. */
static const uint16_t lapic_saved[] = {
	LAPIC_SVR,       LAPIC_TPR,       LAPIC_LVT0,         LAPIC_LVT1,
	LAPIC_LVT_ERROR, LAPIC_LVT_TIMER, LAPIC_TIMER_DIVIDE, LAPIC_TIMER_INITIAL,
};
#define NR_SAVED (sizeof(lapic_saved) / sizeof(lapic_saved[0]))

int lapic_set_mode(enum lapic_mode mode)
{
	const struct lapic_ops *ops = mode == LAPIC_X2APIC ? &x2apic_ops : &xapic_ops;
	uint32_t value[NR_SAVED], waiting[8];
	bool on;

	if (mode == LAPIC_AUTO)
		return -EINVAL;
	if (!lapic_ops || (ops == &x2apic_ops ? !lapic_cpu_has_x2apic() : !xapic_regs))
		return -ENODEV;
	if (ops == lapic_ops)
		return 0;
	if (nr_cpus > 1)
		return -EBUSY;
	on = local_irq_save();
	for (unsigned i = 0; i < NR_SAVED; i++)
		value[i] = lapic_ops->read(lapic_saved[i]);
	/* Writing the count starts the timer: a one-shot goes on from where it is, or stays
	 * over. */
	if (!(lapic_ops->read(LAPIC_LVT_TIMER) & LAPIC_LVT_PERIODIC))
		value[NR_SAVED - 1] = lapic_ops->read(LAPIC_TIMER_CURRENT);
	for (unsigned i = 0; i < 8; i++)
		waiting[i] = lapic_ops->read(LAPIC_IRR + i * 0x10) &
			     ~lapic_ops->read(LAPIC_TMR + i * 0x10);
	lapic_use(ops);
	for (unsigned i = 0; i < NR_SAVED; i++)
		lapic_ops->write(lapic_saved[i], value[i]);
	/* Going through "disabled" forgets IRR. Where it does not, sending again changes nothing.
	 * Level sources ask again; sent as an edge, their EOI would not reach them. */
	for (unsigned v = 0x10; v < NR_VECTORS; v++)
		if (waiting[v / 32] >> v % 32 & 1)
			lapic_ops->self(v);
	local_irq_restore(on);
	return 0;
}

uint32_t lapic_id(void)
{
	return lapic_ops ? lapic_ops->id() : 0;
}

void lapic_send_self(unsigned vector)
{
	if (lapic_ops)
		lapic_ops->self(vector);
}

void lapic_send_icr(uint32_t apic_id, uint32_t low)
{
	if (lapic_ops)
		lapic_ops->icr(apic_id, low);
}

void lapic_send_ipi(uint32_t apic_id, unsigned vector)
{
	lapic_send_icr(apic_id, LAPIC_ICR_FIXED | LAPIC_ICR_ASSERT | vector);
}

void lapic_set_tpr(unsigned class)
{
	if (lapic_ops)
		lapic_ops->write(LAPIC_TPR, (class & 15) << 4);
}

unsigned lapic_tpr(void)
{
	return lapic_ops ? lapic_ops->read(LAPIC_TPR) >> 4 & 15 : 0;
}

/* IRR, ISR and TMR are 256 bits each, 32 to a register, 16 bytes apart. */
static bool lapic_bit(enum lapic_reg reg, unsigned vector)
{
	if (!lapic_ops || vector >= NR_VECTORS)
		return false;
	return lapic_ops->read(reg + vector / 32 * 16) >> (vector % 32) & 1;
}

bool lapic_irr(unsigned vector)
{
	return lapic_bit(LAPIC_IRR, vector);
}

bool lapic_irr_any(void)
{
	uint32_t irr = 0;

	for (unsigned word = 0; lapic_ops && word < NR_VECTORS / 32; word++)
		irr |= lapic_ops->read(LAPIC_IRR + word * 16);
	return irr;
}

bool lapic_isr(unsigned vector)
{
	return lapic_bit(LAPIC_ISR, vector);
}

uint32_t lapic_error_status(void)
{
	if (!lapic_ops)
		return 0;
	lapic_ops->write(LAPIC_ESR, 0); /* the write is what makes it take the new errors */
	return lapic_ops->read(LAPIC_ESR);
}

void lapic_set_extint(bool on)
{
	if (lapic_ops)
		lapic_ops->write(LAPIC_LVT0, LAPIC_LVT_EXTINT | (on ? 0 : LAPIC_LVT_MASKED));
}

void lapic_ack(struct irq *irq)
{
	lapic_eoi();
}

static void lapic_irq_describe(const struct irq *irq, char *buf, size_t size)
{
	fmt_snprintf(buf, size, "vec 0x%x", irq->vector);
}

static const struct irq_chip lapic_chip = {
	.name = "lapic",
	.ack = lapic_ack,
	.describe = lapic_irq_describe,
};

void lapic_attach(struct irq *irq, unsigned vector, const char *name)
{
	irq_attach(irq, &lapic_chip, irq_flow_percpu, vector, NULL, name);
	irq->vector = (uint16_t)vector;
}

static void lapic_flow_spurious(struct irq *irq)
{
	lapic_spurious++;
}

void lapic_init_spurious(void)
{
	static const struct irq_chip chip = {.name = "lapic", .describe = lapic_irq_describe};
	int err;

	lapic_spurious_irq = irq_alloc(&err);
	if (!lapic_spurious_irq)
		return;
	irq_attach(lapic_spurious_irq, &chip, lapic_flow_spurious, VECTOR_SPURIOUS, NULL,
		   "spurious");
	lapic_spurious_irq->vector = VECTOR_SPURIOUS;
	boot_cpu.vector_irq[VECTOR_SPURIOUS] = lapic_spurious_irq;
}

void lapic_dump(void)
{
	if (!lapic_ops)
		return;
	printk("lapic: %s id %u tpr 0x%x svr 0x%x lvt0 0x%x esr 0x%x spurious %u\n",
	       lapic_ops->name, lapic_id(), lapic_ops->read(LAPIC_TPR),
	       lapic_ops->read(LAPIC_SVR), lapic_ops->read(LAPIC_LVT0), lapic_error_status(),
	       lapic_spurious);
	for (unsigned word = VECTOR_LEGACY_BASE / 32; word < NR_VECTORS / 32; word++) {
		uint32_t irr = lapic_ops->read(LAPIC_IRR + word * 16);
		uint32_t isr = lapic_ops->read(LAPIC_ISR + word * 16);

		if (irr | isr)
			printk("lapic: vec 0x%x-0x%x irr %08x isr %08x\n", word * 32,
			       word * 32 + 31, irr, isr);
	}
}

/* SPDX-License-Identifier: MIT */
/* The processor's own instructions as functions: registers, ports, MSRs, CPUID, flags. */
#ifndef ARCH_X86_CPU_H
#define ARCH_X86_CPU_H

#include <stdbool.h>
#include <stdint.h>

static inline void outb(uint16_t port, uint8_t v)
{
	asm volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}
static inline void outw(uint16_t port, uint16_t v)
{
	asm volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}
static inline void outl(uint16_t port, uint32_t v)
{
	asm volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}
static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	asm volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	asm volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	asm volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (uint64_t)hi << 32 | lo;
}
static inline void wrmsr(uint32_t msr, uint64_t v)
{
	asm volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)) : "memory");
}

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};
static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	asm volatile("cpuid"
		     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
		     : "a"(leaf), "c"(subleaf));
	return r;
}

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/* Not before any load that precedes it: what another CPU wrote was written before this. */
static inline uint64_t rdtsc_ordered(void)
{
	asm volatile("lfence" : : : "memory");
	return rdtsc();
}

static inline uint64_t read_cr2(void)
{
	uint64_t v;

	asm volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}
static inline uint64_t read_cr3(void)
{
	uint64_t v;

	asm volatile("mov %%cr3, %0" : "=r"(v));
	return v;
}
static inline void write_cr3(uint64_t v)
{
	asm volatile("mov %0, %%cr3" : : "r"(v) : "memory");
}
static inline void invlpg(uintptr_t va)
{
	asm volatile("invlpg (%0)" : : "r"(va) : "memory");
}

#define RFLAGS_IF (1u << 9)

static inline uint64_t read_rflags(void)
{
	uint64_t v;

	asm volatile("pushfq; pop %0" : "=r"(v));
	return v;
}
static inline void local_irq_enable(void)
{
	asm volatile("sti" : : : "memory");
}
static inline void local_irq_disable(void)
{
	asm volatile("cli" : : : "memory");
}
/* Disables interrupts and returns what local_irq_restore() wants. */
static inline bool local_irq_save(void)
{
	bool on = read_rflags() & RFLAGS_IF;

	local_irq_disable();
	return on;
}
static inline void local_irq_restore(bool on)
{
	if (on)
		local_irq_enable();
}
/* Sleeps until the next interrupt. To be called with interrupts disabled after the condition was
 * tested: sti takes effect only after hlt has begun, so no wake-up is lost in between. Returns
 * with interrupts enabled. */
static inline void cpu_sleep(void)
{
	asm volatile("sti; hlt" : : : "memory");
}
static inline void cpu_relax(void)
{
	asm volatile("pause" : : : "memory");
}
static inline void barrier(void)
{
	asm volatile("" : : : "memory");
}

/* rdmsr that survives a #GP: 0 or -EFAULT. (An exception fix-up: see arch/x86/trap.c.) */
int rdmsr_safe(uint32_t msr, uint64_t *value);

#define MSR_APIC_BASE	   0x1bu
#define MSR_X2APIC_BASE	   0x800u
#define MSR_EFER	   0xc0000080u
#define EFER_LMA	   (1u << 10)
#define EFER_NXE	   (1u << 11)
#define MSR_FS_BASE	   0xc0000100u
#define MSR_GS_BASE	   0xc0000101u
#define MSR_TSC_DEADLINE   0x6e0u

#endif

/* SPDX-License-Identifier: MIT */
#include "arch/x86/desc.h"

#include "arch/x86/cpu.h"
#include "arch/x86/percpu.h"

#define GDT_CODE 0x00af9a000000ffffull
#define GDT_DATA 0x00cf92000000ffffull

/* A TSS descriptor takes two GDT slots (SDM 3A, 7.2.3). */
static void desc_set_tss(uint64_t slot[2], const struct tss *tss)
{
	uint64_t base = (uintptr_t)tss, limit = sizeof(*tss) - 1;

	slot[0] = limit | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	slot[1] = base >> 32;
}

void desc_load(struct cpu_tables *t, const uintptr_t ist_top[NR_ISTS])
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(t->gdt) - 1, (uintptr_t)t->gdt};

	t->gdt[0] = 0;
	t->gdt[KERNEL_CS / 8] = GDT_CODE;
	t->gdt[KERNEL_DS / 8] = GDT_DATA;
	desc_set_tss(&t->gdt[TSS_SEL / 8], &t->tss);
	for (unsigned i = 0; i < NR_ISTS; i++)
		t->tss.ist[i] = ist_top[i];
	t->tss.iomap_base = sizeof(t->tss);
	/* The selectors are those of the boot GDT, so nothing has to be reloaded but TR. */
	asm volatile("lgdt %0" : : "m"(pointer));
	asm volatile("ltr %w0" : : "r"(TSS_SEL));
}

void percpu_load(struct cpu *cpu)
{
	wrmsr(MSR_GS_BASE, (uintptr_t)cpu);
}

void percpu_load_counts(uint32_t *counts)
{
	wrmsr(MSR_FS_BASE, (uintptr_t)counts);
}

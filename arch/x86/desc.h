/* SPDX-License-Identifier: MIT */
/* GDT and TSS of a CPU. The TSS exists for its IST stacks: NMI, #DF and #MC must not depend on
 * the stack that they interrupt. */
#ifndef ARCH_X86_DESC_H
#define ARCH_X86_DESC_H

#include <stdint.h>

#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define TSS_SEL	  0x18

enum { IST_NONE, IST_NMI, IST_DF, IST_MC, NR_ISTS = 3 };

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7]; /* ist[n - 1] is IST n */
	uint64_t reserved2;
	uint16_t reserved3, iomap_base;
} __attribute__((packed));

struct cpu_tables {
	uint64_t gdt[5];
	struct tss tss;
};

/* Fills t and loads it on this CPU. ist_top[n] is the top of IST n+1's stack. */
void desc_load(struct cpu_tables *t, const uintptr_t ist_top[NR_ISTS]);

#endif

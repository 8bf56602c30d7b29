/* SPDX-License-Identifier: MIT */
/* The IDT, and exceptions. Interrupts pass by here only once, when their gates are filled in. */
#include "arch/x86/trap.h"

#include <stdbool.h>
#include <stddef.h>

#include "arch/x86/desc.h"

#define GATE_INTERRUPT 0x8e00u /* present, DPL 0, 64-bit interrupt gate: enters with IF clear */
#define NR_GATES       256

struct gate {
	uint16_t offset_low, selector, ist_type_low, offset_mid;
	uint32_t offset_high, reserved;
};

/* Where a faulting instruction is allowed to fault, and where it goes on then. */
struct fixup {
	uint64_t at, resume;
};
extern const struct fixup __start_set_fixups[], __stop_set_fixups[];

extern char exception_entries[], irq_entries[];

static struct gate idt[NR_GATES] __attribute__((aligned(16))); /* the same for every CPU */
void (*trap_fatal)(struct trap_frame *frame);
unsigned trap_own_entry;

/* The image lies below 4 GiB, so the half of a gate that is written last is 0 in all of them: one
 * store changes it. */
static void trap_set_gate(unsigned vector, const char *entry, unsigned ist)
{
	uintptr_t a = (uintptr_t)entry;
	union {
		struct gate gate;
		uint64_t halves[2];
	} new = {.gate = {
			 .offset_low = a,
			 .selector = KERNEL_CS,
			 .ist_type_low = GATE_INTERRUPT | ist,
			 .offset_mid = a >> 16,
		 }};

	__atomic_store_n((uint64_t *)&idt[vector], new.halves[0], __ATOMIC_RELEASE);
}

static unsigned trap_ist(unsigned vector)
{
	switch (vector) {
	case TRAP_NMI:
		return IST_NMI;
	case TRAP_DF:
		return IST_DF;
	case TRAP_MC:
		return IST_MC;
	default:
		return IST_NONE;
	}
}

void trap_set_entry(unsigned vector, const char *entry)
{
	trap_own_entry = entry ? vector : 0;
	trap_set_gate(vector, entry ? entry : irq_entries + (vector - NR_EXCEPTIONS) * 8,
		      IST_NONE);
}

void trap_init_interrupts(void)
{
	for (unsigned v = NR_EXCEPTIONS; v < NR_GATES; v++)
		trap_set_entry(v, NULL);
}

void trap_init_cpu(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(idt) - 1, (uintptr_t)idt};

	for (unsigned v = 0; !idt[v].selector && v < NR_EXCEPTIONS; v++)
		trap_set_gate(v, exception_entries + v * 16, trap_ist(v));
	asm volatile("lidt %0" : : "m"(pointer));
}

/* Called by entry.S. */
void trap_exception(struct trap_frame *frame);
void trap_exception(struct trap_frame *frame)
{
	/* What arrives there by chance is not the instruction's own fault. */
	bool own = frame->vector != TRAP_NMI && frame->vector != TRAP_DF &&
		   frame->vector != TRAP_MC;

	for (const struct fixup *f = __start_set_fixups; own && f < __stop_set_fixups; f++)
		if (f->at == frame->rip) {
			frame->rip = f->resume;
			return;
		}
	if (trap_fatal)
		trap_fatal(frame);
	else
		for (;;)
			asm volatile("cli; hlt");
}

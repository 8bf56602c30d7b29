/* SPDX-License-Identifier: MIT */
/* The panic screen: what happened, where, and the state of the number spaces, on every console. */
#include "kernel/panic.h"

#include <stdarg.h>

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "arch/x86/save.h"
#include "arch/x86/sections.h"
#include "kernel/cpu.h"
#include "kernel/dump.h"
#include "kernel/irq.h"
#include "kernel/machine.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/printf.h"

#define BACKTRACE_MAX 24

/* entry.S: the saved registers lie between an interrupt's frame and the vector, and behind that is
 * what the processor pushed, rip first. */
#define IRQ_FRAME_VECTOR (1 + SAVED_REGISTERS)
#define IRQ_FRAME_RIP	 (1 + SAVED_REGISTERS + 1)
#define IRQ_FRAME_SIZE	 ((1 + SAVED_REGISTERS + 2) * 8)
/* A gate (save.h) has neither frame nor vector. What its function saves besides lies below. */
#define GATE_RIP  (1 + SAVED_REGISTERS)
#define GATE_SEEN 24u

extern char irq_return[];
extern const uintptr_t __start_set_gate_returns[], __stop_set_gate_returns[];

static unsigned panic_depth;

static void backtrace_line(uintptr_t address)
{
	uintptr_t offset;
	const char *name = symbol_lookup(address, &offset);

	printk("  [%016lx] %s+0x%lx\n", address, name, offset);
}

/* push imm8 extends the sign. */
static void backtrace_irq(uint8_t vector)
{
	const struct irq *irq = this_cpu()->vector_irq[vector];

	if (irq)
		printk("  in irq %u (%s), vec 0x%x, after\n", irq->number, irq->name, vector);
	else
		printk("  in vec 0x%x, which is nobody's, after\n", vector);
}

static bool frame_is_irqs(const uint64_t *frame)
{
	return paging_is_mapped((uintptr_t)&frame[-1], 8 + IRQ_FRAME_SIZE) &&
	       frame[-1] == (uintptr_t)irq_return;
}

static bool is_hot(uintptr_t address)
{
	return address >= (uintptr_t)_hot_start && address < (uintptr_t)_hot_end;
}

static bool is_gate_return(uintptr_t address)
{
	for (const uintptr_t *r = __start_set_gate_returns; r < __stop_set_gate_returns; r++)
		if (*r == address)
			return true;
	return false;
}

/* The gate's function has no frame: `frame` is of whom it has called, and holds what was interrupted
 * as the next one. Where a gate lies in between, the line of its irq. */
static void backtrace_gate(const uint64_t *frame)
{
	for (unsigned i = 2; is_hot(frame[1]) && i < GATE_SEEN; i++) {
		if (!paging_is_mapped((uintptr_t)&frame[i], 8 * (GATE_RIP + 1)))
			return;
		if (&frame[i] >= (const uint64_t *)frame[0] || !is_gate_return(frame[i]))
			continue;
		backtrace_irq((uint8_t)trap_own_entry);
		backtrace_line(frame[i + GATE_RIP]);
		return;
	}
}

/* Follows the frame pointers (the delivery path has none, build.mk); comes through an interrupt to
 * the code that it interrupted. */
static void backtrace(const uint64_t *frame)
{
	for (unsigned i = 0; i < BACKTRACE_MAX && frame; i++) {
		if ((uintptr_t)frame % 8 || !paging_is_mapped((uintptr_t)frame, 16))
			return;
		if (frame_is_irqs(frame)) {
			backtrace_irq((uint8_t)frame[IRQ_FRAME_VECTOR]);
			backtrace_line(frame[IRQ_FRAME_RIP]);
		} else {
			backtrace_line(frame[1]);
			backtrace_gate(frame);
		}
		frame = (const uint64_t *)frame[0];
	}
}

void backtrace_print(uintptr_t rip, const uint64_t *frame)
{
	backtrace_line(rip);
	backtrace(frame);
}

static void panic_registers(const struct trap_frame *f)
{
	printk("rip %016lx cs %04lx rflags %08lx rsp %016lx\n", f->rip, f->cs, f->rflags, f->rsp);
	printk("rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", f->rax, f->rbx, f->rcx, f->rdx);
	printk("rsi %016lx rdi %016lx rbp %016lx r8  %016lx\n", f->rsi, f->rdi, f->rbp, f->r8);
	printk("r9  %016lx r10 %016lx r11 %016lx r12 %016lx\n", f->r9, f->r10, f->r11, f->r12);
	printk("r13 %016lx r14 %016lx r15 %016lx cr2 %016lx\n", f->r13, f->r14, f->r15,
	       read_cr2());
}

static _Noreturn void panic_end(const uint64_t *frame)
{
	printk("backtrace:\n");
	backtrace(frame);
	if (panic_depth == 1) {
		irq_print_spaces();
		irq_print_table();
		machine_dump_cpu();
		dump_other_cpus();
		machine_dump();
	}
	printk("panic: end\n");
	machine_end(MACHINE_CRASH);
}

static void panic_begin(void)
{
	local_irq_disable();
	printk_lock_free_begin();
	if (++panic_depth > 2) /* the screen itself faults: no more words */
		machine_end(MACHINE_CRASH);
}

void panic(const char *fmt, ...)
{
	char text[200];
	va_list ap;

	panic_begin();
	va_start(ap, fmt);
	fmt_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printk("panic: %s\n", text);
	panic_end(__builtin_frame_address(0));
}

static const char *const exception_names[NR_EXCEPTIONS] = {
	[TRAP_DE] = "divide error",    [TRAP_DB] = "debug",
	[TRAP_NMI] = "NMI",	       [TRAP_BP] = "breakpoint",
	[TRAP_UD] = "invalid opcode",  [TRAP_NM] = "no FPU",
	[TRAP_DF] = "double fault",    [TRAP_TS] = "invalid TSS",
	[TRAP_NP] = "segment absent",  [TRAP_SS] = "stack segment",
	[TRAP_GP] = "general protection", [TRAP_PF] = "page fault",
	[TRAP_MC] = "machine check",
};

static void panic_exception(struct trap_frame *f)
{
	const char *name = exception_names[f->vector];

	if (f->vector == TRAP_NMI) {
		dump_nmi(f); /* somebody's question: answer it and go on */
		return;
	}
	panic_begin();
	printk("panic: exception %lu (%s), error code 0x%lx\n", f->vector, name ? name : "?",
	       f->error);
	panic_registers(f);
	backtrace_line(f->rip);
	panic_end((const uint64_t *)f->rbp);
}

void panic_init(void)
{
	trap_fatal = panic_exception;
}

SHELL_COMMAND(panic, "", "the panic screen, and the end")
{
	panic("the shell was asked for a panic");
}

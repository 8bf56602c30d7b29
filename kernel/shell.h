/* SPDX-License-Identifier: MIT */
/* A small shell on every console that takes input. Commands are a linker set: each is beside the
 * code that it shows. They run on the boot CPU with interrupts enabled, and print. */
#ifndef KERNEL_SHELL_H
#define KERNEL_SHELL_H

#include <stdbool.h>
#include <stdint.h>

struct irq;

struct shell_command {
	const char *name, *usage, *help;
	/* words[0] is the name. 0: done, or it has said itself why not; -EINVAL: its usage is
	 * printed; another -errno: printed as a number. */
	int (*run)(unsigned count, char **words);
};

/* SHELL_COMMAND(mask, "IRQ", "masks an irq") { ... words[1] ... } */
#define SHELL_COMMAND(id, usage, help)                                                        \
	static int shell_##id(unsigned count, char **words);                                  \
	static const struct shell_command shell_command_##id                                  \
		__attribute__((used, aligned(8), section("set_shell_commands." #id))) = {     \
			#id, usage, help, shell_##id};                                        \
	static int shell_##id(unsigned count, char **words)

/* Runs autorun's commands; then, if stay, what is typed, until a command ends the machine. Returns
 * when it does not stay, or when no console takes input. */
void shell_run(const char *autorun, bool stay);

/* --- for commands --- */

/* Waits, until deadline_ns (time_now_ns()) at the most. True: something has been typed,
 * or nobody can type. */
bool shell_wait(uint64_t deadline_ns);
/* Something has been typed. Never waits. */
bool shell_typed(void);
/* Throws away what has been typed. */
void shell_drop_input(void);
/* Between these the consoles' irqs are not in use: for tests. */
void shell_stop_input(void);
void shell_start_input(void);
/* The word is a number below limit: it, or -EINVAL. */
int shell_number(const char *word, unsigned limit);
/* The irq of a number that `irqs` shows; NULL: there is none, and that is printed. */
struct irq *shell_irq(const char *word);

#endif

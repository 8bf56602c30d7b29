/* SPDX-License-Identifier: MIT */
/* How the machine ends and how it shows its state. Only the drivers know how, so they hand in
 * what they can do; kernel code calls it by these names. */
#ifndef KERNEL_MACHINE_H
#define KERNEL_MACHINE_H

enum machine_end_reason { MACHINE_POWEROFF, MACHINE_CRASH, MACHINE_REBOOT };

/* Tries each registered way, last registered first, and halts for ever when none works. */
_Noreturn void machine_end(enum machine_end_reason reason);
/* A way to end the machine; returns when it did not work. At most 4. */
void machine_end_register(void (*way)(enum machine_end_reason reason));

/* The same when somebody asks for it while the machine is at work: what is cut short is said, and
 * whoever has registered lets go of what it has. In the mainline, interrupts enabled. */
_Noreturn void machine_end_orderly(enum machine_end_reason reason);
void machine_leave_register(void (*leave)(void)); /* at most 4 */

/* Prints the state of everything that registered a dump: channels and interrupt controllers. */
void machine_dump(void);
void machine_dump_register(void (*dump)(void)); /* at most 4 */
/* The same for what each CPU has of its own: that of the CPU which calls it. */
void machine_dump_cpu(void);
void machine_dump_cpu_register(void (*dump)(void)); /* at most 4 */

#endif

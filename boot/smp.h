/* SPDX-License-Identifier: MIT */
/* The secondary CPUs. */
#ifndef BOOT_SMP_H
#define BOOT_SMP_H

#include <stdbool.h>
#include <stdint.h>

struct cpu;

/* Brings up the board's other CPUs by INIT-SIPI-SIPI, one after the other, at most limit in all
 * (0: every one), and prints how many came, how long it took, and what memory each has for
 * itself. Each gets its descriptors, local APIC, vcpu_info, channels and upcall; then it idles.
 * One that does not come is reported and left out. */
void smp_init(uint64_t limit);
/* The same for one that becomes available later; it gets the number nr_cpus. 0; -ENOSPC: there
 * are as many as the limit already; -EBUSY: one that failed has the next number; its own error.
 */
int smp_start_late(uint32_t apic_id);

/* Gives the calling CPU what it needs to take events: vcpu_info and channels, unless it has
 * been here before and Xen knows them; the upcall, and a look at what has been sent. Interrupts
 * disabled. 0 or -errno. */
int smp_return_cpu(void);
/* Starts a CPU that has lost its registers, from the beginning. Its state is CPU_COMING. */
void smp_send(struct cpu *cpu);
/* For time_wait(), of a struct cpu: it is not coming any more, whatever it has become. */
bool smp_has_come(void *ctx);
/* It is not to come any more. False: it has begun to. */
bool smp_send_back(void);

/* --- for tests --- */

/* INIT and two startup IPIs, and nothing else: nobody waits for the CPU. */
void smp_send_startup(uint32_t apic_id);

/* What boot/trampoline.S works with. */
extern struct smp_start {
	uint64_t cr3, efer;
	struct cpu *cpu;  /* that the next CPU which starts is to be; it takes it */
	uint32_t refused; /* CPUs that started and found none; they stop */
} smp_start;

#endif

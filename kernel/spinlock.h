/* SPDX-License-Identifier: MIT */
/* A lock that keeps other CPUs and this CPU's interrupts out. Never on the delivery path, but for
 * lines 7 and 15 of the PIC, where a spurious interrupt has to be told from a real one. */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include <stdbool.h>

#include "arch/x86/cpu.h"

struct spinlock {
	bool held;
};

/* Returns the interrupt state, for spin_unlock(). */
static inline bool spin_lock(struct spinlock *lock)
{
	bool on = local_irq_save();

	while (__atomic_test_and_set(&lock->held, __ATOMIC_ACQUIRE))
		cpu_relax();
	return on;
}

/* Never waits: for an NMI, which may have come while its own CPU holds the lock. True: taken, and
 * *on is for spin_unlock(). */
static inline bool spin_trylock(struct spinlock *lock, bool *on)
{
	*on = local_irq_save();
	if (!__atomic_test_and_set(&lock->held, __ATOMIC_ACQUIRE))
		return true;
	local_irq_restore(*on);
	return false;
}

static inline void spin_unlock(struct spinlock *lock, bool on)
{
	__atomic_clear(&lock->held, __ATOMIC_RELEASE);
	local_irq_restore(on);
}

#endif

/* SPDX-License-Identifier: MIT */
/* Late EOI: an irq that is masked from its flow on until its driver has done the work and says
 * so. And the brake on it, for a source whose other end is not trusted. Drivers: kernel/irq.h.
 */
#ifndef KERNEL_IRQ_LATE_H
#define KERNEL_IRQ_LATE_H

#include "kernel/irq.h"
#include "kernel/timer.h"

/* The brake. An irq may run so many times in a window; the last of these is followed by a pause
 * to the window's end, and at least as long as those runs took, so that half of the time is
 * left to others. What comes meanwhile is not lost, it waits behind the mask. */
#define BRAKE_BUDGET    64u
#define BRAKE_WINDOW_NS (20 * NS_PER_MS)
/* irq_eoi(irq, true) so many times in a row costs nothing, as coalescing makes a few; the next
 * is followed by a pause, each further one by a pause twice as long, up to the longest. */
#define BRAKE_SPURIOUS_FREE 2u
#define BRAKE_SPURIOUS_NS   NS_PER_MS
#define BRAKE_SPURIOUS_MAX  (128 * NS_PER_MS)

/* Under irq->mask_lock, but for the counters, which are only read elsewhere. */
struct irq_late {
	uint32_t unasked;      /* irq_eoi() when none was due */
	uint32_t spurious;     /* irq_eoi(irq, true) ... */
	uint32_t spurious_row; /* ... one after the other */
	uint32_t braked;       /* pauses */
	uint32_t budget;       /* 0: no brake by budget */
	uint32_t runs;         /* in this window ... */
	uint32_t windows;      /* ... the last of so many */
	bool untrusted;
	uint64_t window, window_ns; /* its start, its length */
	struct timer timer;         /* ends the pause; untrusted only */
};

/* For irq_request() and irq_free(). The irq cannot be late: NULL with *err = -EOPNOTSUPP,
 * -EINVAL, -ENOMEM. */
struct irq_late *irq_late_create(struct irq *irq, unsigned flags, int *err);
/* Puts it in force, or (NULL) ends it; the irq is masked. */
void irq_late_set(struct irq *irq, struct irq_late *late);
void irq_late_destroy(struct irq_late *late);

#endif

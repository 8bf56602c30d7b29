/* SPDX-License-Identifier: MIT */
/* Between irq_numbers.c, which owns the irqs, and irq_request.c, which gives them actions. */
#ifndef KERNEL_IRQ_NUMBERS_H
#define KERNEL_IRQ_NUMBERS_H

#include "kernel/irq.h"

/* For all slow paths: which numbers are taken, what an irq is attached to, its list of actions.
 * Taken before any irq's mask_lock. */
extern struct spinlock irq_lock;

#endif

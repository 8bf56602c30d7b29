/* SPDX-License-Identifier: MIT */
/* The pair of 8259 interrupt controllers: 16 lines on vectors 0x20-0x2f. Line 2 is the cascade
 * between the two and nobody's source. The irq_chip "pic": ack and eoi are the same specific
 * EOI, so that the edge flow ends before the handler and the level flow after it. */
#ifndef DRIVERS_IRQCHIP_PIC_H
#define DRIVERS_IRQCHIP_PIC_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/irq.h"

#define PIC_LINES        16u
#define PIC_CASCADE_LINE 2u

/* Is there one? A mask register that keeps what is written; PVH has none. */
bool pic_probe(void);
/* Programs both (ICW1-4), every line masked but the cascade. ELCR stays as it was. */
void pic_init(void);
/* Ties irq, whose number must be the line, to its line; stays masked. level also sets ELCR.
 * 0, or -EINVAL: the cascade, no such line, or a line that cannot be level. */
int pic_attach(struct irq *irq, bool level);
/* Masks the line and unties its vector; the irq keeps number, actions and counts. */
void pic_detach(struct irq *irq);

/* ELCR, ports 0x4d0 and 0x4d1. 0, or -EINVAL: lines 0, 1, 2, 8 and 13 are always edge. */
int pic_set_level(unsigned line, bool level);
bool pic_is_level(unsigned line);

/* Interrupts that went away before they were taken: seen on line 7 or 15 with no ISR bit. */
extern uint32_t pic_spurious;

/* Prints the registers as words, line 0 in bit 0. Never waits: for an NMI as well. */
void pic_dump(void);

#endif

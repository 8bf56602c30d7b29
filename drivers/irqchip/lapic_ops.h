/* SPDX-License-Identifier: MIT */
/* What lapic.c alone needs of lapic_ops.c. */
#ifndef DRIVERS_IRQCHIP_LAPIC_OPS_H
#define DRIVERS_IRQCHIP_LAPIC_OPS_H

#include "drivers/irqchip/lapic.h"

extern const struct lapic_ops xapic_ops, x2apic_ops;
/* The mapped registers; to be set before xapic_ops is used. */
extern volatile uint32_t *xapic_regs;

#endif

/* SPDX-License-Identifier: MIT */
/* Between msi.c, which turns on what a device has, and msi_chip.c, which makes an irq of a
 * message. */
#ifndef DRIVERS_IRQCHIP_MSI_MESSAGE_H
#define DRIVERS_IRQCHIP_MSI_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/irq.h"
#include "lib/pci_caps.h"

/* A table entry, in 32-bit words. */
enum { ENTRY_ADDRESS, ENTRY_ADDRESS_HIGH, ENTRY_DATA, ENTRY_CONTROL, ENTRY_WORDS };
#define ENTRY_MASKED 1u

struct message {
	struct msi_set *set;
	struct irq *irq;
	volatile uint32_t *entry; /* MSI-X */
	bool unmasked;            /* by its irq ... */
	bool held;                /* ... but not while it is moved */
	bool came;                /* while it was masked, without a mask bit */
};

struct msi_set {
	struct pci_device *dev;
	struct pci_msi_cap cap; /* MSI */
	unsigned control;       /* MSI-X: the register's offset, else 0 */
	uint16_t command;       /* the device's, before */
	unsigned count;
	struct message messages[];
};

static inline unsigned message_index(const struct message *m)
{
	return m - m->set->messages;
}

/* "msi" and "msi-x", for irqs whose chip_data is a message; and the flow of both. */
extern const struct irq_chip msi_chip, msix_chip;
irq_flow_fn msi_flow;
/* Writes the whole message, masked or not, as its irq's vector and vector_cpu say. */
void message_program(const struct message *m);

#endif

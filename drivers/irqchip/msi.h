/* SPDX-License-Identifier: MIT */
/* MSI and MSI-X (PCI Local Bus 3.0, 6.8): a device sends its interrupts itself, by writing to the
 * local APIC's page. Each message is an irq of its own, edge, with a dynamic number and a vector
 * of its own, and no line is shared.
 *
 * Masking. An MSI-X entry has a mask bit, an MSI message may have one: what comes meanwhile waits
 * in the device. Where there is none the device goes on sending; while the irq is masked an
 * arrival is noted and delivered, once, at the unmasking. So no message is lost in either case. */
#ifndef DRIVERS_IRQCHIP_MSI_H
#define DRIVERS_IRQCHIP_MSI_H

struct pci_device;

/* Turns on MSI-X, or MSI where there is no MSI-X that can be used. Up to `wanted` irqs, masked as
 * yet, go into irqs[], the n-th for the device's message n; how many is the result, at least 1.
 * (MSI: always 1, more messages of one capability would have to move together.) Each is placed
 * on the CPU that irq_pick_cpu() names; irq_request() (but no late EOI) and irq_set_affinity() as
 * for any irq.
 * While they are on, INTx is off and the device is a bus master.
 * -ENODEV: no such capability, or no local APIC; -EINVAL: the capabilities are damaged, or wanted
 * is 0; -EBUSY: it has irqs already; -ENOSPC: no vector or number left; -ENOMEM. */
int msi_request_vectors(struct pci_device *dev, unsigned wanted, int irqs[]);
/* Turns it off and gives irqs and vectors back; INTx and bus mastering are as before. 0; -ENOENT:
 * there are none; -EBUSY: an irq still has an action, or interrupts are disabled. */
int msi_release(struct pci_device *dev);

#endif

/* SPDX-License-Identifier: MIT */
/* The Xen platform device: the PCI function whose interrupt line Xen raises for the upcall. */
#ifndef DRIVERS_XEN_PLATFORM_PCI_H
#define DRIVERS_XEN_PLATFORM_PCI_H

struct pci_device;

/* The device, when the PCI scan has found one; NULL otherwise. */
const struct pci_device *platform_pci_device(void);

#endif

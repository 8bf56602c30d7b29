/* SPDX-License-Identifier: MIT */
/* What the files of drivers/pci need of each other. */
#ifndef DRIVERS_PCI_PCI_BAR_H
#define DRIVERS_PCI_PCI_BAR_H

#include "drivers/pci/pci.h"

/* Is there configuration mechanism 1? */
bool pci_probe_mechanism(void);
/* Reads and sizes the BARs that the header has, with decoding off meanwhile. */
void pci_bars_read(struct pci_device *dev);
/* Writes a BAR's address, low word first, and remembers it. Decoding must be off. */
void pci_bar_assign(struct pci_device *dev, unsigned i, uint64_t address);

#endif

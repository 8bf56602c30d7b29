# SPDX-License-Identifier: MIT
"""The board of an hvm domain, as Xen's device model and hvmloader wire it, and what Daisy says of
one that lacks a part."""

PLATFORM_DEVICE = 2              # 00:02.0, where Xen's device model puts it
LINK_IRQS = (5, 10, 11, 5)       # what hvmloader programs into PIIX links A to D; Daisy as well
XEN_GSIS = 48                    # pins of Xen's IO-APIC for an hvm domain
ISA_IRQS = 16

NO_PLATFORM = "no Xen platform device on the PCI bus"
NO_PAGE = "CPUID offers no assist page (xl.cfg: viridian)"
ONE_VCPU = "there is one vCPU"
NO_CHIPS = "this machine has neither a PIC nor an IO-APIC"
NO_TABLES = "no tables, as every PC"


def link(device, pin=0):
    """A device's INTx pin to the PIIX link: PCI's swizzle."""
    return (device + pin) & 3


def link_irq(device):
    return LINK_IRQS[link(device)]


def xen_gsi(device, pin=0):
    """The pin that Xen raises as well: hvm_pci_intx_gsi() in its irq.h."""
    return ((device << 2) + (device >> 3) + pin & 31) + 16

/* SPDX-License-Identifier: MIT */
/* Taking the emulated disks and NICs away, for drivers of the paravirtual ones. The protocol:
 * docs/misc/hvm-emulated-unplug.pandoc in Xen's source. */
#ifndef DRIVERS_XEN_UNPLUG_H
#define DRIVERS_XEN_UNPLUG_H

#define UNPLUG_CHOICES "none,ide,nics,all" /* for lib/option.h, same order */
enum unplug_choice { UNPLUG_NONE, UNPLUG_IDE, UNPLUG_NICS, UNPLUG_ALL };

/* Probes the protocol, asks it to unplug what was chosen, and prints what was done. To be
 * called before the PCI scan. 0; -ENODEV: no device model that speaks it; -EPERM: the device
 * model has blocked this product. */
int unplug_init(enum unplug_choice choice);
/* After a suspend: the same again. */
void unplug_resume(void);

#endif

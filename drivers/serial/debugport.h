/* SPDX-License-Identifier: MIT */
/* Port 0xe9 as a console: QEMU's debugcon, and Xen's log of a guest's lines. */
#ifndef DRIVERS_SERIAL_DEBUGPORT_H
#define DRIVERS_SERIAL_DEBUGPORT_H

#include <stdbool.h>

/* xen: Xen takes the port, but older ones do not answer reads of it. Elsewhere a debug console
 * is there if reading the port returns 0xe9. */
void debugport_init(bool xen);

#endif

/* SPDX-License-Identifier: MIT */
/* The domain's vCPUs, where no table of the board's names them. */
#ifndef DRIVERS_XEN_VCPUS_H
#define DRIVERS_XEN_VCPUS_H

#include "lib/board.h"

/* Adds to a board that knows its boot CPU alone what Xen tells: a domain without firmware, or
 * with apic=0, has neither MADT nor MP table. */
void xen_add_vcpus(struct board *board);

#endif

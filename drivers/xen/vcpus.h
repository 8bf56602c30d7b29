/* SPDX-License-Identifier: MIT */
/* The domain's vCPUs, where no table of the board's names them. */
#ifndef DRIVERS_XEN_VCPUS_H
#define DRIVERS_XEN_VCPUS_H

#include "lib/board.h"

/* Adds to a board that knows its boot CPU alone what Xen tells: a domain without firmware, or
 * with apic=0, has neither MADT nor MP table. */
void xen_add_vcpus(struct board *board);

/* What the toolstack says of a vCPU, cpu/<vcpu>/availability in the store. */
enum vcpu_availability { VCPU_UNKNOWN, VCPU_ONLINE, VCPU_OFFLINE };
enum vcpu_availability xen_vcpu_availability(uint32_t vcpu);
/* Is a vCPU to be started at boot? The board's tables leave out those that are not; where there are
 * none the store is asked. */
bool xen_vcpu_is_wanted(uint32_t vcpu);
/* The local APIC id that Xen gives a vCPU. */
uint32_t xen_vcpu_apic_id(uint32_t vcpu);

#endif

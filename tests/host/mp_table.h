/* SPDX-License-Identifier: MIT */
/* MP tables built by hand, and one place from which they are parsed. */
#ifndef TESTS_HOST_MP_TABLE_H
#define TESTS_HOST_MP_TABLE_H

#include "tests/host/board_check.h"
#include "tests/host/table.h"

#define MP_HEADER 44u

/* Parses the first `available` bytes (board_check.h). */
int mp_try_bytes(const struct table *t, size_t available);
/* The whole table, with its length and sum set right first, and a count of entries. */
int mp_try(struct table *t, unsigned entries);

void mp_start(struct table *t);
void mp_seal(struct table *t, unsigned entries);
void mp_add_cpu(struct table *t, unsigned id, unsigned flags);
void mp_add_bus(struct table *t, unsigned id, const char *name);
void mp_add_ioapic(struct table *t, unsigned id, unsigned flags, uint32_t address);
/* type 3: an interrupt to an IO-APIC's pin; 4: to a local APIC's LINT. */
void mp_add_int(struct table *t, unsigned type, unsigned delivery, unsigned flags, unsigned bus,
		unsigned irq, unsigned apic, unsigned pin);
/* Two CPUs, one ISA bus, one IO-APIC, the ISA irqs (irq 0 on pin 2, 5 level), NMI on LINT1.
 * Returns the number of entries. */
unsigned mp_build_usual(struct table *t);

#endif

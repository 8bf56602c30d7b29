/* SPDX-License-Identifier: MIT */
/* What the board told about its interrupt hardware: from the ACPI MADT; else from the MP table;
 * else what every PC has, as far as it answers. */
#ifndef DRIVERS_ACPI_ACPI_H
#define DRIVERS_ACPI_ACPI_H

#include <stdint.h>

#include "lib/acpi_tables.h"

enum acpi_source { ACPI_MADT, ACPI_MPTABLE, ACPI_NOTHING };

/* Fills out, whatever happens, and prints one line that says where from, and one for each table
 * that lied. rsdp_hint: where the boot protocol says the RSDP is, 0 when it does not; it
 * is looked for in low memory then. */
enum acpi_source acpi_init(uint64_t rsdp_hint, struct board *out);

/* From the FADT: 0, -ENOENT: there is none, or as acpi_parse_fadt(). After acpi_init(). */
int acpi_read_fixed(struct acpi_fixed *out);

/* The physical address of a checked table, mapped readable, or 0. For "FACP", "HPET", ... */
uintptr_t acpi_find_table(const char *signature);

#endif

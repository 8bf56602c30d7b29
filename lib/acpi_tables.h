/* SPDX-License-Identifier: MIT */
/* ACPI tables read from bytes: RSDP, XSDT/RSDT, MADT, FADT (ACPI 6.5, chapter 5.2), and the Intel MP
 * table. Every length and checksum is checked before a byte is used; nothing outside
 * [table, table + length) is read. The bytes may lie at any alignment. */
#ifndef LIB_ACPI_TABLES_H
#define LIB_ACPI_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/board.h"

/* Adds bytes up modulo 256; a valid table's sum is 0. */
uint8_t acpi_checksum(const void *bytes, size_t length);

struct acpi_rsdp_info {
	uint64_t rsdt; /* 0: none */
	uint64_t xsdt; /* 0: none, or revision 0 */
	uint8_t revision;
};
/* Checks signature, checksum(s) and lengths of an RSDP with `available` readable bytes. 0,
 * -ENOENT (no signature), -EINVAL (checksum), -EMSGSIZE (truncated). *out is written on 0. */
int acpi_parse_rsdp(const void *bytes, size_t available, struct acpi_rsdp_info *out);

/* The header common to all tables: checks that 4 bytes signature match, 36 <= length <=
 * available, and the checksum. The table's length, or -ENOENT, -EMSGSIZE, -EINVAL. */
long acpi_check_table(const void *bytes, size_t available, const char *signature);

/* Entries of a checked RSDT/XSDT (wide: 8 byte entries). Count, and the i-th address. */
size_t acpi_sdt_entries(size_t table_length, bool wide);
uint64_t acpi_sdt_entry(const void *table, size_t i, bool wide);

/* Parses a MADT (header included) into b, which board_init has prepared. 0, or
 * -EINVAL/-EMSGSIZE with *why set to a sentence that says which entry at which offset lied
 * about what; what was read before stays in b. Unknown entry types are skipped by their length.
 *
 * An entry whose length lies ends the reading. An entry of good length that says what cannot be
 * true (a reserved polarity, ISA irq 99) is left out, the reading goes on, and the result is
 * -EINVAL all the same. With 0 *why is NULL, or a remark about something that was decided here:
 * more of a kind than fits (counted in b), a CPU listed twice (once is enough), a second
 * override of one ISA irq (the last wins). The sentence is b->why and lives as long as b. */
int madt_parse(const void *table, size_t available, struct board *b, const char **why);

/* The fixed hardware, as far as buttons need it: ports of PM1a's registers, 16 bits each. */
struct acpi_fixed {
	uint16_t sci; /* the irq: ISA's below 16, else a gsi */
	uint16_t status, enable, control;
	uint16_t smi_command; /* the port to which acpi_enable is written; 0: ACPI is on */
	uint8_t acpi_enable;
	bool power_button, sleep_button; /* they are fixed hardware: status bits 8 and 9 */
};
/* Checks a FADT, header included. 0; -ENODEV: there is no fixed hardware; -EINVAL: wrong checksum,
 * or registers where none can be; -EMSGSIZE: too short; -ENOENT: no FADT. *out is written on 0. */
int acpi_parse_fadt(const void *table, size_t available, struct acpi_fixed *out);

/* The same board from an Intel MP table (MP specification 1.4): floating pointer structure and
 * configuration table. Errors as madt_parse.
 * mptable_check_floating: 0, -ENOENT (no signature), -EINVAL (checksum), -EMSGSIZE (truncated).
 * *config_address is 0 when the board claims a default configuration, which has no table.
 * An irq of a bus other than ISA is left out: struct board has no place for it. */
int mptable_check_floating(const void *bytes, size_t available, uint32_t *config_address);
int mptable_parse(const void *config, size_t available, struct board *b, const char **why);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_ACPI_MPTABLE_H
#define DRIVERS_ACPI_MPTABLE_H

#include "lib/acpi_tables.h"

/* Finds the MP floating pointer where the MP specification 1.4 (chapter 4) puts it, and reads
 * the configuration table into out (set up by board_init). 0; -ENOENT: there is none; or the
 * parser's error with *why set. */
int mptable_init(struct board *out, const char **why);

#endif

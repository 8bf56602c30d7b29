/* SPDX-License-Identifier: MIT */
/* Firmware memory: mapping it and looking for signatures in it. */
#ifndef DRIVERS_ACPI_SCAN_H
#define DRIVERS_ACPI_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes [address, address + length) readable; what is mapped already keeps its rights. */
bool firmware_map(uint64_t address, size_t length);
/* The first 16-byte aligned place in [start, end) where accept says so, or 0. accept sees the
 * bytes up to end. */
uintptr_t firmware_scan(uintptr_t start, uintptr_t end, const char *signature,
			bool (*accept)(const void *bytes, size_t available));
/* The extended BIOS data area, as the BIOS data area's word at 0x40e says, or 0. */
uintptr_t firmware_ebda(void);

#endif

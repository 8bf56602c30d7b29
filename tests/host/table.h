/* SPDX-License-Identifier: MIT */
/* A small builder for firmware tables: bytes are appended, sums are set right at the end. */
#ifndef TESTS_HOST_TABLE_H
#define TESTS_HOST_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_MAX 16384u

struct table {
	uint8_t bytes[TABLE_MAX];
	size_t length;
};

void table_u8(struct table *t, unsigned value);
void table_u16(struct table *t, unsigned value);
void table_u32(struct table *t, uint32_t value);
void table_u64(struct table *t, uint64_t value);
void table_text(struct table *t, const char *text, size_t length); /* padded with blanks */
void table_zeros(struct table *t, size_t n);
void table_put16(struct table *t, size_t at, unsigned value);
void table_put32(struct table *t, size_t at, uint32_t value);
/* Sets the byte at `at` so that the first `length` bytes add up to 0. */
void table_sum(struct table *t, size_t at, size_t length);

/* An ACPI table's 36-byte header; its length and sum are set by table_seal_acpi. */
void table_start_acpi(struct table *t, const char *signature);
void table_seal_acpi(struct table *t);

#endif

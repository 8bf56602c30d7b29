/* SPDX-License-Identifier: MIT */
#include "tests/host/table.h"

#include <stdlib.h>
#include <string.h>

void table_u8(struct table *t, unsigned value)
{
	if (t->length == TABLE_MAX)
		abort();
	t->bytes[t->length++] = (uint8_t)value;
}

void table_u16(struct table *t, unsigned value)
{
	table_u8(t, value & 0xff);
	table_u8(t, value >> 8 & 0xff);
}

void table_u32(struct table *t, uint32_t value)
{
	table_u16(t, value & 0xffff);
	table_u16(t, value >> 16);
}

void table_u64(struct table *t, uint64_t value)
{
	table_u32(t, (uint32_t)value);
	table_u32(t, (uint32_t)(value >> 32));
}

void table_text(struct table *t, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		table_u8(t, *text ? (unsigned char)*text++ : ' ');
}

void table_zeros(struct table *t, size_t n)
{
	while (n--)
		table_u8(t, 0);
}

void table_put16(struct table *t, size_t at, unsigned value)
{
	t->bytes[at] = (uint8_t)value;
	t->bytes[at + 1] = (uint8_t)(value >> 8);
}

void table_put32(struct table *t, size_t at, uint32_t value)
{
	table_put16(t, at, value & 0xffff);
	table_put16(t, at + 2, value >> 16);
}

void table_sum(struct table *t, size_t at, size_t length)
{
	uint8_t sum = 0;

	t->bytes[at] = 0;
	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + t->bytes[i]);
	t->bytes[at] = (uint8_t)-sum;
}

void table_start_acpi(struct table *t, const char *signature)
{
	t->length = 0;
	table_text(t, signature, 4);
	table_u32(t, 0); /* length */
	table_u8(t, 5);
	table_u8(t, 0); /* checksum */
	table_text(t, "DAISY", 6);
	table_text(t, "TEST", 8);
	table_u32(t, 1);
	table_text(t, "HAND", 4);
	table_u32(t, 1);
}

void table_seal_acpi(struct table *t)
{
	table_put32(t, 4, (uint32_t)t->length);
	table_sum(t, 9, t->length);
}

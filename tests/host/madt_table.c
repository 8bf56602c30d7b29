/* SPDX-License-Identifier: MIT */
#include "tests/host/madt_table.h"

int madt_try_bytes(const struct table *t, size_t available)
{
	return board_try(madt_parse, t->bytes, available);
}

int madt_try(struct table *t)
{
	table_seal_acpi(t);
	return madt_try_bytes(t, t->length);
}

void madt_start(struct table *t, uint32_t flags)
{
	table_start_acpi(t, "APIC");
	table_u32(t, 0xfee01000);
	table_u32(t, flags);
}

void madt_add_lapic(struct table *t, unsigned uid, unsigned id, uint32_t flags)
{
	table_u8(t, 0), table_u8(t, 8), table_u8(t, uid), table_u8(t, id);
	table_u32(t, flags);
}

void madt_add_ioapic(struct table *t, unsigned id, uint32_t address, uint32_t base)
{
	table_u8(t, 1), table_u8(t, 12), table_u8(t, id), table_u8(t, 0);
	table_u32(t, address);
	table_u32(t, base);
}

void madt_add_override(struct table *t, unsigned irq, uint32_t gsi, unsigned flags)
{
	table_u8(t, 2), table_u8(t, 10), table_u8(t, 0), table_u8(t, irq);
	table_u32(t, gsi);
	table_u16(t, flags);
}

void madt_add_nmi_source(struct table *t, unsigned flags, uint32_t gsi)
{
	table_u8(t, 3), table_u8(t, 8), table_u16(t, flags);
	table_u32(t, gsi);
}

void madt_add_lapic_nmi(struct table *t, unsigned uid, unsigned flags, unsigned lint)
{
	table_u8(t, 4), table_u8(t, 6), table_u8(t, uid), table_u16(t, flags),
		table_u8(t, lint);
}

void madt_add_lapic_address(struct table *t, uint64_t address)
{
	table_u8(t, 5), table_u8(t, 12), table_u16(t, 0);
	table_u64(t, address);
}

void madt_add_x2apic(struct table *t, uint32_t id, uint32_t flags, uint32_t uid)
{
	table_u8(t, 9), table_u8(t, 16), table_u16(t, 0);
	table_u32(t, id);
	table_u32(t, flags);
	table_u32(t, uid);
}

void madt_add_x2apic_nmi(struct table *t, unsigned flags, uint32_t uid, unsigned lint)
{
	table_u8(t, 10), table_u8(t, 12), table_u16(t, flags);
	table_u32(t, uid);
	table_u8(t, lint), table_zeros(t, 3);
}

void madt_build_usual(struct table *t)
{
	madt_start(t, 1);
	madt_add_ioapic(t, 1, 0xfec00000, 0);
	madt_add_override(t, 0, 2, 0);
	madt_add_override(t, 5, 5, 0xf);
	madt_add_override(t, 9, 9, 0xf);
	for (unsigned i = 0; i < 4; i++)
		madt_add_lapic(t, i, i * 2, i < 2);
	madt_add_lapic_nmi(t, 0xff, 0, 1);
	table_seal_acpi(t);
}

/* SPDX-License-Identifier: MIT */
#include "tests/host/mp_table.h"

int mp_try_bytes(const struct table *t, size_t available)
{
	return board_try(mptable_parse, t->bytes, available);
}

int mp_try(struct table *t, unsigned entries)
{
	mp_seal(t, entries);
	return mp_try_bytes(t, t->length);
}

void mp_start(struct table *t)
{
	t->length = 0;
	table_text(t, "PCMP", 4);
	table_u16(t, 0); /* length */
	table_u8(t, 4);
	table_u8(t, 0); /* checksum */
	table_text(t, "DAISY", 8);
	table_text(t, "TEST", 12);
	table_u32(t, 0);
	table_u16(t, 0);
	table_u16(t, 0); /* entries */
	table_u32(t, 0xfee01000);
	table_zeros(t, 4);
}

void mp_seal(struct table *t, unsigned entries)
{
	table_put16(t, 4, (unsigned)t->length);
	table_put16(t, 34, entries);
	table_sum(t, 7, t->length);
}

void mp_add_cpu(struct table *t, unsigned id, unsigned flags)
{
	table_u8(t, 0), table_u8(t, id), table_u8(t, 0x14), table_u8(t, flags);
	table_zeros(t, 16);
}

void mp_add_bus(struct table *t, unsigned id, const char *name)
{
	table_u8(t, 1), table_u8(t, id), table_text(t, name, 6);
}

void mp_add_ioapic(struct table *t, unsigned id, unsigned flags, uint32_t address)
{
	table_u8(t, 2), table_u8(t, id), table_u8(t, 0x11), table_u8(t, flags);
	table_u32(t, address);
}

void mp_add_int(struct table *t, unsigned type, unsigned delivery, unsigned flags, unsigned bus,
		unsigned irq, unsigned apic, unsigned pin)
{
	table_u8(t, type), table_u8(t, delivery), table_u16(t, flags);
	table_u8(t, bus), table_u8(t, irq), table_u8(t, apic), table_u8(t, pin);
}

unsigned mp_build_usual(struct table *t)
{
	unsigned n = 4;

	mp_start(t);
	mp_add_cpu(t, 0, 3);
	mp_add_cpu(t, 2, 1);
	mp_add_bus(t, 0, "ISA");
	mp_add_ioapic(t, 1, 1, 0xfec00000);
	for (unsigned irq = 0; irq < 16; irq++) {
		if (irq == 2)
			continue;
		mp_add_int(t, 3, 0, irq == 5 ? 0xf : 0, 0, irq, 1, irq ? irq : 2);
		n++;
	}
	mp_add_int(t, 4, 3, 0, 0, 0, 0xff, 0); /* ExtINT */
	mp_add_int(t, 4, 1, 0, 0, 0, 0xff, 1); /* NMI */
	mp_seal(t, n + 2);
	return n + 2;
}

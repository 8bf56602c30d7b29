/* SPDX-License-Identifier: MIT */
/* The MADT (ACPI 6.5, 5.2.12): a header and entries of a type and a length each. */
#include "lib/acpi_tables.h"
#include "lib/errno.h"

struct madt_header {
	uint8_t sdt[36];
	uint32_t lapic_address;
	uint32_t flags;
} __attribute__((packed));

#define MADT_PCAT_COMPAT        1u /* flags: there is a pair of 8259s as well */
#define MADT_CPU_ENABLED        1u
#define MADT_CPU_ONLINE_CAPABLE 2u

struct madt_lapic {
	uint8_t type, length, acpi_uid, apic_id;
	uint32_t flags;
} __attribute__((packed));

struct madt_ioapic {
	uint8_t type, length, id, reserved;
	uint32_t address, gsi_base;
} __attribute__((packed));

struct madt_override {
	uint8_t type, length, bus, irq;
	uint32_t gsi;
	uint16_t flags;
} __attribute__((packed));

struct madt_nmi_source {
	uint8_t type, length;
	uint16_t flags;
	uint32_t gsi;
} __attribute__((packed));

struct madt_lapic_nmi {
	uint8_t type, length, acpi_uid;
	uint16_t flags;
	uint8_t lint;
} __attribute__((packed));

struct madt_lapic_address {
	uint8_t type, length;
	uint16_t reserved;
	uint64_t address;
} __attribute__((packed));

struct madt_x2apic {
	uint8_t type, length;
	uint16_t reserved;
	uint32_t apic_id, flags, acpi_uid;
} __attribute__((packed));

struct madt_x2apic_nmi {
	uint8_t type, length;
	uint16_t flags;
	uint32_t acpi_uid;
	uint8_t lint, reserved[3];
} __attribute__((packed));

static void madt_add_cpu(struct board_reader *r, uint32_t apic_id, uint32_t acpi_uid,
			 uint32_t flags)
{
	if (flags & MADT_CPU_ENABLED)
		board_add_cpu(r, apic_id, acpi_uid);
	else if (flags & MADT_CPU_ONLINE_CAPABLE)
		r->b->nr_cpus_offline++;
}

static void madt_read_lapic(struct board_reader *r, const void *entry)
{
	const struct madt_lapic *e = entry;

	if (e->flags & MADT_CPU_ENABLED && e->apic_id == 0xff)
		board_reader_complain(r, -EINVAL, "a CPU with the broadcast APIC id");
	else
		madt_add_cpu(r, e->apic_id, e->acpi_uid, e->flags);
}

static void madt_read_x2apic(struct board_reader *r, const void *entry)
{
	const struct madt_x2apic *e = entry;

	if (e->flags & MADT_CPU_ENABLED && e->apic_id == UINT32_MAX)
		board_reader_complain(r, -EINVAL, "a CPU with the broadcast APIC id");
	else
		madt_add_cpu(r, e->apic_id, e->acpi_uid, e->flags);
}

static void madt_read_ioapic(struct board_reader *r, const void *entry)
{
	const struct madt_ioapic *e = entry;

	board_add_ioapic(r, e->id, e->address, e->gsi_base);
}

static void madt_read_override(struct board_reader *r, const void *entry)
{
	const struct madt_override *e = entry;

	if (e->bus != 0)
		board_reader_complain(r, -EINVAL, "an override of a bus other than ISA");
	else
		board_set_isa_route(r, e->irq, e->gsi, e->flags);
}

static void madt_read_nmi_source(struct board_reader *r, const void *entry)
{
	const struct madt_nmi_source *e = entry;
	struct board_nmi nmi = {.is_gsi = true, .gsi = e->gsi};

	board_add_nmi(r, &nmi, e->flags);
}

static void madt_read_lapic_nmi(struct board_reader *r, const void *entry)
{
	const struct madt_lapic_nmi *e = entry;
	struct board_nmi nmi = {
		.acpi_uid = e->acpi_uid == 0xff ? BOARD_EVERY_CPU : e->acpi_uid,
		.lint = e->lint,
	};

	board_add_nmi(r, &nmi, e->flags);
}

static void madt_read_x2apic_nmi(struct board_reader *r, const void *entry)
{
	const struct madt_x2apic_nmi *e = entry;
	struct board_nmi nmi = {.acpi_uid = e->acpi_uid, .lint = e->lint};

	board_add_nmi(r, &nmi, e->flags);
}

static void madt_read_lapic_address(struct board_reader *r, const void *entry)
{
	const struct madt_lapic_address *e = entry;

	board_set_lapic(r, e->address);
}

/* By type; an entry longer than its structure is a later revision's and begins the same. */
static const struct {
	uint8_t size;
	void (*read)(struct board_reader *r, const void *entry);
} madt_kinds[] = {
	[0] = {sizeof(struct madt_lapic), madt_read_lapic},
	[1] = {sizeof(struct madt_ioapic), madt_read_ioapic},
	[2] = {sizeof(struct madt_override), madt_read_override},
	[3] = {sizeof(struct madt_nmi_source), madt_read_nmi_source},
	[4] = {sizeof(struct madt_lapic_nmi), madt_read_lapic_nmi},
	[5] = {sizeof(struct madt_lapic_address), madt_read_lapic_address},
	[9] = {sizeof(struct madt_x2apic), madt_read_x2apic},
	[10] = {sizeof(struct madt_x2apic_nmi), madt_read_x2apic_nmi},
};

#define MADT_KINDS (sizeof(madt_kinds) / sizeof(madt_kinds[0]))

/* Reads the entry at r->offset, of which `left` bytes lie in the table. Its length, or 0 when
 * the length lied and nobody can tell where the next one begins. */
static size_t madt_read_entry(struct board_reader *r, const uint8_t *entry, size_t left)
{
	r->type = entry[0];
	if (left < 2) {
		board_reader_complain(r, -EMSGSIZE, "the table ends before the entry's length");
		return 0;
	}

	size_t length = entry[1];
	size_t least = r->type < MADT_KINDS ? madt_kinds[r->type].size : 0;

	if (length < 2 || length < least) {
		board_reader_complain(r, -EINVAL, "the length is too short for its type");
		return 0;
	}
	if (length > left) {
		board_reader_complain(r, -EMSGSIZE, "the length runs past the table's end");
		return 0;
	}
	if (least)
		madt_kinds[r->type].read(r, entry);
	return length;
}

static void madt_read(struct board_reader *r, const void *table, size_t available)
{
	const struct madt_header *header = table;
	long size = acpi_check_table(table, available, "APIC");

	if (size == -EMSGSIZE || (size >= 0 && (size_t)size < sizeof(*header))) {
		board_reader_complain(r, -EMSGSIZE, "shorter or longer than it says");
		return;
	}
	if (size < 0) {
		board_reader_complain(r, -EINVAL,
				      size == -ENOENT ? "no signature" : "bad checksum");
		return;
	}
	board_set_lapic(r, header->lapic_address);
	r->b->has_pic = header->flags & MADT_PCAT_COMPAT;
	for (r->offset = sizeof(*header); r->offset < (size_t)size;) {
		const uint8_t *entry = (const uint8_t *)table + r->offset;
		size_t length = madt_read_entry(r, entry, (size_t)size - r->offset);

		if (length == 0)
			return;
		r->offset += length;
	}
	r->b->whole = true;
}

int madt_parse(const void *table, size_t available, struct board *b, const char **why)
{
	struct board_reader r;

	board_reader_start(&r, b, "MADT");
	madt_read(&r, table, available);
	*why = board_reader_why(&r);
	return r.error;
}

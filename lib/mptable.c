/* SPDX-License-Identifier: MIT */
/* The Intel MP table (MP specification 1.4, chapter 4): a header and entries whose length
 * follows from their type. Interrupts name a bus and an IO-APIC by id, so the entries are
 * walked twice: what is named first, what names it afterwards. Then their order does not
 * matter. */
#include "lib/acpi_tables.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/string.h"

struct mp_floating {
	char signature[4];
	uint32_t config;
	uint8_t length; /* in units of 16 bytes */
	uint8_t revision;
	uint8_t checksum;
	uint8_t feature[5]; /* the first: 0, or the number of a default configuration */
} __attribute__((packed));

struct mp_config {
	char signature[4];
	uint16_t length; /* of header and entries */
	uint8_t revision;
	uint8_t checksum;
	char oem_id[8], product_id[12];
	uint32_t oem_table;
	uint16_t oem_size;
	uint16_t entries;
	uint32_t lapic_address;
	uint16_t extended_length;
	uint8_t extended_checksum;
	uint8_t reserved;
} __attribute__((packed));

_Static_assert(sizeof(struct mp_floating) == 16, "MP specification 1.4, 4.1");
_Static_assert(sizeof(struct mp_config) == 44, "MP specification 1.4, 4.2");

enum mp_type { MP_CPU, MP_BUS, MP_IOAPIC, MP_INTERRUPT, MP_LOCAL_INTERRUPT };
enum mp_delivery { MP_INT, MP_NMI, MP_SMI, MP_EXTINT };

#define MP_ENABLED 1u    /* in the flags of CPUs and IO-APICs */
#define MP_ALL     0xffu /* as an APIC id: every one */

struct mp_cpu {
	uint8_t type, apic_id, version, flags;
	uint32_t signature, features, reserved[2];
} __attribute__((packed));

struct mp_bus {
	uint8_t type, id;
	char name[6]; /* padded with blanks */
} __attribute__((packed));

struct mp_ioapic {
	uint8_t type, id, version, flags;
	uint32_t address;
} __attribute__((packed));

struct mp_interrupt {
	uint8_t type, delivery;
	uint16_t flags;
	uint8_t bus, irq, apic_id, pin;
} __attribute__((packed));

struct mp_reader {
	struct board_reader board;
	uint64_t isa_bus[BITMAP_WORDS(256)]; /* ids of the buses whose irqs are the ISA ones */
};

int mptable_check_floating(const void *bytes, size_t available, uint32_t *config_address)
{
	const struct mp_floating *mp = bytes;

	if (memcmp(bytes, "_MP_", available < 4 ? available : 4) != 0)
		return -ENOENT;
	if (available < sizeof(*mp) || mp->length == 0 || mp->length * 16u > available)
		return -EMSGSIZE;
	if (acpi_checksum(bytes, mp->length * 16u) != 0)
		return -EINVAL;
	*config_address = mp->feature[0] == 0 ? mp->config : 0;
	return 0;
}

static void mp_read_cpu(struct mp_reader *r, const void *entry)
{
	const struct mp_cpu *e = entry;

	if (!(e->flags & MP_ENABLED))
		return;
	if (e->apic_id == MP_ALL)
		board_reader_complain(&r->board, -EINVAL, "a CPU with the broadcast APIC id");
	else
		board_add_cpu(&r->board, e->apic_id, e->apic_id);
}

static void mp_read_bus(struct mp_reader *r, const void *entry)
{
	const struct mp_bus *e = entry;

	if (memcmp(e->name, "ISA   ", 6) == 0 || memcmp(e->name, "EISA  ", 6) == 0)
		bitmap_set(r->isa_bus, e->id);
}

static void mp_read_ioapic(struct mp_reader *r, const void *entry)
{
	const struct mp_ioapic *e = entry;
	uint32_t gsi_base = r->board.b->nr_ioapics == 0 ? 0 : BOARD_GSI_UNKNOWN;

	if (e->flags & MP_ENABLED)
		board_add_ioapic(&r->board, e->id, e->address, gsi_base);
}

/* The gsi of an IO-APIC's pin. False, with a complaint: it cannot be told. */
static bool mp_find_gsi(struct mp_reader *r, const struct mp_interrupt *e, uint32_t *gsi)
{
	const struct board *b = r->board.b;

	for (unsigned i = 0; i < b->nr_ioapics; i++) {
		if (e->apic_id != MP_ALL && e->apic_id != b->ioapic[i].id)
			continue;
		if (b->ioapic[i].gsi_base == BOARD_GSI_UNKNOWN) {
			board_reader_complain(&r->board, -EINVAL,
					      "an ISA irq or NMI beyond the first IO-APIC");
			return false;
		}
		*gsi = b->ioapic[i].gsi_base + e->pin;
		return true;
	}
	board_reader_complain(&r->board, -EINVAL, "there is no IO-APIC of this id");
	return false;
}

static void mp_read_interrupt(struct mp_reader *r, const void *entry)
{
	const struct mp_interrupt *e = entry;
	bool isa = bitmap_test(r->isa_bus, e->bus);
	struct board_nmi nmi = {.is_gsi = true};

	/* SMIs are the firmware's; ExtINT is the PIC's own wire, not a device's. */
	if (e->delivery == MP_NMI) {
		if (mp_find_gsi(r, e, &nmi.gsi))
			board_add_nmi(&r->board, &nmi, e->flags);
	} else if (e->delivery == MP_INT && isa) {
		uint32_t gsi;

		if (mp_find_gsi(r, e, &gsi))
			board_set_isa_route(&r->board, e->irq, gsi, e->flags);
	}
}

static void mp_read_local_interrupt(struct mp_reader *r, const void *entry)
{
	const struct mp_interrupt *e = entry;
	struct board_nmi nmi = {
		.acpi_uid = e->apic_id == MP_ALL ? BOARD_EVERY_CPU : e->apic_id,
		.lint = e->pin,
	};

	if (e->delivery == MP_NMI)
		board_add_nmi(&r->board, &nmi, e->flags);
}

static const struct {
	uint8_t size;
	bool names_others; /* read in the second walk */
	void (*read)(struct mp_reader *r, const void *entry);
} mp_kinds[] = {
	[MP_CPU] = {sizeof(struct mp_cpu), false, mp_read_cpu},
	[MP_BUS] = {sizeof(struct mp_bus), false, mp_read_bus},
	[MP_IOAPIC] = {sizeof(struct mp_ioapic), false, mp_read_ioapic},
	[MP_INTERRUPT] = {sizeof(struct mp_interrupt), true, mp_read_interrupt},
	[MP_LOCAL_INTERRUPT] = {sizeof(struct mp_interrupt), true, mp_read_local_interrupt},
};

#define MP_KINDS (sizeof(mp_kinds) / sizeof(mp_kinds[0]))

/* Reads the entries of one walk. Both walks end at the same entry when one is broken. */
static void mp_walk(struct mp_reader *r, const struct mp_config *config, bool second)
{
	size_t offset = sizeof(*config);

	for (unsigned n = config->entries; n > 0; n--) {
		r->board.offset = offset;
		r->board.type = 0;
		if (offset == config->length) {
			board_reader_complain(&r->board, -EMSGSIZE,
					      "fewer entries than the header counts");
			return;
		}

		const uint8_t *entry = (const uint8_t *)config + offset;

		r->board.type = entry[0];
		if (entry[0] >= MP_KINDS) {
			board_reader_complain(&r->board, -EINVAL,
					      "unknown, so of unknown length");
			return;
		}
		if (mp_kinds[entry[0]].size > config->length - offset) {
			board_reader_complain(&r->board, -EMSGSIZE,
					      "runs past the table's end");
			return;
		}
		if (mp_kinds[entry[0]].names_others == second)
			mp_kinds[entry[0]].read(r, entry);
		offset += mp_kinds[entry[0]].size;
	}
	r->board.offset = offset;
	if (offset < config->length)
		board_reader_complain(&r->board, 0, "bytes after the last entry are ignored");
}

/* NULL, or what is wrong with the header. */
static const char *mp_header_fault(const struct mp_config *config, size_t available, int *error)
{
	*error = -EMSGSIZE;
	if (available < sizeof(*config) || config->length < sizeof(*config) ||
	    config->length > available)
		return "shorter or longer than it says";
	*error = -EINVAL;
	return acpi_checksum(config, config->length) != 0 ? "bad checksum" : NULL;
}

int mptable_parse(const void *config, size_t available, struct board *b, const char **why)
{
	const struct mp_config *header = config;
	struct mp_reader r = {0};
	const char *fault = "no signature";
	int error = -EINVAL;

	board_reader_start(&r.board, b, "MP table");
	if (memcmp(config, "PCMP", available < 4 ? available : 4) == 0)
		fault = mp_header_fault(header, available, &error);
	if (fault) {
		board_reader_complain(&r.board, error, fault);
	} else {
		board_set_lapic(&r.board, header->lapic_address);
		b->has_pic = true; /* chapter 3: an MP system is a PC and has its 8259s */
		mp_walk(&r, header, false);
		mp_walk(&r, header, true);
	}
	*why = board_reader_why(&r.board);
	return r.board.error;
}

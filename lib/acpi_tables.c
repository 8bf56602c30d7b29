/* SPDX-License-Identifier: MIT */
/* The root pointer and the header that all ACPI tables share. */
#include "lib/acpi_tables.h"
#include "lib/errno.h"
#include "lib/string.h"

struct rsdp {
	char signature[8];
	uint8_t checksum; /* of the first 20 bytes, which are all that revision 0 has */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum; /* of all `length` bytes */
	uint8_t reserved[3];
} __attribute__((packed));

#define RSDP_V1_LENGTH 20u

struct sdt_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	uint32_t creator_id;
	uint32_t creator_revision;
} __attribute__((packed));

_Static_assert(sizeof(struct rsdp) == 36, "ACPI 6.5, 5.2.5.3");
_Static_assert(sizeof(struct sdt_header) == 36, "ACPI 6.5, 5.2.6");

uint8_t acpi_checksum(const void *bytes, size_t length)
{
	const uint8_t *p = bytes;
	unsigned sum = 0;

	while (length--)
		sum += *p++;
	return (uint8_t)sum;
}

int acpi_parse_rsdp(const void *bytes, size_t available, struct acpi_rsdp_info *out)
{
	const struct rsdp *rsdp = bytes;
	bool extended;

	if (memcmp(bytes, "RSD PTR ", available < 8 ? available : 8) != 0)
		return -ENOENT;
	if (available < RSDP_V1_LENGTH)
		return -EMSGSIZE;
	if (acpi_checksum(bytes, RSDP_V1_LENGTH) != 0)
		return -EINVAL;
	extended = rsdp->revision >= 2;
	if (extended) {
		if (available < sizeof(*rsdp) || rsdp->length < sizeof(*rsdp) ||
		    rsdp->length > available)
			return -EMSGSIZE;
		if (acpi_checksum(bytes, rsdp->length) != 0)
			return -EINVAL;
	}
	*out = (struct acpi_rsdp_info){
		.rsdt = rsdp->rsdt,
		.xsdt = extended ? rsdp->xsdt : 0,
		.revision = rsdp->revision,
	};
	return 0;
}

long acpi_check_table(const void *bytes, size_t available, const char *signature)
{
	const struct sdt_header *header = bytes;

	if (memcmp(bytes, signature, available < 4 ? available : 4) != 0)
		return -ENOENT;
	if (available < sizeof(*header) || header->length < sizeof(*header) ||
	    header->length > available)
		return -EMSGSIZE;
	if (acpi_checksum(bytes, header->length) != 0)
		return -EINVAL;
	return header->length;
}

size_t acpi_sdt_entries(size_t table_length, bool wide)
{
	size_t entry = wide ? sizeof(uint64_t) : sizeof(uint32_t);

	if (table_length < sizeof(struct sdt_header))
		return 0;
	return (table_length - sizeof(struct sdt_header)) / entry;
}

uint64_t acpi_sdt_entry(const void *table, size_t i, bool wide)
{
	const uint8_t *entries = (const uint8_t *)table + sizeof(struct sdt_header);
	uint64_t address = 0;

	/* An XSDT's entries lie four bytes off any natural alignment. */
	if (wide)
		memcpy(&address, entries + i * sizeof(uint64_t), sizeof(uint64_t));
	else
		memcpy(&address, entries + i * sizeof(uint32_t), sizeof(uint32_t));
	return address;
}

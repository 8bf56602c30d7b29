/* SPDX-License-Identifier: MIT */
/* What tells about the board: ACPI's tables, the MP table, PCI capabilities, of any bytes.
 * First byte: which; with its highest bit the checksum is made right first, as nobody guesses
 * one. */
#include "tests/fuzz/fuzz.h"

#include "lib/acpi_tables.h"
#include "lib/errno.h"
#include "lib/pci_caps.h"

#define SEALED 0x80

/* The byte at `at` is set so that n bytes add up to 0, as far as they are there. */
static void seal(uint8_t *bytes, size_t size, size_t at, size_t n)
{
	uint8_t sum = 0;

	if (at >= n || n > size)
		return;
	bytes[at] = 0;
	for (size_t i = 0; i < n; i++)
		sum += bytes[i];
	bytes[at] = -sum;
}

static uint32_t length_at(const uint8_t *bytes, size_t size, size_t at, size_t width)
{
	uint32_t n = 0;

	if (at + width <= size)
		memcpy(&n, bytes + at, width);
	return n;
}

static void check_board(const struct board *b, int err, const char *why)
{
	fuzz_assert(err == 0 || err == -EINVAL || err == -EMSGSIZE);
	fuzz_assert(why ? why == b->why && *why && strlen(why) < BOARD_WHY_SIZE : !err);
	fuzz_assert(b->nr_cpus <= BOARD_MAX_CPUS && b->nr_ioapics <= BOARD_MAX_IOAPICS);
	fuzz_assert(b->nr_nmi <= BOARD_MAX_NMI && b->lapic_address);
	for (unsigned i = 0; i < b->nr_cpus; i++)
		for (unsigned j = 0; j < i; j++)
			fuzz_assert(b->apic_id[i] != b->apic_id[j]);
	for (unsigned i = 0; i < b->nr_ioapics; i++)
		fuzz_assert(b->ioapic[i].address);
	for (unsigned i = 0; i < BOARD_NR_ISA_IRQS; i++)
		fuzz_assert(b->isa[i].overridden || b->isa[i].gsi == i);
	for (unsigned i = 0; i < b->nr_nmi; i++)
		fuzz_assert(b->nmi[i].is_gsi || b->nmi[i].lint <= 1);
}

static void fuzz_madt(const uint8_t *table, size_t size)
{
	struct board b;
	const char *why;
	int err;

	board_init(&b);
	err = madt_parse(table, size, &b, &why);
	check_board(&b, err, why);
}

static void fuzz_mptable(const uint8_t *table, size_t size)
{
	struct board b;
	const char *why;
	int err;

	board_init(&b);
	err = mptable_parse(table, size, &b, &why);
	check_board(&b, err, why);
}

static void fuzz_fadt(const uint8_t *table, size_t size)
{
	struct acpi_fixed f;
	int err = acpi_parse_fadt(table, size, &f);

	fuzz_assert(!err || err == -ENODEV || err == -EINVAL || err == -EMSGSIZE ||
		    err == -ENOENT);
	if (err)
		return;
	/* Two registers of 16 bits at the least each, one behind the other. */
	fuzz_assert(f.sci && f.status && f.control && f.enable >= f.status + 2);
	fuzz_assert(f.enable <= UINT16_MAX - 1 && f.control <= UINT16_MAX - 1);
	fuzz_assert(f.acpi_enable || !f.smi_command);
}

/* The root pointer, and the list to which it points. */
static void fuzz_root(const uint8_t *table, size_t size)
{
	struct acpi_rsdp_info rsdp = {0};
	bool wide = !acpi_parse_rsdp(table, size, &rsdp) && rsdp.xsdt;
	long length = acpi_check_table(table, size, "XSDT");
	uint64_t sum = rsdp.rsdt;

	fuzz_assert(rsdp.revision >= 2 || !rsdp.xsdt);
	fuzz_assert(length < 0 || (length >= 36 && (size_t)length <= size));
	for (unsigned i = 0; i < 2; i++, wide = !wide)
		for (size_t n = acpi_sdt_entries(length < 0 ? 0 : length, wide); n > 0; n--)
			sum += acpi_sdt_entry(table, n - 1, wide);
	fuzz_assert(length >= 0 || sum == rsdp.rsdt);
}

static void fuzz_floating(const uint8_t *table, size_t size)
{
	uint32_t config = 77;

	if (mptable_check_floating(table, size, &config))
		fuzz_assert(config == 77);
}

struct space {
	const uint8_t *bytes;
	size_t size;
	unsigned reads;
};

static uint16_t space_read(unsigned offset, void *ctx)
{
	struct space *s = ctx;

	s->reads++;
	fuzz_assert(offset % 2 == 0 && offset < 256);
	return length_at(s->bytes, s->size, offset, 2);
}

static void check_msi(struct space *s, unsigned at)
{
	struct pci_msi_cap msi;

	if (pci_caps_msi(space_read, s, at, &msi))
		return;
	/* One register behind the other, all before the end. */
	fuzz_assert(msi.control == at + 2 && msi.address == at + 4);
	fuzz_assert(msi.data >= msi.address + 4 && msi.data + 2u <= 256);
	fuzz_assert(!msi.mask || (msi.mask == msi.data + 4 && msi.mask + 8u <= 256));
	fuzz_assert(msi.messages && msi.messages <= 32);
}

static void check_msix(struct space *s, unsigned at, const uint64_t *bar_bytes)
{
	struct pci_msix_cap msix;

	if (pci_caps_msix(space_read, s, at, bar_bytes, &msix))
		return;
	fuzz_assert(msix.bar < 6 && msix.pending_bar < 6 && msix.entries <= 2048);
	fuzz_assert(msix.table + msix.entries * 16ull <= bar_bytes[msix.bar]);
	fuzz_assert(msix.pending + (msix.entries + 63ull) / 64 * 8 <=
		    bar_bytes[msix.pending_bar]);
}

/* The table: sizes of the BARs, where in the list there is another capability of either kind,
 * then configuration space. */
static void fuzz_pci(const uint8_t *table, size_t size)
{
	struct fuzz f = {table, size};
	uint64_t bar_bytes[6];
	unsigned at, other, first;
	struct space s;

	for (unsigned i = 0; i < COUNT(bar_bytes); i++)
		bar_bytes[i] = fuzz_u32(&f);
	other = 0x40 + fuzz_u8(&f) % 48 * 4;
	s = (struct space){f.bytes, f.left, 0};
	first = length_at(f.bytes, f.left, 0x34, 1);
	at = pci_caps_find(space_read, &s, first, 5);
	fuzz_assert((!at || (at >= 0x40 && at <= 0xfc)) && s.reads <= 48);
	check_msi(&s, at ? at : other);
	check_msi(&s, other);
	at = pci_caps_find(space_read, &s, first, 0x11);
	check_msix(&s, at ? at : other, bar_bytes);
	check_msix(&s, other, bar_bytes);
}

/* Where each kind has its checksum, and its length (size 0: it has none, and these many). */
static const struct {
	void (*fuzz)(const uint8_t *table, size_t size);
	uint8_t checksum, at, width, unit;
} kinds[] = {
	{fuzz_madt, 9, 4, 4, 1},    {fuzz_fadt, 9, 4, 4, 1},       {fuzz_root, 9, 4, 4, 1},
	{fuzz_mptable, 7, 4, 2, 1}, {fuzz_floating, 10, 8, 1, 16}, {fuzz_pci, 255, 0, 0, 0},
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz f = {bytes, size};
	uint8_t first = fuzz_u8(&f);
	unsigned kind = (first & 0x7f) % COUNT(kinds);
	size_t n = f.left;
	uint8_t *table = fuzz_copy(&f, &n);

	if (first & SEALED) {
		uint32_t length = length_at(table, n, kinds[kind].at, kinds[kind].width);

		seal(table, n, kinds[kind].checksum, length * kinds[kind].unit);
		if (kinds[kind].fuzz == fuzz_root && n > 8 && table[0] == 'R') {
			seal(table, n, 8, 20); /* a root pointer: two sums, the longer last */
			seal(table, n, 32, length_at(table, n, 20, 4));
		}
	}
	kinds[kind].fuzz(table, n);
	free(table);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "drivers/acpi/acpi.h"

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "drivers/acpi/mptable.h"
#include "drivers/acpi/scan.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RSDP_BYTES         36u
#define SDT_HEADER_BYTES   36u
#define SDT_LENGTH_AT      4
#define TABLE_BYTES_MAX    (1u << 20) /* longer than any real one: a lying length */
#define DEFAULT_IOAPIC     0xfec00000u
#define IOAPIC_VERSION_REG 1
#define CPUID1_EDX_APIC    (1u << 9)
#define APIC_BASE_ADDRESS  0xffffff000ull

static struct acpi_rsdp_info rsdp;

static bool rsdp_accept(const void *bytes, size_t available)
{
	return acpi_parse_rsdp(bytes, available, &rsdp) == 0;
}

/* ACPI 6.5, 5.2.5.1: the first KiB of the EBDA, or the BIOS's ROM area. */
static bool rsdp_find(uint64_t hint)
{
	uintptr_t ebda;

	if (hint) {
		if (firmware_map(hint, RSDP_BYTES) &&
		    rsdp_accept((const void *)(uintptr_t)hint, RSDP_BYTES))
			return true;
		printk_warn("acpi: no valid RSDP at 0x%llx, where the loader says it is\n",
			    (unsigned long long)hint);
	}
	ebda = firmware_ebda();
	if (ebda && firmware_scan(ebda, ebda + 0x400, "RSD PTR ", rsdp_accept))
		return true;
	return firmware_scan(0xe0000, 0x100000, "RSD PTR ", rsdp_accept) != 0;
}

/* Maps a table, header first because the length is in it, and checks it. signature NULL: any.
 * Its length, or 0. */
static size_t table_open(uint64_t address, const char *signature)
{
	const char *table = (const char *)(uintptr_t)address;
	uint32_t length;
	long ret;

	if (!firmware_map(address, SDT_HEADER_BYTES))
		return 0;
	if (memcmp(table, signature, 4) != 0)
		return 0;
	memcpy(&length, table + SDT_LENGTH_AT, sizeof(length));
	if (length > TABLE_BYTES_MAX || !firmware_map(address, length))
		ret = -EMSGSIZE;
	else
		ret = acpi_check_table(table, length, signature);
	if (ret > 0)
		return (size_t)ret;
	printk_warn("acpi: %s at 0x%llx, length %u: %s\n", signature,
		    (unsigned long long)address, length,
		    ret == -EINVAL ? "wrong checksum" : "impossible length");
	return 0;
}

static uintptr_t sdt_search(uint64_t sdt, bool wide, const char *signature)
{
	size_t length = sdt ? table_open(sdt, wide ? "XSDT" : "RSDT") : 0;
	const void *table = (const void *)(uintptr_t)sdt;

	for (size_t i = 0; length && i < acpi_sdt_entries(length, wide); i++) {
		uint64_t entry = acpi_sdt_entry(table, i, wide);

		if (table_open(entry, signature))
			return (uintptr_t)entry;
	}
	return 0;
}

uintptr_t acpi_find_table(const char *signature)
{
	uintptr_t at = sdt_search(rsdp.xsdt, true, signature);

	return at ? at : sdt_search(rsdp.rsdt, false, signature);
}

int acpi_read_fixed(struct acpi_fixed *out)
{
	uintptr_t at = acpi_find_table("FACP");
	uint32_t length;

	if (!at)
		return -ENOENT;
	memcpy(&length, (const char *)at + SDT_LENGTH_AT, sizeof(length));
	return acpi_parse_fadt((const void *)at, length, out);
}

static bool board_from_madt(uint64_t rsdp_hint, struct board *out)
{
	const char *why = NULL;
	uintptr_t madt;

	if (!rsdp_find(rsdp_hint))
		return false;
	madt = acpi_find_table("APIC");
	if (!madt) {
		printk_warn("acpi: tables, but no usable MADT among them\n");
		return false;
	}
	madt_parse((const void *)madt, table_open(madt, "APIC"), out, &why);
	/* An entry that cannot be true is left out, and the rest holds. But a table that breaks off
	 * may lack the one override without which no timer ticks. */
	if (why)
		printk_warn("acpi: %s%s\n", why, out->whole ? "" : "; the MADT is not used");
	return out->whole;
}

static bool board_from_mptable(struct board *out)
{
	const char *why = "";
	int err = mptable_init(out, &why);

	if (err && err != -ENOENT)
		printk_warn("mptable: %s; it is not used\n", why);
	return err == 0;
}

/* A real IO-APIC answers with its version; absent memory reads all ones (or zero). */
static bool ioapic_answers(uint64_t address)
{
	volatile uint32_t *regs = paging_map_device(address, 0x20);
	uint32_t version;

	if (!regs)
		return false;
	regs[0] = IOAPIC_VERSION_REG;
	version = regs[4];
	return version != 0 && version != UINT32_MAX;
}

/* What every PC has: this CPU, a PIC (whether it answers is seen later), and an IO-APIC with
 * the timer on pin 2. */
static void board_from_habit(struct board *out)
{
	struct cpuid_regs id = cpuid(1, 0);

	out->has_pic = true;
	out->nr_cpus = 1;
	out->apic_id[0] = id.ebx >> 24;
	if (!(id.edx & CPUID1_EDX_APIC))
		return;
	out->lapic_address = rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS;
	if (!ioapic_answers(DEFAULT_IOAPIC))
		return;
	out->nr_ioapics = 1;
	out->ioapic[0] = (struct board_ioapic){.address = DEFAULT_IOAPIC};
	out->isa[0].gsi = 2;
	out->isa[0].overridden = true;
}

static enum acpi_source board_find(uint64_t rsdp_hint, struct board *out)
{
	board_init(out);
	if (board_from_madt(rsdp_hint, out))
		return ACPI_MADT;
	board_init(out); /* without what a lying table left */
	if (board_from_mptable(out))
		return ACPI_MPTABLE;
	board_init(out);
	board_from_habit(out);
	return ACPI_NOTHING;
}

enum acpi_source acpi_init(uint64_t rsdp_hint, struct board *out)
{
	static const char *const names[] = {"MADT", "MP table", "no tables, as every PC"};
	enum acpi_source source = board_find(rsdp_hint, out);

	printk("acpi: %s: cpus %u, ioapics %u, lapic 0x%llx\n", names[source], out->nr_cpus,
	       out->nr_ioapics, (unsigned long long)out->lapic_address);
	if (out->nr_cpus_ignored)
		printk_warn("acpi: %u CPUs more than the %u that fit\n", out->nr_cpus_ignored,
			    BOARD_MAX_CPUS);
	return source;
}

static void sdt_print(uint64_t sdt, bool wide)
{
	size_t length = table_open(sdt, wide ? "XSDT" : "RSDT");
	const void *table = (const void *)(uintptr_t)sdt;

	for (size_t i = 0; length && i < acpi_sdt_entries(length, wide); i++) {
		uint64_t at = acpi_sdt_entry(table, i, wide);
		const char *entry = (const char *)(uintptr_t)at;
		uint32_t bytes;

		if (!firmware_map(at, SDT_HEADER_BYTES))
			continue;
		memcpy(&bytes, entry + SDT_LENGTH_AT, sizeof(bytes));
		printk("%.4s 0x%llx, %u bytes\n", entry, (unsigned long long)at, bytes);
	}
}

SHELL_COMMAND(acpi, "", "the firmware's tables")
{
	if (rsdp.xsdt)
		sdt_print(rsdp.xsdt, true);
	else if (rsdp.rsdt)
		sdt_print(rsdp.rsdt, false);
	else
		printk("acpi: there are no tables\n");
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* What a loader tells, of any bytes, at the very end of what is mapped when it is read; and the
 * command line among it, taken apart as options. Behind the end nothing can be read. Before the
 * input there are zeros, not all 128 MiB of them, which would take a long time to read. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "tests/fuzz/fuzz.h"

#include "boot/boot_info.h"
#include "lib/option.h"
#include "lib/string.h"

#define MEMORY    0x10000ul
#define MEMORY_AT (BOOT_MAP_END - MEMORY)

/* Where a protocol's structure has addresses. Small ones are taken from the input's beginning
 * on, others from the memory's, but those beyond what is mapped as they are. */
static const struct {
	uint8_t count, at[3], width;
} addresses[] = {
	[BOOT_MULTIBOOT] = {2, {16, 48}, 4},
	[BOOT_PVH] = {3, {24, 32, 40}, 8},
	[BOOT_LINUX] = {2, {0, 8}, 4},
};

static uint64_t moved(uint64_t address, uint64_t base)
{
	if (!address || address >= MEMORY_AT)
		return address;
	return address < BOOT_MAP_END - base ? base + address : MEMORY_AT + address % MEMORY;
}

static void relocate(uint8_t *bytes, size_t size, unsigned protocol, uint64_t base)
{
	for (unsigned i = 0; i < addresses[protocol].count; i++) {
		size_t at = addresses[protocol].at[i], width = addresses[protocol].width;
		uint64_t address = 0;

		if (at + width > size)
			continue;
		memcpy(&address, bytes + at, width);
		address = moved(address, base);
		memcpy(bytes + at, &address, width);
	}
}

static void map_memory(void)
{
	static bool done;
	void *memory;

	if (done)
		return;
	memory = mmap((void *)MEMORY_AT, MEMORY, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	fuzz_assert(memory == (void *)MEMORY_AT);
	memory = mmap((void *)BOOT_MAP_END, BOOT_MAP_END, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	fuzz_assert(memory == (void *)BOOT_MAP_END);
	done = true;
}

static struct {
	uint64_t start, end;
} piece[2 * BOOT_MAX_REGIONS];
static unsigned nr_pieces;

static uint64_t region_end(const struct boot_region *r)
{
	return r->length > UINT64_MAX - r->base ? UINT64_MAX : r->base + r->length;
}

/* Within what is RAM, not within what is reserved, and nothing twice. */
static void take_piece(uint64_t start, uint64_t end)
{
	bool ram = false;

	fuzz_assert(start < end && start >= 0x1000 && end <= 1ull << 46);
	for (unsigned i = 0; i < boot_info.nr_regions; i++) {
		const struct boot_region *r = &boot_info.region[i];

		ram = ram || (r->usable && r->base <= start && end <= region_end(r));
		fuzz_assert(r->usable || end <= r->base || region_end(r) <= start);
	}
	fuzz_assert(ram);
	for (unsigned i = 0; i < nr_pieces; i++)
		fuzz_assert(end <= piece[i].start || piece[i].end <= start);
	fuzz_assert(nr_pieces < COUNT(piece));
	piece[nr_pieces].start = start;
	piece[nr_pieces++].end = end;
}

static struct {
	bool flag;
	uint64_t number;
	unsigned choice;
	char guard_before, text[16], guard_behind;
} set;

static const struct option options[] = {
	{"noapic", OPTION_FLAG, &set.flag, 0, NULL},
	{"seed", OPTION_U64, &set.number, 0, NULL},
	{"route", OPTION_CHOICE, &set.choice, 0, "auto,intx,gsi,vector"},
	{"test", OPTION_STRING, set.text, sizeof(set.text), NULL},
};

static void complain(const char *sentence, void *ctx)
{
	fuzz_assert(*sentence && strlen(sentence) < 256);
	(*(unsigned *)ctx)++;
}

static void take_options(const char *text)
{
	size_t n = strlen(text);
	char *line = fuzz_alloc(n);
	unsigned complaints = 0;

	memcpy(line, text, n); /* without an end */
	memset(&set, 0, sizeof(set));
	fuzz_assert(option_parse(line, n, options, COUNT(options), complain, &complaints) ==
		    complaints);
	fuzz_assert(set.choice < 4 && memchr(set.text, 0, sizeof(set.text)));
	fuzz_assert(!set.guard_before && !set.guard_behind);
	fuzz_assert(memcmp(line, text, n) == 0);
	(void)str_list_has(text, "loop");
	if (!str_to_u64(text, &set.number))
		fuzz_assert(n && n < BOOT_CMDLINE_MAX &&
			    strspn(text, "0123456789abcdefABCDEFxX") == n);
	free(line);
}

/* First byte: the protocol and, above it, where the structure begins. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz f = {bytes, size};
	uint8_t first = fuzz_u8(&f), skip = first / COUNT(addresses);
	unsigned protocol = first % COUNT(addresses);
	size_t n = f.left > 64 ? f.left : 64;
	uint64_t base = BOOT_MAP_END - n;

	map_memory();
	fuzz_take(&f, (void *)base, n);
	relocate((uint8_t *)base + skip, n - skip, protocol, base);
	memset(&boot_info, 0, sizeof(boot_info));
	boot_info_init(protocol, (uint32_t)base + skip);
	fuzz_assert(boot_info.protocol <= BOOT_LINUX && *boot_info.protocol_name);
	fuzz_assert(boot_info.nr_regions && boot_info.nr_regions <= BOOT_MAX_REGIONS);
	fuzz_assert(memchr(boot_info.cmdline, 0, BOOT_CMDLINE_MAX));
	nr_pieces = 0;
	boot_for_each_ram(0x1000, 1ull << 46, take_piece);
	take_options(boot_info.cmdline);
	memset((void *)base, 0, n);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "drivers/acpi/mptable.h"

#include "drivers/acpi/scan.h"
#include "lib/errno.h"
#include "lib/string.h"

#define CONFIG_HEADER_BYTES 44 /* MP specification 1.4, 4.2 */
#define CONFIG_LENGTH_AT    4

static bool mptable_accept(const void *bytes, size_t available)
{
	uint32_t config;

	return mptable_check_floating(bytes, available, &config) == 0;
}

/* The first KiB of the EBDA, the last of base memory, the BIOS's ROM. */
static uintptr_t mptable_find_floating(void)
{
	uintptr_t ebda = firmware_ebda();
	uintptr_t at = 0;

	if (ebda)
		at = firmware_scan(ebda, ebda + 0x400, "_MP_", mptable_accept);
	if (!at)
		at = firmware_scan(0x9fc00, 0xa0000, "_MP_", mptable_accept);
	if (!at)
		at = firmware_scan(0xf0000, 0x100000, "_MP_", mptable_accept);
	return at;
}

int mptable_init(struct board *out, const char **why)
{
	uintptr_t floating = mptable_find_floating();
	uint32_t config = 0;
	uint16_t length;

	if (!floating)
		return -ENOENT;
	*why = "the configuration table cannot be read";
	if (mptable_check_floating((const void *)floating, 16, &config) || !config ||
	    !firmware_map(config, CONFIG_HEADER_BYTES))
		return -EINVAL;
	memcpy(&length, (const char *)(uintptr_t)config + CONFIG_LENGTH_AT, sizeof(length));
	if (!firmware_map(config, length))
		return -EINVAL;
	return mptable_parse((const void *)(uintptr_t)config, length, out, why);
}

/* SPDX-License-Identifier: MIT */
/* Names for addresses, from the table that boot/symbols.sh makes after the first link. */
#include "kernel/panic.h"

#include "arch/x86/sections.h"
#include "lib/string.h"

extern const uint32_t symbol_addresses[], symbol_count;
extern const char symbol_names[];

const char *symbol_lookup(uintptr_t address, uintptr_t *offset)
{
	const char *name = symbol_names;
	uint32_t i = 0;

	*offset = 0;
	if (address < (uintptr_t)_text_start || address >= (uintptr_t)_text_end ||
	    !symbol_count || address < symbol_addresses[0])
		return "?";
	/* Ascending; a walk is fast enough for a panic. */
	while (i + 1 < symbol_count && symbol_addresses[i + 1] <= address) {
		name += strlen(name) + 1;
		i++;
	}
	*offset = address - symbol_addresses[i];
	return name;
}

/* SPDX-License-Identifier: MIT */
/* Names for addresses, from the table that boot/symbols.sh makes after the first link. */
#include "kernel/panic.h"

#include "arch/x86/sections.h"
#include "lib/string.h"

extern const uint32_t symbol_first, symbol_count;
extern const uint16_t symbol_steps[];
extern const char symbol_names[];

const char *symbol_lookup(uintptr_t address, uintptr_t *offset)
{
	const char *name = symbol_names;
	uintptr_t start = symbol_first;

	*offset = 0;
	if (address < (uintptr_t)_text_start || address >= (uintptr_t)_text_end ||
	    !symbol_count || address < start)
		return "?";
	/* Ascending; a walk is fast enough for a panic. */
	for (uint32_t i = 0; i + 1 < symbol_count && start + symbol_steps[i] <= address; i++) {
		start += symbol_steps[i];
		name += strlen(name) + 1;
	}
	*offset = address - start;
	return name;
}

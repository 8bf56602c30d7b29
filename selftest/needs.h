/* SPDX-License-Identifier: MIT */
/* What many tests need: without it the running one is skipped, with the reason. (A call each,
 * for there are a hundred of them.) */
#ifndef SELFTEST_NEEDS_H
#define SELFTEST_NEEDS_H

#include <stdbool.h>

bool needs_xen(void);
bool needs_daisy(void); /* Xen, and irqs of channels */
bool needs_reach(void); /* Xen, and an upcall on every CPU */
bool needs_store(void); /* Xen, and its store */
bool needs_cpus(void);	/* more than one */
bool needs_lapic(void);
bool needs_ioapic(void);

/* NEEDS(xen); at the beginning of a test. */
#define NEEDS(what)                  \
	do {                         \
		if (!needs_##what()) \
			return;      \
	} while (0)

#endif

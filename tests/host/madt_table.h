/* SPDX-License-Identifier: MIT */
/* MADTs built by hand, and one place from which they are parsed. */
#ifndef TESTS_HOST_MADT_TABLE_H
#define TESTS_HOST_MADT_TABLE_H

#include "tests/host/board_check.h"
#include "tests/host/table.h"

/* Parses the first `available` bytes (board_check.h). */
int madt_try_bytes(const struct table *t, size_t available);
/* The whole table, with its length and sum set right first. */
int madt_try(struct table *t);

void madt_start(struct table *t, uint32_t flags);
void madt_add_lapic(struct table *t, unsigned uid, unsigned id, uint32_t flags);
void madt_add_ioapic(struct table *t, unsigned id, uint32_t address, uint32_t base);
void madt_add_override(struct table *t, unsigned irq, uint32_t gsi, unsigned flags);
void madt_add_nmi_source(struct table *t, unsigned flags, uint32_t gsi);
void madt_add_lapic_nmi(struct table *t, unsigned uid, unsigned flags, unsigned lint);
void madt_add_lapic_address(struct table *t, uint64_t address);
void madt_add_x2apic(struct table *t, uint32_t id, uint32_t flags, uint32_t uid);
void madt_add_x2apic_nmi(struct table *t, unsigned flags, uint32_t uid, unsigned lint);
/* Like what hvmloader makes for two CPUs: the others are there but not enabled. */
void madt_build_usual(struct table *t);

#endif

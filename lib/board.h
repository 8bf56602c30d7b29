/* SPDX-License-Identifier: MIT */
/* What the board tells about its interrupt hardware, and the few functions through which the
 * readers of its tables (lib/madt.c, lib/mptable.c) fill it in. */
#ifndef LIB_BOARD_H
#define LIB_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOARD_MAX_IOAPICS   8
#define BOARD_MAX_CPUS      288
#define BOARD_NR_ISA_IRQS   16
#define BOARD_MAX_NMI       16
#define BOARD_WHY_SIZE      128
#define BOARD_EVERY_CPU     UINT32_MAX /* as an acpi_uid: all of them */
#define BOARD_GSI_UNKNOWN   UINT32_MAX /* as a gsi_base: see struct board_ioapic */
#define BOARD_LAPIC_ADDRESS 0xfee00000u

enum board_polarity { POLARITY_HIGH, POLARITY_LOW };
enum board_trigger { TRIGGER_EDGE, TRIGGER_LEVEL };

/* Where an ISA irq arrives: without an override gsi == irq, edge, active high. */
struct board_isa_route {
	uint32_t gsi;
	enum board_polarity polarity;
	enum board_trigger trigger;
	bool overridden;
};

/* gsi_base: the MADT says it. An MP table does not: there it is 0 for the first IO-APIC and
 * BOARD_GSI_UNKNOWN for each other one, whose gsis follow the pins of the one before it; only
 * the chip's version register tells how many those are. */
struct board_ioapic {
	uint32_t id;
	uint32_t address;
	uint32_t gsi_base;
};

struct board_nmi {
	bool is_gsi; /* an NMI source on a gsi; else a LINT pin of a CPU */
	uint32_t gsi;
	uint32_t acpi_uid; /* see board.acpi_uid; BOARD_EVERY_CPU */
	uint8_t lint;
	enum board_polarity polarity;
	enum board_trigger trigger;
};

/* What the board told about its interrupt hardware, from the MADT, the MP table or, where there
 * is neither, from what every PC has. What did not fit is counted. */
struct board {
	uint64_t lapic_address;
	bool has_pic;
	unsigned nr_cpus;
	uint32_t apic_id[BOARD_MAX_CPUS];  /* enabled ones, in table order, each once */
	uint32_t acpi_uid[BOARD_MAX_CPUS]; /* of the same CPU; MP tables: its APIC id again */
	unsigned nr_cpus_ignored;          /* enabled, but beyond BOARD_MAX_CPUS */
	unsigned nr_cpus_offline;          /* not enabled, but could be plugged in later */
	unsigned nr_ioapics;
	struct board_ioapic ioapic[BOARD_MAX_IOAPICS];
	unsigned nr_ioapics_ignored;
	struct board_isa_route isa[BOARD_NR_ISA_IRQS];
	unsigned nr_nmi;
	struct board_nmi nmi[BOARD_MAX_NMI];
	unsigned nr_nmi_ignored;
	bool whole; /* a MADT has been read to its end: entries may be left out, none is missing */
	char why[BOARD_WHY_SIZE]; /* where a parser's *why points; "": nothing to say */
};

/* Identity ISA routes, LAPIC at 0xfee00000, no CPUs, no IO-APICs, no PIC. */
void board_init(struct board *b);

/* For the readers. A reader says where it is before each entry: a remark names it. */
struct board_reader {
	struct board *b;
	const char *table; /* "MADT" */
	unsigned type;
	size_t offset;
	uint16_t isa_seen; /* one bit for each ISA irq that has had its route */
	int error;         /* the first one, 0 so far */
};

/* Empties b->why. The entry that is being read is the table's header until the reader moves. */
void board_reader_start(struct board_reader *r, struct board *b, const char *table);

/* Puts a sentence into b->why: which entry, where, and the text. error is a negative errno, or
 * 0 for a remark. The first error stays; it replaces a remark; of remarks the first stays. */
void board_reader_complain(struct board_reader *r, int error, const char *text);

/* The sentence, or NULL when there is none; for *why. */
const char *board_reader_why(const struct board_reader *r);

/* Each of these refuses what cannot be true (-EINVAL through complain), and counts what does
 * not fit (a remark). */
void board_add_cpu(struct board_reader *r, uint32_t apic_id, uint32_t acpi_uid);
void board_add_ioapic(struct board_reader *r, uint32_t id, uint32_t address, uint32_t gsi_base);
void board_add_nmi(struct board_reader *r, const struct board_nmi *nmi, unsigned mps_flags);
void board_set_lapic(struct board_reader *r, uint64_t address);
/* A second route of one ISA irq replaces the first, with a remark: a table may correct itself,
 * and whoever reads on finds the last word. */
void board_set_isa_route(struct board_reader *r, unsigned irq, uint32_t gsi,
			 unsigned mps_flags);

#endif

/* SPDX-License-Identifier: MIT */
#include "lib/board.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

void board_init(struct board *b)
{
	memset(b, 0, sizeof(*b));
	b->lapic_address = BOARD_LAPIC_ADDRESS;
	for (unsigned irq = 0; irq < BOARD_NR_ISA_IRQS; irq++)
		b->isa[irq].gsi = irq;
}

void board_reader_start(struct board_reader *r, struct board *b, const char *table)
{
	*r = (struct board_reader){.b = b, .table = table};
	b->why[0] = '\0';
}

void board_reader_complain(struct board_reader *r, int error, const char *text)
{
	if (r->error || (r->b->why[0] && !error))
		return;
	r->error = error;
	if (r->offset == 0)
		fmt_snprintf(r->b->why, sizeof(r->b->why), "%s: %s", r->table, text);
	else
		fmt_snprintf(r->b->why, sizeof(r->b->why), "%s, entry of type %u at %zu: %s",
			     r->table, r->type, r->offset, text);
}

const char *board_reader_why(const struct board_reader *r)
{
	return r->b->why[0] ? r->b->why : NULL;
}

/* The MPS INTI flags, which the MADT has too: polarity in bits 0-1, trigger in bits 2-3; 0 is
 * "as the bus has it", and the bus is ISA: active high, edge. 2 is reserved. */
static bool board_take_flags(struct board_reader *r, unsigned flags,
			     enum board_polarity *polarity, enum board_trigger *trigger)
{
	if ((flags & 3) == 2 || (flags >> 2 & 3) == 2) {
		board_reader_complain(r, -EINVAL, "reserved polarity or trigger");
		return false;
	}
	*polarity = (flags & 3) == 3 ? POLARITY_LOW : POLARITY_HIGH;
	*trigger = (flags >> 2 & 3) == 3 ? TRIGGER_LEVEL : TRIGGER_EDGE;
	return true;
}

void board_add_cpu(struct board_reader *r, uint32_t apic_id, uint32_t acpi_uid)
{
	struct board *b = r->b;

	/* Twice the same CPU is once a CPU: a MADT may list it as local APIC and as x2APIC. */
	for (unsigned i = 0; i < b->nr_cpus; i++) {
		if (b->apic_id[i] == apic_id) {
			board_reader_complain(r, 0, "this CPU has been listed before");
			return;
		}
	}
	if (b->nr_cpus == BOARD_MAX_CPUS) {
		b->nr_cpus_ignored++;
		board_reader_complain(r, 0, "more CPUs than fit; the rest is counted");
		return;
	}
	b->apic_id[b->nr_cpus] = apic_id;
	b->acpi_uid[b->nr_cpus] = acpi_uid;
	b->nr_cpus++;
}

void board_add_ioapic(struct board_reader *r, uint32_t id, uint32_t address, uint32_t gsi_base)
{
	struct board *b = r->b;

	if (address == 0) {
		board_reader_complain(r, -EINVAL, "an IO-APIC at address 0");
		return;
	}
	if (b->nr_ioapics == BOARD_MAX_IOAPICS) {
		b->nr_ioapics_ignored++;
		board_reader_complain(r, 0, "more IO-APICs than fit; the rest is counted");
		return;
	}
	b->ioapic[b->nr_ioapics++] = (struct board_ioapic){id, address, gsi_base};
}

void board_add_nmi(struct board_reader *r, const struct board_nmi *nmi, unsigned mps_flags)
{
	struct board *b = r->b;
	struct board_nmi n = *nmi;

	if (!n.is_gsi && n.lint > 1) {
		board_reader_complain(r, -EINVAL, "an NMI on a LINT pin other than 0 and 1");
		return;
	}
	if (!board_take_flags(r, mps_flags, &n.polarity, &n.trigger))
		return;
	if (b->nr_nmi == BOARD_MAX_NMI) {
		b->nr_nmi_ignored++;
		board_reader_complain(r, 0, "more NMI sources than fit; the rest is counted");
		return;
	}
	b->nmi[b->nr_nmi++] = n;
}

void board_set_lapic(struct board_reader *r, uint64_t address)
{
	if (address == 0)
		board_reader_complain(r, -EINVAL, "the local APIC at address 0");
	else
		r->b->lapic_address = address;
}

void board_set_isa_route(struct board_reader *r, unsigned irq, uint32_t gsi, unsigned mps_flags)
{
	struct board_isa_route route = {.gsi = gsi, .overridden = true};

	if (irq >= BOARD_NR_ISA_IRQS) {
		board_reader_complain(r, -EINVAL, "there is no such ISA irq");
		return;
	}
	if (!board_take_flags(r, mps_flags, &route.polarity, &route.trigger))
		return;
	if (r->isa_seen >> irq & 1)
		board_reader_complain(r, 0, "a second route of this irq replaces the first");
	r->isa_seen |= (uint16_t)(1u << irq);
	r->b->isa[irq] = route;
}

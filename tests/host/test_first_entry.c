/* SPDX-License-Identifier: MIT */
/* The question of 2008 (docs: "how are those irq numbers allocated?"). One proposal was to take
 * the first entry of the irq table that has no chip. It works until a source arrives late whose
 * numbers are fixed by the board, such as an IO-APIC: its pins' numbers have been given away.
 * The same order of events goes well when the fixed ranges are reserved from the board's layout
 * first, and when taking what is taken is an error. */
#include "tests/host/test.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/numspace.h"

#define NR_IRQS     64u
#define NR_ISA      16u
#define IOAPIC_PINS 24u
#define GSI_TOP     IOAPIC_PINS /* one IO-APIC: gsis [0, 24) */
#define CHANNELS    4u

enum chip { NO_CHIP, CHIP_PIC, CHIP_IOAPIC, CHIP_EVTCHN };

/* An irq table, and beside each entry who else believes that the number is his. */
struct irq_desc {
	enum chip chip;
	unsigned owners;
};

/* The naive allocator: an entry without a chip is a free number. */
static int first_entry_alloc(struct irq_desc *table, enum chip chip)
{
	for (unsigned irq = 0; irq < NR_IRQS; irq++) {
		if (table[irq].chip == NO_CHIP) {
			table[irq].chip = chip;
			table[irq].owners++;
			return (int)irq;
		}
	}
	return -ENOSPC;
}

/* A source with a number of its own just writes its chip into the entry: nobody is asked. */
static void fixed_entry_claim(struct irq_desc *table, unsigned irq, enum chip chip)
{
	table[irq].chip = chip;
	table[irq].owners++;
}

static unsigned count_collisions(const struct irq_desc *table)
{
	unsigned n = 0;

	for (unsigned irq = 0; irq < NR_IRQS; irq++)
		n += table[irq].owners > 1;
	return n;
}

/* The order of events: the PIC, then the channels, then the IO-APIC. */
static void test_first_entry_without_a_chip_collides(void **state)
{
	struct irq_desc table[NR_IRQS] = {{NO_CHIP, 0}};
	int channel[CHANNELS];

	(void)state;
	for (unsigned irq = 0; irq < NR_ISA; irq++)
		fixed_entry_claim(table, irq, CHIP_PIC);
	for (unsigned i = 0; i < CHANNELS; i++)
		channel[i] = first_entry_alloc(table, CHIP_EVTCHN);
	assert_int_equal(count_collisions(table), 0); /* so far it looks well */

	for (unsigned pin = NR_ISA; pin < IOAPIC_PINS; pin++)
		fixed_entry_claim(table, pin, CHIP_IOAPIC);
	/* Each channel sits on a pin's number, and its chip has been replaced behind its back:
	 * it would now be acknowledged as a pin. */
	assert_int_equal(count_collisions(table), CHANNELS);
	for (unsigned i = 0; i < CHANNELS; i++) {
		assert_in_range(channel[i], NR_ISA, IOAPIC_PINS - 1);
		assert_int_equal(table[channel[i]].owners, 2);
		assert_int_equal(table[channel[i]].chip, CHIP_IOAPIC);
	}
}

static void test_reserved_ranges_do_not(void **state)
{
	struct irq_desc table[NR_IRQS] = {{NO_CHIP, 0}};
	uint64_t map[BITMAP_WORDS(NR_IRQS)];
	struct numspace irqs;

	(void)state;
	numspace_init(&irqs, map, NR_IRQS);
	/* The board's layout is known before the first driver, though the chips come later. */
	assert_int_equal(numspace_reserve_range(&irqs, 0, NR_ISA), 0);
	assert_int_equal(numspace_reserve_range(&irqs, NR_ISA, GSI_TOP), 0);

	for (unsigned irq = 0; irq < NR_ISA; irq++)
		fixed_entry_claim(table, irq, CHIP_PIC);
	for (unsigned i = 0; i < CHANNELS; i++) {
		int irq = numspace_alloc(&irqs, GSI_TOP, NR_IRQS);

		assert_int_equal(irq, GSI_TOP + i);
		fixed_entry_claim(table, (unsigned)irq, CHIP_EVTCHN);
	}
	for (unsigned pin = NR_ISA; pin < IOAPIC_PINS; pin++)
		fixed_entry_claim(table, pin, CHIP_IOAPIC);
	assert_int_equal(count_collisions(table), 0);
	for (unsigned i = 0; i < CHANNELS; i++)
		assert_int_equal(table[GSI_TOP + i].chip, CHIP_EVTCHN);
}

/* And a source that nobody foresaw is told, instead of taking over in silence. */
static void test_a_taken_number_is_busy(void **state)
{
	uint64_t map[BITMAP_WORDS(NR_IRQS)];
	struct numspace irqs;

	(void)state;
	numspace_init(&irqs, map, NR_IRQS);
	assert_int_equal(numspace_reserve_range(&irqs, 0, GSI_TOP), 0);

	int irq = numspace_alloc(&irqs, GSI_TOP, NR_IRQS);

	assert_int_equal(irq, GSI_TOP);
	assert_int_equal(numspace_reserve(&irqs, (unsigned)irq), -EBUSY);
	/* A second IO-APIC whose pins would begin there gets none of them, not some. */
	assert_int_equal(numspace_reserve_range(&irqs, GSI_TOP, GSI_TOP + 24), -EBUSY);
	assert_false(numspace_taken(&irqs, GSI_TOP + 1));
	assert_int_equal(irqs.in_use, GSI_TOP + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_entry_without_a_chip_collides),
		cmocka_unit_test(test_reserved_ranges_do_not),
		cmocka_unit_test(test_a_taken_number_is_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

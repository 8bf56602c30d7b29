/* SPDX-License-Identifier: MIT */
#include "tests/host/madt_table.h"
#include "tests/host/test.h"
#include "lib/errno.h"

static void test_board_init(void **state)
{
	(void)state;
	memset(&b, 0xa5, sizeof(b));
	board_init(&b);
	assert_true(b.lapic_address == 0xfee00000);
	assert_false(b.has_pic);
	assert_int_equal(b.nr_cpus + b.nr_ioapics + b.nr_nmi, 0);
	assert_int_equal(b.nr_cpus_ignored + b.nr_ioapics_ignored + b.nr_nmi_ignored, 0);
	for (unsigned irq = 0; irq < 16; irq++) {
		assert_int_equal(b.isa[irq].gsi, irq);
		assert_int_equal(b.isa[irq].polarity, POLARITY_HIGH);
		assert_int_equal(b.isa[irq].trigger, TRIGGER_EDGE);
		assert_false(b.isa[irq].overridden);
	}
}

static void test_usual(void **state)
{
	struct table t;

	(void)state;
	madt_build_usual(&t);
	assert_int_equal(madt_try_bytes(&t, t.length), 0);
	assert_null(why);
	assert_true(b.lapic_address == 0xfee01000);
	assert_true(b.has_pic);
	assert_int_equal(b.nr_cpus, 2);
	assert_int_equal(b.apic_id[0], 0);
	assert_int_equal(b.apic_id[1], 2);
	assert_int_equal(b.acpi_uid[1], 1);
	assert_int_equal(b.nr_cpus_offline, 0);
	assert_int_equal(b.nr_ioapics, 1);
	assert_int_equal(b.ioapic[0].id, 1);
	assert_int_equal(b.ioapic[0].address, 0xfec00000);
	assert_int_equal(b.ioapic[0].gsi_base, 0);
	assert_int_equal(b.isa[0].gsi, 2);
	assert_int_equal(b.isa[0].trigger, TRIGGER_EDGE);
	assert_true(b.isa[0].overridden);
	assert_false(b.isa[1].overridden);
	assert_int_equal(b.isa[1].gsi, 1);
	assert_int_equal(b.isa[5].polarity, POLARITY_LOW);
	assert_int_equal(b.isa[5].trigger, TRIGGER_LEVEL);
	assert_int_equal(b.nr_nmi, 1);
	assert_false(b.nmi[0].is_gsi);
	assert_int_equal(b.nmi[0].acpi_uid, UINT32_MAX);
	assert_int_equal(b.nmi[0].lint, 1);
}

static void test_has_pic(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 0);
	assert_int_equal(madt_try(&t), 0);
	assert_false(b.has_pic);
	madt_start(&t, 0xfffffffe);
	assert_int_equal(madt_try(&t), 0);
	assert_false(b.has_pic);
	madt_start(&t, 1);
	assert_int_equal(madt_try(&t), 0);
	assert_true(b.has_pic);
}

/* All 16 values of polarity and trigger; 2 is reserved in both. */
static void test_flags(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 16; flags++) {
		bool reserved = (flags & 3) == 2 || flags >> 2 == 2;
		struct table t;

		madt_start(&t, 1);
		madt_add_override(&t, 7, 17, flags);
		madt_add_nmi_source(&t, flags, 20);
		assert_int_equal(madt_try(&t), reserved ? -EINVAL : 0);
		if (reserved) {
			assert_string_equal(why, "MADT, entry of type 2 at 44: "
						 "reserved polarity or trigger");
			assert_int_equal(b.isa[7].gsi, 7);
			assert_false(b.isa[7].overridden);
			assert_int_equal(b.nr_nmi, 0);
			continue;
		}
		assert_int_equal(b.isa[7].gsi, 17);
		assert_int_equal(b.isa[7].polarity, (flags & 3) == 3);
		assert_int_equal(b.isa[7].trigger, flags >> 2 == 3);
		assert_int_equal(b.nmi[0].polarity, (flags & 3) == 3);
		assert_int_equal(b.nmi[0].trigger, flags >> 2 == 3);
	}
}

static void test_cpus(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	madt_add_lapic(&t, 7, 0, 1);
	madt_add_lapic(&t, 8, 1, 0); /* neither */
	madt_add_lapic(&t, 9, 2, 2); /* may come online */
	madt_add_lapic(&t, 10, 3, 3);
	madt_add_x2apic(&t, 300, 1, 1000);
	madt_add_x2apic(&t, 301, 2, 1001);
	madt_add_x2apic(&t, 302, 0, 1002);
	madt_add_lapic(&t, 99, 0xff, 0); /* a hole in the table, as firmware leaves it */
	assert_int_equal(madt_try(&t), 0);
	assert_null(why);
	assert_int_equal(b.nr_cpus, 3);
	assert_int_equal(b.nr_cpus_offline, 2);
	assert_int_equal(b.apic_id[0], 0);
	assert_int_equal(b.acpi_uid[0], 7);
	assert_int_equal(b.apic_id[1], 3);
	assert_int_equal(b.apic_id[2], 300);
	assert_int_equal(b.acpi_uid[2], 1000);
}

static void test_a_cpu_twice(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	madt_add_lapic(&t, 0, 4, 1);
	madt_add_x2apic(&t, 4, 1, 0);
	assert_int_equal(madt_try(&t), 0);
	assert_int_equal(b.nr_cpus, 1);
	assert_string_equal(why,
			    "MADT, entry of type 9 at 52: this CPU has been listed before");
}

static void test_too_many_cpus(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	for (unsigned i = 0; i < BOARD_MAX_CPUS + 5; i++)
		madt_add_x2apic(&t, i, 1, i);
	madt_add_ioapic(&t, 1, 0xfec00000, 0);
	assert_int_equal(madt_try(&t), 0);
	assert_non_null(strstr(why, "more CPUs than fit"));
	assert_int_equal(b.nr_cpus, BOARD_MAX_CPUS);
	assert_int_equal(b.apic_id[BOARD_MAX_CPUS - 1], BOARD_MAX_CPUS - 1);
	assert_int_equal(b.nr_cpus_ignored, 5);
	assert_int_equal(b.nr_ioapics, 1); /* the reading went on */
}

static void test_too_many_ioapics(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	for (unsigned i = 0; i < BOARD_MAX_IOAPICS + 3; i++)
		madt_add_ioapic(&t, i, 0xfec00000 + i * 0x1000, i * 24);
	madt_add_lapic(&t, 0, 0, 1);
	assert_int_equal(madt_try(&t), 0);
	assert_non_null(strstr(why, "more IO-APICs than fit"));
	assert_int_equal(b.nr_ioapics, BOARD_MAX_IOAPICS);
	assert_int_equal(b.ioapic[7].gsi_base, 7 * 24);
	assert_int_equal(b.nr_ioapics_ignored, 3);
	assert_int_equal(b.nr_cpus, 1);
}

static void test_too_many_nmi(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	for (unsigned i = 0; i < BOARD_MAX_NMI + 4; i++)
		madt_add_nmi_source(&t, 0, i);
	madt_add_lapic(&t, 0, 0, 1);
	assert_int_equal(madt_try(&t), 0);
	assert_non_null(strstr(why, "more NMI sources than fit"));
	assert_int_equal(b.nr_nmi, BOARD_MAX_NMI);
	assert_int_equal(b.nmi[15].gsi, 15);
	assert_int_equal(b.nr_nmi_ignored, 4);
	assert_int_equal(b.nr_cpus, 1);
}

static void test_nmi_kinds(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	madt_add_nmi_source(&t, 0xf, 0x123);
	madt_add_lapic_nmi(&t, 3, 5, 0);
	madt_add_lapic_nmi(&t, 0xff, 0, 1);
	madt_add_x2apic_nmi(&t, 0, 1000, 1);
	madt_add_x2apic_nmi(&t, 0, UINT32_MAX, 0);
	assert_int_equal(madt_try(&t), 0);
	assert_int_equal(b.nr_nmi, 5);
	assert_true(b.nmi[0].is_gsi);
	assert_int_equal(b.nmi[0].gsi, 0x123);
	assert_int_equal(b.nmi[0].polarity, POLARITY_LOW);
	assert_int_equal(b.nmi[0].trigger, TRIGGER_LEVEL);
	assert_false(b.nmi[1].is_gsi);
	assert_int_equal(b.nmi[1].acpi_uid, 3);
	assert_int_equal(b.nmi[1].lint, 0);
	assert_int_equal(b.nmi[1].polarity, POLARITY_HIGH);
	assert_int_equal(b.nmi[2].acpi_uid, UINT32_MAX);
	assert_int_equal(b.nmi[3].acpi_uid, 1000);
	assert_int_equal(b.nmi[3].lint, 1);
	assert_int_equal(b.nmi[4].acpi_uid, UINT32_MAX);
	madt_start(&t, 1);
	madt_add_lapic_nmi(&t, 3, 0, 2);
	assert_int_equal(madt_try(&t), -EINVAL);
	assert_int_equal(b.nr_nmi, 0);
}

static void test_lapic_address(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	madt_add_lapic_address(&t, 0x1234567890000ULL);
	assert_int_equal(madt_try(&t), 0);
	assert_true(b.lapic_address == 0x1234567890000ULL);
	madt_start(&t, 1);
	madt_add_lapic_address(&t, 0);
	assert_int_equal(madt_try(&t), -EINVAL);
	assert_true(b.lapic_address == 0xfee01000);
}

static void test_second_override_wins(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	madt_add_override(&t, 9, 9, 0xf);
	madt_add_override(&t, 9, 20, 0);
	assert_int_equal(madt_try(&t), 0);
	assert_string_equal(why, "MADT, entry of type 2 at 54: "
				 "a second route of this irq replaces the first");
	assert_int_equal(b.isa[9].gsi, 20);
	assert_int_equal(b.isa[9].trigger, TRIGGER_EDGE);
	assert_int_equal(b.isa[9].polarity, POLARITY_HIGH);
}

static void test_unknown_types_are_skipped(void **state)
{
	struct table t;

	(void)state;
	for (unsigned type = 6; type < 256; type++) {
		if (type == 9 || type == 10)
			continue;
		madt_start(&t, 1);
		table_u8(&t, type), table_u8(&t, 5), table_u8(&t, 0), table_u16(&t, 0xffff);
		table_u8(&t, type), table_u8(&t, 2); /* the shortest there can be */
		madt_add_lapic(&t, 0, 6, 1);
		assert_int_equal(madt_try(&t), 0);
		assert_null(why);
		assert_int_equal(b.nr_cpus, 1);
		assert_int_equal(b.apic_id[0], 6);
	}
}

static void test_longer_entries_are_read(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	table_u8(&t, 1), table_u8(&t, 16), table_u8(&t, 9), table_u8(&t, 0);
	table_u32(&t, 0xfec00000), table_u32(&t, 24), table_u32(&t, 0x99999999);
	madt_add_lapic(&t, 0, 6, 1);
	assert_int_equal(madt_try(&t), 0);
	assert_int_equal(b.ioapic[0].gsi_base, 24);
	assert_int_equal(b.nr_cpus, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_board_init),
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_has_pic),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_a_cpu_twice),
		cmocka_unit_test(test_too_many_cpus),
		cmocka_unit_test(test_too_many_ioapics),
		cmocka_unit_test(test_too_many_nmi),
		cmocka_unit_test(test_nmi_kinds),
		cmocka_unit_test(test_lapic_address),
		cmocka_unit_test(test_second_override_wins),
		cmocka_unit_test(test_unknown_types_are_skipped),
		cmocka_unit_test(test_longer_entries_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

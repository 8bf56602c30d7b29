/* SPDX-License-Identifier: MIT */
#include "tests/host/mp_table.h"
#include "tests/host/test.h"
#include "lib/errno.h"

static void test_usual(void **state)
{
	struct table t;

	(void)state;
	mp_build_usual(&t);
	assert_int_equal(mp_try_bytes(&t, t.length), 0);
	assert_null(why);
	assert_true(b.lapic_address == 0xfee01000);
	assert_true(b.has_pic);
	assert_int_equal(b.nr_cpus, 2);
	assert_int_equal(b.apic_id[1], 2);
	assert_int_equal(b.acpi_uid[1], 2);
	assert_int_equal(b.nr_ioapics, 1);
	assert_int_equal(b.ioapic[0].id, 1);
	assert_int_equal(b.ioapic[0].address, 0xfec00000);
	assert_int_equal(b.ioapic[0].gsi_base, 0);
	assert_int_equal(b.isa[0].gsi, 2);
	assert_int_equal(b.isa[1].gsi, 1);
	assert_int_equal(b.isa[2].gsi, 2);
	assert_false(b.isa[2].overridden);
	assert_int_equal(b.isa[5].trigger, TRIGGER_LEVEL);
	assert_int_equal(b.isa[5].polarity, POLARITY_LOW);
	assert_int_equal(b.isa[6].trigger, TRIGGER_EDGE);
	assert_int_equal(b.nr_nmi, 1);
	assert_false(b.nmi[0].is_gsi);
	assert_int_equal(b.nmi[0].acpi_uid, UINT32_MAX);
	assert_int_equal(b.nmi[0].lint, 1);
}

static void test_disabled_are_left_out(void **state)
{
	struct table t;

	(void)state;
	mp_start(&t);
	mp_add_cpu(&t, 0, 0);
	mp_add_cpu(&t, 1, 2);
	mp_add_cpu(&t, 3, 1);
	mp_add_ioapic(&t, 1, 0, 0xfec00000);
	mp_add_ioapic(&t, 2, 1, 0xfec10000);
	assert_int_equal(mp_try(&t, 5), 0);
	assert_int_equal(b.nr_cpus, 1);
	assert_int_equal(b.apic_id[0], 3);
	assert_int_equal(b.nr_ioapics, 1);
	assert_int_equal(b.ioapic[0].id, 2);
	assert_int_equal(b.ioapic[0].gsi_base, 0);
}

/* Entries in any order: an interrupt may stand before the bus and the IO-APIC it names. */
static void test_any_order(void **state)
{
	struct table t;

	(void)state;
	mp_start(&t);
	mp_add_int(&t, 3, 0, 0, 7, 4, 9, 20);
	mp_add_ioapic(&t, 9, 1, 0xfec00000);
	mp_add_bus(&t, 7, "ISA");
	assert_int_equal(mp_try(&t, 3), 0);
	assert_int_equal(b.isa[4].gsi, 20);
}

static void test_buses(void **state)
{
	struct table t;

	(void)state;
	mp_start(&t);
	mp_add_bus(&t, 0, "PCI");
	mp_add_bus(&t, 1, "ISA");
	mp_add_bus(&t, 255, "EISA");
	mp_add_bus(&t, 3, "ISAX");
	mp_add_ioapic(&t, 1, 1, 0xfec00000);
	mp_add_int(&t, 3, 0, 0, 0, 4, 1, 20); /* PCI: not an ISA irq */
	mp_add_int(&t, 3, 0, 0, 3, 5, 1, 21); /* another bus whose name begins alike */
	mp_add_int(&t, 3, 0, 0, 1, 6, 1, 22);
	mp_add_int(&t, 3, 0, 0, 255, 7, 1, 23);
	mp_add_int(&t, 3, 0, 0, 200, 3, 1, 19); /* a bus that nobody named */
	assert_int_equal(mp_try(&t, 10), 0);
	assert_int_equal(b.isa[4].gsi, 4);
	assert_int_equal(b.isa[5].gsi, 5);
	assert_int_equal(b.isa[6].gsi, 22);
	assert_int_equal(b.isa[7].gsi, 23);
	assert_int_equal(b.isa[3].gsi, 3);
}

static void test_deliveries(void **state)
{
	struct table t;

	(void)state;
	mp_start(&t);
	mp_add_bus(&t, 0, "ISA");
	mp_add_ioapic(&t, 1, 1, 0xfec00000);
	mp_add_int(&t, 3, 3, 0, 0, 0, 1, 0);     /* ExtINT: the PIC, not irq 0 */
	mp_add_int(&t, 3, 2, 0, 0, 4, 1, 9);     /* SMI */
	mp_add_int(&t, 3, 1, 0xd, 0, 0, 1, 21);  /* NMI */
	mp_add_int(&t, 3, 0, 0, 0, 3, 0xff, 19); /* every IO-APIC: the first */
	mp_add_int(&t, 4, 1, 0, 0, 0, 2, 0);
	assert_int_equal(mp_try(&t, 7), 0);
	assert_int_equal(b.isa[0].gsi, 0);
	assert_false(b.isa[0].overridden);
	assert_false(b.isa[4].overridden);
	assert_int_equal(b.isa[3].gsi, 19);
	assert_int_equal(b.nr_nmi, 2);
	assert_true(b.nmi[0].is_gsi);
	assert_int_equal(b.nmi[0].gsi, 21);
	assert_int_equal(b.nmi[0].trigger, TRIGGER_LEVEL);
	assert_int_equal(b.nmi[0].polarity, POLARITY_HIGH);
	assert_false(b.nmi[1].is_gsi);
	assert_int_equal(b.nmi[1].acpi_uid, 2);
	assert_int_equal(b.nmi[1].lint, 0);
}

static void test_later_ioapics_have_no_known_gsi(void **state)
{
	struct table t;

	(void)state;
	mp_start(&t);
	mp_add_bus(&t, 0, "ISA");
	mp_add_ioapic(&t, 1, 1, 0xfec00000);
	mp_add_ioapic(&t, 2, 1, 0xfec10000);
	mp_add_int(&t, 3, 0, 0, 0, 4, 2, 3);
	mp_add_int(&t, 3, 0, 0, 0, 5, 1, 6);
	assert_int_equal(mp_try(&t, 5), -EINVAL);
	assert_string_equal(why, "MP table, entry of type 3 at 68: "
				 "an ISA irq or NMI beyond the first IO-APIC");
	assert_int_equal(b.nr_ioapics, 2);
	assert_int_equal(b.ioapic[1].gsi_base, BOARD_GSI_UNKNOWN);
	assert_int_equal(b.isa[4].gsi, 4);
	assert_int_equal(b.isa[5].gsi, 6);
}

static void test_second_route_wins(void **state)
{
	struct table t;

	(void)state;
	mp_start(&t);
	mp_add_bus(&t, 0, "ISA");
	mp_add_ioapic(&t, 1, 1, 0xfec00000);
	mp_add_int(&t, 3, 0, 0, 0, 4, 1, 18);
	mp_add_int(&t, 3, 0, 0, 0, 4, 1, 19);
	assert_int_equal(mp_try(&t, 4), 0);
	assert_non_null(strstr(why, "a second route"));
	assert_int_equal(b.isa[4].gsi, 19);
}

static void test_too_many(void **state)
{
	struct table t;

	(void)state;
	mp_start(&t);
	for (unsigned i = 0; i < 255; i++)
		mp_add_cpu(&t, i, 1);
	for (unsigned i = 0; i < BOARD_MAX_IOAPICS + 2; i++)
		mp_add_ioapic(&t, i, 1, 0xfec00000 + i * 0x1000);
	for (unsigned i = 0; i < BOARD_MAX_NMI + 3; i++)
		mp_add_int(&t, 4, 1, 0, 0, 0, i, 1);
	assert_int_equal(mp_try(&t, 255 + BOARD_MAX_IOAPICS + 2 + BOARD_MAX_NMI + 3), 0);
	assert_non_null(strstr(why, "more IO-APICs than fit"));
	assert_int_equal(b.nr_cpus, 255);
	assert_int_equal(b.nr_ioapics, BOARD_MAX_IOAPICS);
	assert_int_equal(b.nr_ioapics_ignored, 2);
	assert_int_equal(b.nr_nmi, BOARD_MAX_NMI);
	assert_int_equal(b.nr_nmi_ignored, 3);
}

static int check_floating(const struct table *t, size_t available, uint32_t *address)
{
	uint8_t *bytes = exact_copy(t->bytes, available);
	int result = mptable_check_floating(bytes, available, address);

	free(bytes);
	return result;
}

static void build_floating(struct table *t, unsigned length, unsigned feature)
{
	t->length = 0;
	table_text(t, "_MP_", 4);
	table_u32(t, 0x9fc00);
	table_u8(t, length), table_u8(t, 4), table_u8(t, 0), table_u8(t, feature);
	table_zeros(t, 4);
	if (length > 1)
		table_zeros(t, 16 * (length - 1));
	table_sum(t, 10, length ? 16 * length : 16);
}

static void test_floating(void **state)
{
	uint32_t address = 5;
	struct table t;

	(void)state;
	build_floating(&t, 1, 0);
	assert_int_equal(check_floating(&t, 16, &address), 0);
	assert_int_equal(address, 0x9fc00);
	for (size_t n = 0; n < 16; n++)
		assert_int_equal(check_floating(&t, n, &address), -EMSGSIZE);
	/* A default configuration: there is no table, whatever the address says. */
	build_floating(&t, 1, 5);
	assert_int_equal(check_floating(&t, 16, &address), 0);
	assert_int_equal(address, 0);
	build_floating(&t, 2, 0);
	assert_int_equal(check_floating(&t, 32, &address), 0);
	assert_int_equal(check_floating(&t, 31, &address), -EMSGSIZE);
	build_floating(&t, 0, 0);
	assert_int_equal(check_floating(&t, 16, &address), -EMSGSIZE);
}

static void test_floating_every_corruption(void **state)
{
	uint32_t address;
	struct table t;

	(void)state;
	build_floating(&t, 1, 0);
	for (size_t at = 0; at < 16; at++) {
		for (unsigned delta = 1; delta < 256; delta++) {
			struct table bad = t;
			int result;

			bad.bytes[at] = (uint8_t)(bad.bytes[at] + delta);
			result = check_floating(&bad, 16, &address);
			if (at < 4)
				assert_int_equal(result, -ENOENT);
			else if (at == 8)
				assert_int_equal(result, -EMSGSIZE);
			else
				assert_int_equal(result, -EINVAL);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_disabled_are_left_out),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_buses),
		cmocka_unit_test(test_deliveries),
		cmocka_unit_test(test_later_ioapics_have_no_known_gsi),
		cmocka_unit_test(test_second_route_wins),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_floating),
		cmocka_unit_test(test_floating_every_corruption),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

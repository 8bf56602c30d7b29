/* SPDX-License-Identifier: MIT */
/* Tables that are cut, damaged, or lie. */
#include "tests/host/mp_table.h"
#include "tests/host/test.h"
#include "lib/errno.h"

static void test_impossible_values(void **state)
{
	struct table t;

	(void)state;
	mp_start(&t);
	mp_add_bus(&t, 0, "ISA");
	mp_add_ioapic(&t, 1, 1, 0xfec00000);
	mp_add_int(&t, 3, 0, 0, 0, 4, 8, 3); /* no such IO-APIC */
	mp_add_int(&t, 3, 0, 0, 0, 16, 1, 3);
	mp_add_int(&t, 3, 0, 2, 0, 6, 1, 3); /* reserved polarity */
	mp_add_int(&t, 4, 1, 0, 0, 0, 0, 2); /* LINT2 */
	mp_add_cpu(&t, 0xff, 1);
	mp_add_ioapic(&t, 2, 1, 0);
	mp_add_int(&t, 3, 0, 0, 0, 7, 1, 20);
	assert_int_equal(mp_try(&t, 9), -EINVAL);
	/* The first walk meets the CPU first. */
	assert_string_equal(why, "MP table, entry of type 0 at 92: "
				 "a CPU with the broadcast APIC id");
	assert_int_equal(b.nr_cpus + b.nr_nmi, 0);
	assert_int_equal(b.nr_ioapics, 1);
	assert_int_equal(b.isa[4].gsi, 4);
	assert_int_equal(b.isa[6].gsi, 6);
	assert_int_equal(b.isa[7].gsi, 20);
}

static void test_one_impossible_value_each(void **state)
{
	static const struct {
		unsigned type, delivery, flags, irq, apic, pin;
		const char *says;
	} cases[] = {
		{3, 0, 0, 4, 8, 3, "there is no IO-APIC of this id"},
		{3, 1, 0, 4, 8, 3, "there is no IO-APIC of this id"},
		{3, 0, 0, 16, 1, 3, "there is no such ISA irq"},
		{3, 0, 2, 4, 1, 3, "reserved polarity or trigger"},
		{3, 0, 8, 4, 1, 3, "reserved polarity or trigger"},
		{4, 1, 0, 0, 0, 2, "an NMI on a LINT pin other than 0 and 1"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct table t;

		mp_start(&t);
		mp_add_bus(&t, 0, "ISA");
		mp_add_ioapic(&t, 1, 1, 0xfec00000);
		mp_add_int(&t, cases[i].type, cases[i].delivery, cases[i].flags, 0,
			   cases[i].irq, cases[i].apic, cases[i].pin);
		assert_int_equal(mp_try(&t, 3), -EINVAL);
		assert_non_null(strstr(why, cases[i].says));
		assert_non_null(strstr(why, " at 60: "));
		assert_int_equal(b.nr_nmi, 0);
		assert_int_equal(b.isa[4].gsi, 4);
	}
}

static void test_wrong_counts(void **state)
{
	struct table t;

	(void)state;
	mp_start(&t);
	mp_add_cpu(&t, 0, 1);
	mp_add_cpu(&t, 1, 1);
	assert_int_equal(mp_try(&t, 3), -EMSGSIZE);
	assert_string_equal(why, "MP table, entry of type 0 at 84: "
				 "fewer entries than the header counts");
	assert_int_equal(b.nr_cpus, 2);
	assert_int_equal(mp_try(&t, 1), 0);
	assert_string_equal(why, "MP table, entry of type 0 at 64: "
				 "bytes after the last entry are ignored");
	assert_int_equal(b.nr_cpus, 1);
	assert_int_equal(mp_try(&t, 0xffff), -EMSGSIZE);
	mp_start(&t);
	assert_int_equal(mp_try(&t, 0), 0);
	assert_null(why);
}

static void test_unknown_type_ends_the_reading(void **state)
{
	struct table t;

	(void)state;
	for (unsigned type = 5; type < 256; type++) {
		mp_start(&t);
		mp_add_bus(&t, 0, "ISA");
		mp_add_ioapic(&t, 1, 1, 0xfec00000);
		mp_add_int(&t, 3, 0, 0, 0, 4, 1, 18);
		table_u8(&t, type), table_zeros(&t, 7);
		mp_add_cpu(&t, 9, 1);
		assert_int_equal(mp_try(&t, 5), -EINVAL);
		assert_non_null(strstr(why, "at 68: unknown, so of unknown length"));
		assert_int_equal(b.nr_cpus, 0);
		assert_int_equal(b.nr_ioapics, 1);
		assert_int_equal(b.isa[4].gsi, 18); /* the second walk got as far */
	}
}

static void test_bad_headers(void **state)
{
	struct table t;

	(void)state;
	mp_build_usual(&t);
	t.bytes[3] = 'X';
	assert_int_equal(mp_try_bytes(&t, t.length), -EINVAL);
	assert_string_equal(why, "MP table: no signature");
	mp_build_usual(&t);
	t.bytes[7]++;
	assert_int_equal(mp_try_bytes(&t, t.length), -EINVAL);
	assert_string_equal(why, "MP table: bad checksum");
	assert_int_equal(b.nr_cpus, 0);
	mp_build_usual(&t);
	table_put16(&t, 4, 43);
	assert_int_equal(mp_try_bytes(&t, t.length), -EMSGSIZE);
	table_put16(&t, 4, (unsigned)t.length + 1);
	assert_int_equal(mp_try_bytes(&t, t.length), -EMSGSIZE);
	assert_string_equal(why, "MP table: shorter or longer than it says");
	mp_build_usual(&t);
	table_put32(&t, 36, 0); /* the local APIC's address */
	table_sum(&t, 7, t.length);
	assert_int_equal(mp_try_bytes(&t, t.length), -EINVAL);
	assert_true(b.lapic_address == 0xfee00000);
	assert_int_equal(b.nr_cpus, 2);
}

static void test_every_truncation(void **state)
{
	struct table t;

	(void)state;
	mp_build_usual(&t);
	for (size_t n = 0; n < t.length; n++) {
		assert_int_equal(mp_try_bytes(&t, n), -EMSGSIZE);
		assert_int_equal(b.nr_cpus + b.nr_ioapics, 0);
	}
}

/* Length and sum set right, the count of entries not: there is always too little. */
static void test_every_honest_truncation(void **state)
{
	struct table whole;
	unsigned entries = mp_build_usual(&whole);

	(void)state;
	for (size_t n = MP_HEADER; n < whole.length; n++) {
		struct table t = whole;

		t.length = n;
		assert_int_equal(mp_try(&t, entries), -EMSGSIZE);
		assert_int_equal(b.nr_cpus, n < 64 ? 0 : n < 84 ? 1 : 2);
		assert_int_equal(b.nr_ioapics, n >= 100);
		assert_int_equal(b.isa[0].gsi, n >= 108 ? 2 : 0);
	}
}

static void test_every_corruption(void **state)
{
	struct table t;

	(void)state;
	mp_build_usual(&t);
	for (size_t at = 0; at < t.length; at++) {
		for (unsigned delta = 1; delta < 256; delta++) {
			struct table bad = t;
			int result;

			bad.bytes[at] = (uint8_t)(bad.bytes[at] + delta);
			result = mp_try_bytes(&bad, bad.length);
			if (at != 4 && at != 5)
				assert_int_equal(result, -EINVAL);
			if (at != 4 && at != 5 && at != 7) {
				table_sum(&bad, 7, bad.length);
				mp_try_bytes(&bad, bad.length);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_impossible_values),
		cmocka_unit_test(test_one_impossible_value_each),
		cmocka_unit_test(test_wrong_counts),
		cmocka_unit_test(test_unknown_type_ends_the_reading),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_every_honest_truncation),
		cmocka_unit_test(test_every_corruption),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

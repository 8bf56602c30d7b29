/* SPDX-License-Identifier: MIT */
/* Tables that are cut, damaged, or lie. */
#include "tests/host/madt_table.h"
#include "tests/host/test.h"
#include "lib/errno.h"

static void test_broadcast_ids(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	madt_add_lapic(&t, 0, 0xff, 1);
	madt_add_lapic(&t, 1, 1, 1);
	assert_int_equal(madt_try(&t), -EINVAL);
	assert_string_equal(why,
			    "MADT, entry of type 0 at 44: a CPU with the broadcast APIC id");
	assert_int_equal(b.nr_cpus, 1);
	assert_int_equal(b.apic_id[0], 1);
	madt_start(&t, 1);
	madt_add_x2apic(&t, 0xff, 1, 0); /* an ordinary number here */
	madt_add_x2apic(&t, UINT32_MAX, 1, 1);
	assert_int_equal(madt_try(&t), -EINVAL);
	assert_int_equal(b.nr_cpus, 1);
	assert_int_equal(b.apic_id[0], 0xff);
}

/* A well-formed entry with an impossible value is left out; all others count. */
static void test_impossible_values(void **state)
{
	struct table t;
	size_t at;

	(void)state;
	madt_start(&t, 1);
	madt_add_override(&t, 16, 20, 0);
	madt_add_lapic(&t, 0, 0, 1);
	assert_int_equal(madt_try(&t), -EINVAL);
	assert_string_equal(why, "MADT, entry of type 2 at 44: there is no such ISA irq");
	assert_int_equal(b.nr_cpus, 1);
	assert_true(b.whole); /* nothing but the impossible is missing */

	madt_start(&t, 1);
	madt_add_ioapic(&t, 1, 0, 0);
	madt_add_ioapic(&t, 2, 0xfec00000, 24);
	assert_int_equal(madt_try(&t), -EINVAL);
	assert_int_equal(b.nr_ioapics, 1);
	assert_int_equal(b.ioapic[0].id, 2);

	madt_start(&t, 1);
	at = t.length;
	madt_add_override(&t, 3, 20, 0);
	t.bytes[at + 2] = 1; /* bus */
	assert_int_equal(madt_try(&t), -EINVAL);
	assert_false(b.isa[3].overridden);

	/* An error says more than a remark that came before it, and stays. */
	madt_start(&t, 1);
	madt_add_override(&t, 3, 3, 0);
	madt_add_override(&t, 3, 4, 0);
	madt_add_override(&t, 99, 4, 0);
	madt_add_ioapic(&t, 1, 0, 0);
	assert_int_equal(madt_try(&t), -EINVAL);
	assert_string_equal(why, "MADT, entry of type 2 at 64: there is no such ISA irq");
	assert_int_equal(b.isa[3].gsi, 4);
}

/* A length below the type's own, 0 and 1 included, ends the reading; what came before stays. */
static void test_short_entries(void **state)
{
	static const struct {
		uint8_t type, size;
	} kinds[] = {{0, 8},  {1, 12}, {2, 10},  {3, 8}, {4, 6},
		     {5, 12}, {9, 16}, {10, 12}, {77, 2}};

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		for (unsigned length = 0; length < kinds[i].size; length++) {
			char expected[BOARD_WHY_SIZE];
			struct table t;

			madt_start(&t, 1);
			madt_add_lapic(&t, 0, 5, 1);
			table_u8(&t, kinds[i].type), table_u8(&t, length);
			table_zeros(&t, 30);
			assert_int_equal(madt_try(&t), -EINVAL);
			snprintf(expected, sizeof(expected),
				 "MADT, entry of type %u at 52: "
				 "the length is too short for its type",
				 kinds[i].type);
			assert_string_equal(why, expected);
			assert_false(b.whole);
			assert_int_equal(b.nr_cpus, 1);
			assert_int_equal(b.apic_id[0], 5);
			assert_true(b.has_pic);
		}
	}
}

static void test_entries_past_the_end(void **state)
{
	struct table t;

	(void)state;
	madt_start(&t, 1);
	madt_add_lapic(&t, 0, 5, 1);
	madt_add_ioapic(&t, 1, 0xfec00000, 0);
	t.bytes[53] = 13; /* the IO-APIC's length: one too many */
	assert_int_equal(madt_try(&t), -EMSGSIZE);
	assert_string_equal(why, "MADT, entry of type 1 at 52: "
				 "the length runs past the table's end");
	assert_int_equal(b.nr_cpus, 1);
	assert_int_equal(b.nr_ioapics, 0);
	t.bytes[53] = 255;
	assert_int_equal(madt_try(&t), -EMSGSIZE);
	/* A type alone, without a length. */
	madt_start(&t, 1);
	madt_add_lapic(&t, 0, 5, 1);
	table_u8(&t, 0);
	assert_int_equal(madt_try(&t), -EMSGSIZE);
	assert_string_equal(why, "MADT, entry of type 0 at 52: "
				 "the table ends before the entry's length");
	assert_int_equal(b.nr_cpus, 1);
}

static void test_bad_headers(void **state)
{
	struct table t;

	(void)state;
	madt_build_usual(&t);
	t.bytes[0] = 'X';
	assert_int_equal(madt_try_bytes(&t, t.length), -EINVAL);
	assert_string_equal(why, "MADT: no signature");
	madt_build_usual(&t);
	t.bytes[9]++;
	assert_int_equal(madt_try_bytes(&t, t.length), -EINVAL);
	assert_string_equal(why, "MADT: bad checksum");
	assert_int_equal(b.nr_cpus, 0);
	/* A header of an ACPI table, and then not enough for a MADT. */
	for (unsigned n = 0; n < 8; n++) {
		table_start_acpi(&t, "APIC");
		table_zeros(&t, n);
		assert_int_equal(madt_try(&t), -EMSGSIZE);
		assert_string_equal(why, "MADT: shorter or longer than it says");
	}
}

static void test_every_truncation(void **state)
{
	struct table t;

	(void)state;
	madt_build_usual(&t);
	for (size_t n = 0; n < t.length; n++) {
		assert_int_equal(madt_try_bytes(&t, n), -EMSGSIZE);
		assert_int_equal(b.nr_cpus + b.nr_ioapics, 0);
	}
	assert_int_equal(madt_try_bytes(&t, t.length), 0);
}

/* The table cut short by somebody who sets length and sum right: whole entries are read, a cut
 * one is an error. */
static void test_every_honest_truncation(void **state)
{
	static const size_t ends[] = {44, 56, 66, 76, 86, 94, 102, 110, 118, 124};
	struct table whole;

	(void)state;
	madt_build_usual(&whole);
	assert_int_equal(whole.length, 124);
	for (size_t n = 44; n <= whole.length; n++) {
		struct table t = whole;
		unsigned entries = 0;

		t.length = n;
		while (entries + 1 < COUNT(ends) && ends[entries + 1] <= n)
			entries++;
		assert_int_equal(madt_try(&t), ends[entries] == n ? 0 : -EMSGSIZE);
		assert_int_equal(b.nr_ioapics, entries >= 1);
		assert_int_equal(b.isa[0].overridden, entries >= 2);
		assert_int_equal(b.isa[9].overridden, entries >= 4);
		assert_int_equal(b.nr_cpus, entries < 5 ? 0 : entries == 5 ? 1 : 2);
		assert_int_equal(b.nr_nmi, entries >= 9);
	}
}

/* Each byte to each other value: the sum finds it, or the length now ends elsewhere. */
static void test_every_corruption(void **state)
{
	struct table t;

	(void)state;
	madt_build_usual(&t);
	for (size_t at = 0; at < t.length; at++) {
		for (unsigned delta = 1; delta < 256; delta++) {
			struct table bad = t;
			int result;

			bad.bytes[at] = (uint8_t)(bad.bytes[at] + delta);
			result = madt_try_bytes(&bad, bad.length);
			if (at < 4 || at >= 8)
				assert_int_equal(result, -EINVAL);
			/* With a right sum the entries are read, whatever they say. */
			if (at != 9 && (at < 4 || at >= 8)) {
				table_sum(&bad, 9, bad.length);
				madt_try_bytes(&bad, bad.length);
			}
		}
	}
}

static void test_random_entries(void **state)
{
	uint32_t seed = 4;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct table t;
		unsigned n = next_random(&seed) % 80;

		madt_start(&t, next_random(&seed));
		for (unsigned i = 0; i < n; i++) {
			uint32_t r = next_random(&seed);

			/* Small numbers make types and lengths that go some way. */
			table_u8(&t, r & 0x100 ? r & 0xf : r);
		}
		madt_try(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_broadcast_ids),
		cmocka_unit_test(test_impossible_values),
		cmocka_unit_test(test_short_entries),
		cmocka_unit_test(test_entries_past_the_end),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_every_honest_truncation),
		cmocka_unit_test(test_every_corruption),
		cmocka_unit_test(test_random_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

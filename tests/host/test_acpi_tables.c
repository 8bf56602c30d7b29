/* SPDX-License-Identifier: MIT */
#include "tests/host/table.h"
#include "tests/host/test.h"
#include "lib/acpi_tables.h"
#include "lib/errno.h"

static int parse_rsdp(const struct table *t, size_t available, struct acpi_rsdp_info *out)
{
	uint8_t *bytes = exact_copy(t->bytes, available);
	int result = acpi_parse_rsdp(bytes, available, out);

	free(bytes);
	return result;
}

static void build_rsdp(struct table *t, unsigned revision)
{
	t->length = 0;
	table_text(t, "RSD PTR ", 8);
	table_u8(t, 0); /* checksum */
	table_text(t, "DAISY", 6);
	table_u8(t, revision);
	table_u32(t, 0xfc001234);
	table_sum(t, 8, 20);
	if (revision < 2)
		return;
	table_u32(t, 36);
	table_u64(t, 0x1234567890ULL);
	table_u8(t, 0); /* extended checksum */
	table_zeros(t, 3);
	table_sum(t, 32, 36);
}

static void test_checksum(void **state)
{
	static const uint8_t bytes[] = {0x80, 0x80, 0xff, 0x01, 0x05};

	(void)state;
	assert_int_equal(acpi_checksum(bytes, 0), 0);
	assert_int_equal(acpi_checksum(bytes, 1), 0x80);
	assert_int_equal(acpi_checksum(bytes, 2), 0);
	assert_int_equal(acpi_checksum(bytes, 4), 0);
	assert_int_equal(acpi_checksum(bytes, 5), 5);
}

static void test_rsdp_revision_0(void **state)
{
	struct acpi_rsdp_info info;
	struct table t;

	(void)state;
	build_rsdp(&t, 0);
	assert_int_equal(parse_rsdp(&t, 20, &info), 0);
	assert_true(info.rsdt == 0xfc001234);
	assert_true(info.xsdt == 0);
	assert_int_equal(info.revision, 0);
}

static void test_rsdp_revision_2(void **state)
{
	struct acpi_rsdp_info info;
	struct table t;

	(void)state;
	build_rsdp(&t, 2);
	assert_int_equal(parse_rsdp(&t, 36, &info), 0);
	assert_true(info.rsdt == 0xfc001234);
	assert_true(info.xsdt == 0x1234567890ULL);
	assert_int_equal(info.revision, 2);
}

static void test_rsdp_every_truncation(void **state)
{
	(void)state;
	for (unsigned revision = 0; revision <= 2; revision += 2) {
		struct acpi_rsdp_info info = {.rsdt = 5};
		struct table t;

		build_rsdp(&t, revision);
		for (size_t n = 0; n < t.length; n++) {
			assert_int_equal(parse_rsdp(&t, n, &info), -EMSGSIZE);
			assert_true(info.rsdt == 5);
		}
	}
}

static void test_rsdp_every_corruption(void **state)
{
	(void)state;
	for (unsigned revision = 0; revision <= 2; revision += 2) {
		struct table t;

		build_rsdp(&t, revision);
		for (size_t at = 0; at < t.length; at++) {
			for (unsigned delta = 1; delta < 256; delta++) {
				struct acpi_rsdp_info info;
				struct table bad = t;
				int result;

				bad.bytes[at] = (uint8_t)(bad.bytes[at] + delta);
				result = parse_rsdp(&bad, bad.length, &info);
				assert_true(at < 8 ? result == -ENOENT : result < 0);
			}
		}
	}
}

/* Lengths that lie, with a sum that is right over what is there. */
static void test_rsdp_lying_length(void **state)
{
	static const uint32_t lengths[] = {0, 19, 20, 35, 37, 0x7fffffff, UINT32_MAX};
	struct acpi_rsdp_info info;
	struct table t;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		build_rsdp(&t, 2);
		table_put32(&t, 20, lengths[i]);
		table_sum(&t, 32, 36);
		assert_int_equal(parse_rsdp(&t, 36, &info), -EMSGSIZE);
	}
	build_rsdp(&t, 2);
	t.bytes[32]++; /* the first sum is right, the second wrong */
	assert_int_equal(parse_rsdp(&t, 36, &info), -EINVAL);
}

static long check_table(const struct table *t, size_t available, const char *signature)
{
	uint8_t *bytes = exact_copy(t->bytes, available);
	long result = acpi_check_table(bytes, available, signature);

	free(bytes);
	return result;
}

static void test_check_table(void **state)
{
	struct table t;

	(void)state;
	table_start_acpi(&t, "XSDT");
	table_u64(&t, 0x1122334455667788ULL);
	table_seal_acpi(&t);
	assert_int_equal(check_table(&t, 44, "XSDT"), 44);
	assert_int_equal(check_table(&t, 44, "RSDT"), -ENOENT);
	t.bytes[44] = 1; /* what lies behind the table does not count */
	assert_int_equal(check_table(&t, 45, "XSDT"), 44);
	for (size_t n = 0; n < 44; n++)
		assert_int_equal(check_table(&t, n, "XSDT"), -EMSGSIZE);
	t.bytes[40]++;
	assert_int_equal(check_table(&t, 44, "XSDT"), -EINVAL);
}

static void test_check_table_lying_length(void **state)
{
	static const uint32_t lengths[] = {0, 1, 35, 45, 0x80000000, UINT32_MAX};
	struct table t;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		table_start_acpi(&t, "APIC");
		table_zeros(&t, 8);
		table_put32(&t, 4, lengths[i]);
		table_sum(&t, 9, t.length);
		assert_int_equal(check_table(&t, t.length, "APIC"), -EMSGSIZE);
	}
}

static void test_sdt_entries(void **state)
{
	struct table t;
	uint8_t *bytes;

	(void)state;
	assert_int_equal(acpi_sdt_entries(0, false), 0);
	assert_int_equal(acpi_sdt_entries(35, true), 0);
	assert_int_equal(acpi_sdt_entries(36, false), 0);
	assert_int_equal(acpi_sdt_entries(39, false), 0);
	assert_int_equal(acpi_sdt_entries(40, false), 1);
	assert_int_equal(acpi_sdt_entries(43, true), 0);
	assert_int_equal(acpi_sdt_entries(44, true), 1);
	assert_int_equal(acpi_sdt_entries(44, false), 2);
	assert_int_equal(acpi_sdt_entries(36 + 8 * 5 + 7, true), 5);

	table_start_acpi(&t, "XSDT");
	table_u64(&t, 0x1122334455667788ULL);
	table_u64(&t, 0x99aabbccddeeff00ULL);
	bytes = exact_copy(t.bytes, t.length);
	assert_true(acpi_sdt_entry(bytes, 0, true) == 0x1122334455667788ULL);
	assert_true(acpi_sdt_entry(bytes, 1, true) == 0x99aabbccddeeff00ULL);
	assert_true(acpi_sdt_entry(bytes, 0, false) == 0x55667788);
	assert_true(acpi_sdt_entry(bytes, 3, false) == 0x99aabbcc);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_rsdp_revision_0),
		cmocka_unit_test(test_rsdp_revision_2),
		cmocka_unit_test(test_rsdp_every_truncation),
		cmocka_unit_test(test_rsdp_every_corruption),
		cmocka_unit_test(test_rsdp_lying_length),
		cmocka_unit_test(test_check_table),
		cmocka_unit_test(test_check_table_lying_length),
		cmocka_unit_test(test_sdt_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

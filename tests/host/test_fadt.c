/* SPDX-License-Identifier: MIT */
#include "tests/host/table.h"
#include "tests/host/test.h"
#include "lib/acpi_tables.h"
#include "lib/errno.h"

#define LENGTH_V1 116u
#define LENGTH_V3 244u

/* Offsets: ACPI 6.5, table 5.9. */
enum {
	SCI = 46,
	SMI_CMD = 48,
	ACPI_ENABLE = 52,
	PM1A_EVT = 56,
	PM1A_CNT = 64,
	EVT_LEN = 88,
	FLAGS = 112,
	X_PM1A_EVT = 148,
	X_PM1A_CNT = 172
};

static int parse(const struct table *t, size_t available, struct acpi_fixed *out)
{
	uint8_t *bytes = exact_copy(t->bytes, available);
	int result = acpi_parse_fadt(bytes, available, out);

	free(bytes);
	return result;
}

/* As Xen's hvmloader makes it, but for the numbers. */
static void build(struct table *t, size_t length)
{
	table_start_acpi(t, "FACP");
	table_zeros(t, length - t->length);
	table_put16(t, SCI, 9);
	table_put32(t, PM1A_EVT, 0xb000);
	table_put32(t, PM1A_CNT, 0xb014);
	t->bytes[EVT_LEN] = 4;
	t->bytes[EVT_LEN + 1] = 2;
	table_seal_acpi(t);
}

static int parse_changed(size_t at, uint32_t value, unsigned bytes, struct acpi_fixed *out)
{
	struct table t;

	build(&t, LENGTH_V1);
	for (unsigned i = 0; i < bytes; i++)
		t.bytes[at + i] = (uint8_t)(value >> 8 * i);
	table_seal_acpi(&t);
	return parse(&t, t.length, out);
}

static void test_usual(void **state)
{
	struct acpi_fixed f;
	struct table t;

	(void)state;
	for (unsigned length = LENGTH_V1; length <= LENGTH_V3;
	     length += LENGTH_V3 - LENGTH_V1) {
		build(&t, length);
		assert_int_equal(parse(&t, t.length, &f), 0);
		assert_int_equal(f.sci, 9);
		assert_int_equal(f.status, 0xb000);
		assert_int_equal(f.enable, 0xb002);
		assert_int_equal(f.control, 0xb014);
		assert_int_equal(f.smi_command, 0);
		assert_true(f.power_button && f.sleep_button);
	}
}

static void test_longer_event_block(void **state)
{
	struct acpi_fixed f;

	(void)state;
	assert_int_equal(parse_changed(EVT_LEN, 8, 1, &f), 0);
	assert_int_equal(f.enable, 0xb004);
}

static void test_acpi_is_to_be_turned_on(void **state)
{
	struct acpi_fixed f;
	struct table t;

	(void)state;
	build(&t, LENGTH_V1);
	table_put32(&t, SMI_CMD, 0xb2);
	t.bytes[ACPI_ENABLE] = 0xf1;
	table_seal_acpi(&t);
	assert_int_equal(parse(&t, t.length, &f), 0);
	assert_int_equal(f.smi_command, 0xb2);
	assert_int_equal(f.acpi_enable, 0xf1);
	/* A command of 0 means that there is no such thing. */
	assert_int_equal(parse_changed(SMI_CMD, 0xb2, 4, &f), 0);
	assert_int_equal(f.smi_command, 0);
}

static void test_buttons_that_are_not_fixed(void **state)
{
	struct acpi_fixed f;

	(void)state;
	assert_int_equal(parse_changed(FLAGS, 1u << 4, 4, &f), 0);
	assert_true(!f.power_button && f.sleep_button);
	assert_int_equal(parse_changed(FLAGS, 1u << 5, 4, &f), 0);
	assert_true(f.power_button && !f.sleep_button);
}

static void test_no_fixed_hardware(void **state)
{
	struct acpi_fixed f = {.sci = 77};

	(void)state;
	assert_int_equal(parse_changed(FLAGS, 1u << 20, 4, &f), -ENODEV);
	assert_int_equal(parse_changed(SCI, 0, 2, &f), -ENODEV);
	assert_int_equal(parse_changed(PM1A_EVT, 0, 4, &f), -ENODEV);
	assert_int_equal(parse_changed(PM1A_CNT, 0, 4, &f), -ENODEV);
	assert_int_equal(f.sci, 77);
}

/* Blocks that are no ports, or reach beyond the last one. */
static void test_impossible_places(void **state)
{
	static const struct {
		unsigned at, bytes;
		uint32_t value;
	} bad[] = {
		{PM1A_EVT, 4, 0x10000}, {PM1A_EVT, 4, 0xfffd},  {PM1A_EVT, 4, UINT32_MAX},
		{PM1A_CNT, 4, 0xffff},  {PM1A_CNT, 4, 0x10000}, {SMI_CMD, 4, 0x10000},
		{EVT_LEN, 1, 0},        {EVT_LEN, 1, 2},        {EVT_LEN, 1, 6},
		{EVT_LEN, 1, 36},       {EVT_LEN, 1, 255},
	};
	struct acpi_fixed f = {.sci = 77};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse_changed(bad[i].at, bad[i].value, bad[i].bytes, &f),
				 -EINVAL);
	assert_int_equal(f.sci, 77);
	assert_int_equal(parse_changed(PM1A_EVT, 0xfffc, 4, &f), 0);
	assert_int_equal(f.enable, 0xfffe);
	assert_int_equal(parse_changed(PM1A_CNT, 0xfffe, 4, &f), 0);
}

/* The newer fields count where the older ones are empty, and only when they name ports. */
static void test_extended_addresses(void **state)
{
	struct acpi_fixed f;
	struct table t;

	(void)state;
	build(&t, LENGTH_V3);
	t.bytes[X_PM1A_EVT] = t.bytes[X_PM1A_CNT] = 1;
	table_put32(&t, X_PM1A_EVT + 4, 0x600);
	table_put32(&t, X_PM1A_CNT + 4, 0x604);
	table_seal_acpi(&t);
	assert_int_equal(parse(&t, t.length, &f), 0);
	assert_int_equal(f.status, 0xb000);
	table_put32(&t, PM1A_EVT, 0);
	table_put32(&t, PM1A_CNT, 0);
	table_seal_acpi(&t);
	assert_int_equal(parse(&t, t.length, &f), 0);
	assert_int_equal(f.status, 0x600);
	assert_int_equal(f.control, 0x604);
	t.bytes[X_PM1A_EVT] = 0; /* memory */
	table_seal_acpi(&t);
	assert_int_equal(parse(&t, t.length, &f), -ENODEV);
	t.bytes[X_PM1A_EVT] = 1;
	t.bytes[X_PM1A_EVT + 8] = 1; /* 0x100000600 */
	table_seal_acpi(&t);
	assert_int_equal(parse(&t, t.length, &f), -ENODEV);
}

static void test_every_truncation(void **state)
{
	struct acpi_fixed f = {.sci = 77};
	struct table t;

	(void)state;
	build(&t, LENGTH_V3);
	for (size_t n = 0; n < t.length; n++)
		assert_int_equal(parse(&t, n, &f), -EMSGSIZE);
	for (size_t n = 36; n < LENGTH_V1; n++) { /* short, and honest about it */
		t.length = n;
		table_seal_acpi(&t);
		assert_int_equal(parse(&t, n, &f), -EMSGSIZE);
	}
	assert_int_equal(f.sci, 77);
}

static void test_every_corruption(void **state)
{
	struct acpi_fixed f;
	struct table t;

	(void)state;
	build(&t, LENGTH_V1);
	for (size_t at = 0; at < t.length; at++)
		for (unsigned delta = 1; delta < 256; delta++) {
			struct table bad = t;

			bad.bytes[at] = (uint8_t)(bad.bytes[at] + delta);
			assert_true(parse(&bad, bad.length, &f) < 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_longer_event_block),
		cmocka_unit_test(test_acpi_is_to_be_turned_on),
		cmocka_unit_test(test_buttons_that_are_not_fixed),
		cmocka_unit_test(test_no_fixed_hardware),
		cmocka_unit_test(test_impossible_places),
		cmocka_unit_test(test_extended_addresses),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_every_corruption),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

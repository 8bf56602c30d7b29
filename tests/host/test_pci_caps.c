/* SPDX-License-Identifier: MIT */
/* The capability walk on configuration spaces that are right, looped and nonsense. */
#include "lib/pci_caps.h"
#include "tests/host/test.h"

struct space {
	uint8_t bytes[256];
	unsigned reads;
};

static uint16_t space_read(unsigned offset, void *ctx)
{
	struct space *s = ctx;

	assert_true(offset >= 0x40 && offset <= 0xfe && offset % 2 == 0);
	assert_true(++s->reads <= 48);
	return s->bytes[offset] | s->bytes[offset + 1] << 8;
}

static void cap(struct space *s, unsigned at, uint8_t id, uint8_t next)
{
	s->bytes[at] = id;
	s->bytes[at + 1] = next;
}

static void finds_each(void **state)
{
	struct space s = {0};

	(void)state;
	cap(&s, 0x40, 0x01, 0x60);
	cap(&s, 0x60, 0x05, 0xfc);
	cap(&s, 0xfc, 0x11, 0);
	assert_int_equal(pci_caps_find(space_read, &s, 0x40, 0x01), 0x40);
	assert_int_equal(pci_caps_find(space_read, &s, 0x40, 0x05), 0x60);
	assert_int_equal(pci_caps_find(space_read, &s, 0x40, 0x11), 0xfc);
	s.reads = 0;
	assert_int_equal(pci_caps_find(space_read, &s, 0x40, 0x10), 0);
	assert_int_equal(s.reads, 3);
}

static void low_bits_of_pointers_are_ignored(void **state)
{
	struct space s = {0};

	(void)state;
	cap(&s, 0x44, 0x09, 0x53);
	cap(&s, 0x50, 0x05, 0x01);
	assert_int_equal(pci_caps_find(space_read, &s, 0x47, 0x05), 0x50);
	s.reads = 0;
	assert_int_equal(pci_caps_find(space_read, &s, 0x47, 0x33), 0);
	assert_int_equal(s.reads, 2);
}

static void a_loop_ends(void **state)
{
	struct space one = {0}, two = {0};

	(void)state;
	cap(&one, 0x80, 0x01, 0x80);
	assert_int_equal(pci_caps_find(space_read, &one, 0x80, 0x05), 0);
	cap(&two, 0x40, 0x01, 0x90);
	cap(&two, 0x90, 0x09, 0x40);
	assert_int_equal(pci_caps_find(space_read, &two, 0x40, 0x05), 0);
}

static void pointers_into_the_header_end_it(void **state)
{
	struct space s = {0};

	(void)state;
	assert_int_equal(pci_caps_find(space_read, &s, 0, 0x05), 0);
	assert_int_equal(pci_caps_find(space_read, &s, 0x3c, 0x05), 0);
	assert_int_equal(s.reads, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each),
		cmocka_unit_test(low_bits_of_pointers_are_ignored),
		cmocka_unit_test(a_loop_ends),
		cmocka_unit_test(pointers_into_the_header_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

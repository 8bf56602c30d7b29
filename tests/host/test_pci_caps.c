/* SPDX-License-Identifier: MIT */
/* The capability walk, and the two interrupt capabilities, on configuration spaces that are
 * right, looped and nonsense. */
#include "lib/errno.h"
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

/* --- MSI --- */

static void put16(struct space *s, unsigned at, unsigned value)
{
	s->bytes[at] = value;
	s->bytes[at + 1] = value >> 8;
}

static void put32(struct space *s, unsigned at, uint32_t value)
{
	put16(s, at, value);
	put16(s, at + 2, value >> 16);
}

/* The four shapes of PCI Local Bus 3.0, figure 6-9. */
static void msi_shapes(void **state)
{
	static const struct {
		uint16_t control;
		uint8_t data, mask;
	} shapes[] = {
		{0x0000, 0x58, 0},
		{0x0080, 0x5c, 0},
		{0x0100, 0x58, 0x5c},
		{0x0180, 0x5c, 0x60},
	};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct space s = {0};
		struct pci_msi_cap cap;

		put16(&s, 0x52, shapes[i].control | i << 1);
		assert_int_equal(pci_caps_msi(space_read, &s, 0x50, &cap), 0);
		assert_int_equal(cap.control, 0x52);
		assert_int_equal(cap.address, 0x54);
		assert_int_equal(cap.data, shapes[i].data);
		assert_int_equal(cap.mask, shapes[i].mask);
		assert_int_equal(cap.wide, i & 1);
		assert_int_equal(cap.messages, 1 << i);
	}
}

static void msi_reserved_counts(void **state)
{
	(void)state;
	for (unsigned log2 = 0; log2 < 8; log2++) {
		struct space s = {0};
		struct pci_msi_cap cap;

		put16(&s, 0x52, log2 << 1);
		assert_int_equal(pci_caps_msi(space_read, &s, 0x50, &cap),
				 log2 <= 5 ? 0 : -EINVAL);
	}
}

/* At every place and in every shape: what is accepted lies inside, what does not fit is refused. */
static void msi_at_the_end(void **state)
{
	static const unsigned bytes[] = {10, 14, 20, 24};

	(void)state;
	for (unsigned shape = 0; shape < 4; shape++)
		for (unsigned at = 0x40; at < 0x100; at += 4) {
			struct space s = {0};
			struct pci_msi_cap cap;

			put16(&s, at + 2, shape << 7);
			assert_int_equal(pci_caps_msi(space_read, &s, at, &cap),
					 at + bytes[shape] <= 0x100 ? 0 : -EINVAL);
		}
}

/* --- MSI-X --- */

struct msix {
	unsigned entries;
	uint32_t table, pending; /* the registers: offset and BAR */
	uint64_t bytes[6];
};

static int msix_parse(const struct msix *m, unsigned at, struct pci_msix_cap *cap)
{
	struct space s = {0};

	put16(&s, at + 2, 0xc000 | (m->entries - 1));
	if (at + 12 <= 0x100) {
		put32(&s, at + 4, m->table);
		put32(&s, at + 8, m->pending);
	}
	return pci_caps_msix(space_read, &s, at, m->bytes, cap);
}

static void msix_fields(void **state)
{
	const struct msix m = {5, 0x00000003, 0x00002003, {[3] = 0x4000}};
	struct pci_msix_cap cap;

	(void)state;
	assert_int_equal(msix_parse(&m, 0xa0, &cap), 0);
	assert_int_equal(cap.control, 0xa2);
	assert_int_equal(cap.entries, 5);
	assert_int_equal(cap.bar, 3);
	assert_int_equal(cap.pending_bar, 3);
	assert_int_equal(cap.table, 0);
	assert_int_equal(cap.pending, 0x2000);
}

static void msix_table_against_its_bar(void **state)
{
	static const struct {
		struct msix m;
		int want;
	} cases[] = {
		{{2048, 0x0, 0x8000, {0x10000}}, 0},
		{{1, 0xff0, 0x1, {0x1000, 8}}, 0},             /* both end with their BARs */
		{{1, 0xff8, 0x1, {0x1000, 8}}, -EINVAL},       /* half an entry outside */
		{{2, 0xff0, 0x1, {0x1000, 8}}, -EINVAL},       /* the second one outside */
		{{1, 0x1000, 0x1, {0x1000, 8}}, -EINVAL},      /* begins behind it */
		{{1, 0xfffffff8, 0x1, {0x1000, 8}}, -EINVAL},  /* would wrap around */
		{{2048, 0x0, 0x1, {0x4000, 0x100}}, -EINVAL},  /* larger than the BAR */
		{{64, 0x0, 0x1, {0x1000, 8}}, 0},
		{{65, 0x0, 0x1, {0x1000, 8}}, -EINVAL},        /* no room for the 65th bit */
		{{1, 0x0, 0xfffffff9, {0x1000, 8}}, -EINVAL},
		{{1, 0x2, 0x0, {0x1000}}, -EINVAL},            /* a BAR that there is not */
		{{1, 0x0, 0x5, {0x1000}}, -EINVAL},
		{{1, 0x6, 0x0, {0x1000}}, -EINVAL},            /* reserved BAR numbers */
		{{1, 0x0, 0x7, {0x1000}}, -EINVAL},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pci_msix_cap cap;

		assert_int_equal(msix_parse(&cases[i].m, 0x40, &cap), cases[i].want);
	}
}

/* Two entries at 0x100-0x11f, the pending bits moved past them. */
static void msix_table_over_pending_bits(void **state)
{
	(void)state;
	for (uint32_t pending = 0xe0; pending < 0x140; pending += 8) {
		struct msix m = {2, 0x100, pending, {0x1000}};
		struct pci_msix_cap cap;

		assert_int_equal(msix_parse(&m, 0x40, &cap),
				 pending < 0x100 || pending >= 0x120 ? 0 : -EINVAL);
	}
}

static void msix_at_the_end(void **state)
{
	const struct msix m = {1, 0, 0x100, {0x1000}};
	struct pci_msix_cap cap;

	(void)state;
	assert_int_equal(msix_parse(&m, 0xf4, &cap), 0);
	assert_int_equal(msix_parse(&m, 0xf8, &cap), -EINVAL);
	assert_int_equal(msix_parse(&m, 0xfc, &cap), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each),
		cmocka_unit_test(low_bits_of_pointers_are_ignored),
		cmocka_unit_test(a_loop_ends),
		cmocka_unit_test(pointers_into_the_header_end_it),
		cmocka_unit_test(msi_shapes),
		cmocka_unit_test(msi_reserved_counts),
		cmocka_unit_test(msi_at_the_end),
		cmocka_unit_test(msix_fields),
		cmocka_unit_test(msix_table_against_its_bar),
		cmocka_unit_test(msix_table_over_pending_bits),
		cmocka_unit_test(msix_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"

#include <xen/io/console.h>

#include "lib/errno.h"
#include "lib/xencons_ring.h"

#define IN_SIZE 1024u

/* Near 2^32, so that the counts run over in every test. Allocated to the byte: the sanitizer
 * sees whoever goes beyond. */
static struct xencons_interface *page_new(uint32_t at)
{
	struct xencons_interface *page = calloc(1, sizeof(*page));

	page->out_prod = page->out_cons = page->in_prod = page->in_cons = at;
	return page;
}

static void open_page(struct xencons_ring *r, struct xencons_interface *page)
{
	assert_int_equal(xencons_ring_open(r, page), 0);
}

/* The other side, as long as it is an honest one. */
static char reader_take(struct xencons_interface *page)
{
	return page->out[MASK_XENCONS_IDX(page->out_cons++, page->out)];
}

static void test_what_is_put_comes_out(void **state)
{
	(void)state;
	struct xencons_interface *page = page_new(UINT32_MAX - 700);
	struct xencons_ring r;

	open_page(&r, page);
	for (unsigned turn = 0; turn < 3; turn++) {
		for (unsigned i = 0; i < XENCONS_OUT_SIZE; i++) {
			assert_int_equal(xencons_ring_left(&r), i);
			assert_true(xencons_ring_put(&r, (char)(i * 7 + turn)));
		}
		assert_false(xencons_ring_put(&r, 'x'));
		for (unsigned i = 0; i < XENCONS_OUT_SIZE; i++)
			assert_int_equal(reader_take(page), (char)(i * 7 + turn));
		assert_int_equal(page->out_prod, page->out_cons);
	}
	free(page);
}

static void test_what_is_typed_comes_in(void **state)
{
	(void)state;
	struct xencons_interface *page = page_new(UINT32_MAX - 3);
	struct xencons_ring r;
	char byte;

	open_page(&r, page);
	assert_false(xencons_ring_get(&r, &byte));
	for (unsigned i = 0; i < IN_SIZE; i++)
		page->in[MASK_XENCONS_IDX(page->in_prod++, page->in)] = (char)i;
	for (unsigned i = 0; i < IN_SIZE; i++) {
		assert_true(xencons_ring_get(&r, &byte));
		assert_int_equal(byte, (char)i);
	}
	assert_false(xencons_ring_get(&r, &byte));
	assert_int_equal(page->in_cons, UINT32_MAX - 3); /* not told yet */
	xencons_ring_release(&r);
	assert_int_equal(page->in_cons, page->in_prod);
	free(page);
}

static void test_what_was_there_is_kept(void **state)
{
	(void)state;
	struct xencons_interface *page = page_new(9);
	struct xencons_ring r;

	page->out_prod = 12;
	open_page(&r, page);
	assert_int_equal(xencons_ring_left(&r), 3);
	assert_true(xencons_ring_put(&r, 'd'));
	assert_int_equal(page->out[12], 'd');
	assert_int_equal(page->out_prod, 13);
	page->out_prod = 12 + XENCONS_OUT_SIZE;
	page->out_cons = 12;
	open_page(&r, page);
	assert_false(xencons_ring_put(&r, 'e'));
	page->out_cons = 11;
	assert_int_equal(xencons_ring_open(&r, page), -EINVAL);
	free(page);
}

/* Whatever their counts say, ahead or behind: a full ring, and not a byte beyond it. */
static void test_counts_that_cannot_be(void **state)
{
	(void)state;
	static const uint32_t apart[] = {1,
					 2,
					 XENCONS_OUT_SIZE,
					 XENCONS_OUT_SIZE + 1,
					 UINT32_MAX / 2,
					 UINT32_MAX - XENCONS_OUT_SIZE};

	for (size_t i = 0; i < COUNT(apart); i++) {
		struct xencons_interface *page = page_new(5000);
		struct xencons_ring r;
		char byte;

		open_page(&r, page);
		page->out_cons = 5000 + apart[i]; /* it has taken what was never put */
		assert_int_equal(xencons_ring_left(&r), XENCONS_OUT_SIZE);
		assert_false(xencons_ring_put(&r, 'x'));
		assert_int_equal(page->out_prod, 5000);
		page->in_prod = 5000 - apart[i]; /* taken back */
		assert_false(xencons_ring_get(&r, &byte));
		page->out_cons = 5000; /* it comes to its senses */
		assert_true(xencons_ring_put(&r, 'y'));
		page->in[MASK_XENCONS_IDX(page->in_prod++, page->in)] = 'z';
		assert_true(xencons_ring_get(&r, &byte));
		assert_int_equal(byte, 'z');
		free(page);
	}
}

/* Our own counts stand on their page, too: what it says there does not matter. */
static void test_our_counts_are_not_read_back(void **state)
{
	(void)state;
	struct xencons_interface *page = page_new(0);
	struct xencons_ring r;
	char byte;

	open_page(&r, page);
	page->out_prod = 0x80000000u;
	page->in_cons = 0x80000000u;
	assert_true(xencons_ring_put(&r, 'a'));
	assert_int_equal(page->out_prod, 1);
	assert_int_equal(page->out[0], 'a');
	page->in[0] = 'b';
	page->in_prod = 1;
	assert_true(xencons_ring_get(&r, &byte));
	assert_int_equal(byte, 'b');
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_put_comes_out),
		cmocka_unit_test(test_what_is_typed_comes_in),
		cmocka_unit_test(test_what_was_there_is_kept),
		cmocka_unit_test(test_counts_that_cannot_be),
		cmocka_unit_test(test_our_counts_are_not_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

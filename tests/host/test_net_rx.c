/* SPDX-License-Identifier: MIT */
/* What an honest backend puts into the rx ring: what is a frame, and what is none. */
#include "tests/host/net_slots.h"

/* --- frames --- */

static void one_slot(void **state)
{
	static const struct {
		unsigned offset;
		int status;
	} cases[] = {{0, 60},   {0, 1514}, {0, 4096},    {2, 60}, {4036, 60},
		     {4095, 1}, {1, 4095}, {2582, 1514}, {0, 0},  {4096, 0}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rx *rx = rx_new(4096);

		assert_int_equal(rx_data(rx, 0, cases[i].offset, cases[i].status),
				 NET_RX_WHOLE);
		assert_int_equal(rx->in.refusal, NET_REFUSED_NOT);
		assert_int_equal(rx->in.slots, 1);
		assert_null(rx->why);
		rx_check_end(rx, 0, cases[i].offset, cases[i].status);
		rx_free(rx);
	}
}

static void several_slots(void **state)
{
	struct rx *rx = rx_new(65536);
	size_t at = 0;

	(void)state;
	for (unsigned n = 0; n < 17; n++) {
		unsigned more = n < 16 ? NETRXF_more_data : 0;

		assert_int_equal(rx_data(rx, more, n, 3000 + n),
				 more ? NET_RX_MORE : NET_RX_WHOLE);
		rx_check_end(rx, at, n, 3000 + n);
		at += 3000 + n;
	}
	assert_int_equal(rx->in.slots, 17);
	assert_int_equal(rx->in.refusal, NET_REFUSED_NOT);
	rx_free(rx);
}

/* Those of the first slot count for all of the frame. */
static void flags_are_the_first_ones(void **state)
{
	struct rx *rx = rx_new(4096);

	(void)state;
	assert_int_equal(rx_data(rx, NETRXF_data_validated | NETRXF_more_data, 0, 60),
			 NET_RX_MORE);
	assert_int_equal(rx_data(rx, NETRXF_csum_blank, 0, 60), NET_RX_WHOLE);
	assert_int_equal(rx->in.flags, NETRXF_data_validated | NETRXF_more_data);
	rx_free(rx);
}

/* The next frame has nothing of the last one, whatever that was. */
static void begins_anew(void **state)
{
	struct rx *rx = rx_new(100);
	uint8_t *bytes = rx->in.bytes;

	(void)state;
	assert_int_equal(rx_data(rx, NETRXF_more_data | NETRXF_extra_info, 0, 101),
			 NET_RX_MORE);
	assert_int_equal(rx->in.refusal, NET_REFUSED_LONG);
	net_rx_begin(&rx->in);
	assert_ptr_equal(rx->in.bytes, bytes);
	assert_int_equal(rx->in.size, 100);
	assert_int_equal(rx_data(rx, 0, 8, 100), NET_RX_WHOLE);
	assert_int_equal(rx->in.refusal, NET_REFUSED_NOT);
	assert_int_equal(rx->in.flags, 0);
	assert_int_equal(rx->in.slots, 1);
	rx_check_end(rx, 0, 8, 100);
	rx_free(rx);
}

/* --- extra info --- */

/* It lies between the first response and the others. */
static void a_hash_is_harmless(void **state)
{
	struct rx *rx = rx_new(4096);

	(void)state;
	assert_int_equal(rx_data(rx, NETRXF_extra_info | NETRXF_more_data, 0, 60), NET_RX_MORE);
	assert_true(rx->in.extras);
	assert_int_equal(rx_extra(rx, HASH, MORE), NET_RX_MORE);
	assert_true(rx->in.extras);
	assert_int_equal(rx_extra(rx, HASH, 0), NET_RX_MORE);
	assert_false(rx->in.extras);
	assert_int_equal(rx_data(rx, 0, 100, 40), NET_RX_WHOLE);
	assert_int_equal(rx->in.refusal, NET_REFUSED_NOT);
	assert_int_equal(rx->in.slots, 4);
	rx_check_end(rx, 60, 100, 40);
	rx_free(rx);
}

/* And behind the only one. */
static void a_hash_is_the_end(void **state)
{
	struct rx *rx = rx_new(4096);

	(void)state;
	assert_int_equal(rx_data(rx, NETRXF_extra_info, 0, 60), NET_RX_MORE);
	/* The flags' other bits say nothing. */
	assert_int_equal(rx_extra(rx, HASH, 0xff & ~MORE), NET_RX_WHOLE);
	assert_int_equal(rx->in.refusal, NET_REFUSED_NOT);
	rx_check_end(rx, 0, 0, 60);
	rx_free(rx);
}

/* "Can be present if initial response has NETRXF_extra_info": a later one does not count. */
static void only_the_first_announces_it(void **state)
{
	struct rx *rx = rx_new(4096);

	(void)state;
	assert_int_equal(rx_data(rx, NETRXF_more_data, 0, 60), NET_RX_MORE);
	assert_int_equal(rx_data(rx, NETRXF_extra_info, 0, 60), NET_RX_WHOLE);
	rx_free(rx);
}

static void extra_info_that_nobody_asked_for(void **state)
{
	static const unsigned types[] = {GSO, XEN_NETIF_EXTRA_TYPE_MCAST_ADD,
					 XEN_NETIF_EXTRA_TYPE_MCAST_DEL};

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		struct rx *rx = rx_new(4096);

		rx_data(rx, NETRXF_extra_info | NETRXF_more_data, 0, 60);
		assert_int_equal(rx_extra(rx, types[i], MORE), NET_RX_MORE);
		assert_int_equal(rx_extra(rx, HASH, 0), NET_RX_MORE);
		assert_int_equal(rx_data(rx, 0, 0, 60), NET_RX_WHOLE);
		assert_int_equal(rx->in.refusal, NET_REFUSED_EXTRA);
		assert_int_equal(rx->in.length, 60); /* nothing is added to what is none */
		rx_free(rx);
	}
}

/* --- frames that are none --- */

static void the_backend_has_failed(void **state)
{
	static const int statuses[] = {NETIF_RSP_ERROR, NETIF_RSP_DROPPED, INT16_MIN};

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct rx *rx = rx_new(4096);

		/* The offset says nothing then. */
		assert_int_equal(rx_data(rx, NETRXF_more_data, 0xffff, statuses[i]),
				 NET_RX_MORE);
		assert_int_equal(rx_data(rx, 0, 0, 60), NET_RX_WHOLE);
		assert_int_equal(rx->in.refusal, NET_REFUSED_ERROR);
		assert_int_equal(rx->in.length, 0);
		net_rx_begin(&rx->in);
		rx_data(rx, NETRXF_more_data, 0, 60);
		assert_int_equal(rx_data(rx, 0, 0, statuses[i]), NET_RX_WHOLE);
		assert_int_equal(rx->in.refusal, NET_REFUSED_ERROR);
		rx_free(rx);
	}
}

static void a_prefix(void **state)
{
	struct rx *rx = rx_new(4096);

	(void)state;
	assert_int_equal(rx_data(rx, NETRXF_gso_prefix | NETRXF_more_data, 1448, 0),
			 NET_RX_MORE);
	assert_int_equal(rx_data(rx, 0, 0, 60), NET_RX_WHOLE);
	assert_int_equal(rx->in.refusal, NET_REFUSED_PREFIX);
	assert_int_equal(rx->in.length, 0);
	rx_free(rx);
}

static void as_long_as_its_buffer(void **state)
{
	static const struct {
		size_t size;
		int first, second;
		bool fits;
	} cases[] = {{60, 60, 0, true},        {60, 61, 0, false},       {60, 30, 30, true},
		     {60, 30, 31, false},      {60, 60, 1, false},       {0, 0, 0, true},
		     {0, 1, 0, false},         {4096, 4096, 0, true},    {4095, 4096, 0, false},
		     {8191, 4096, 4095, true}, {8191, 4096, 4096, false}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rx *rx = rx_new(cases[i].size);

		rx_data(rx, NETRXF_more_data, 0, cases[i].first);
		assert_int_equal(rx_data(rx, 0, 0, cases[i].second), NET_RX_WHOLE);
		assert_int_equal(rx->in.refusal,
				 cases[i].fits ? NET_REFUSED_NOT : NET_REFUSED_LONG);
		assert_true(rx->in.length <= cases[i].size);
		rx_free(rx);
	}
}

/* A piece that would fit behind one that did not makes it no frame again. */
static void once_too_long(void **state)
{
	struct rx *rx = rx_new(100);

	(void)state;
	rx_data(rx, NETRXF_more_data, 0, 60);
	rx_data(rx, NETRXF_more_data, 0, 60);
	assert_int_equal(rx_data(rx, 0, 0, 10), NET_RX_WHOLE);
	assert_int_equal(rx->in.refusal, NET_REFUSED_LONG);
	assert_int_equal(rx->in.length, 60);
	rx_free(rx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_slot),
		cmocka_unit_test(several_slots),
		cmocka_unit_test(flags_are_the_first_ones),
		cmocka_unit_test(begins_anew),
		cmocka_unit_test(a_hash_is_harmless),
		cmocka_unit_test(a_hash_is_the_end),
		cmocka_unit_test(only_the_first_announces_it),
		cmocka_unit_test(extra_info_that_nobody_asked_for),
		cmocka_unit_test(the_backend_has_failed),
		cmocka_unit_test(a_prefix),
		cmocka_unit_test(as_long_as_its_buffer),
		cmocka_unit_test(once_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

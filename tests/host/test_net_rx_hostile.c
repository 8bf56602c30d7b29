/* SPDX-License-Identifier: MIT */
/* What no backend may put into the rx ring. */
#include "tests/host/net_slots.h"

#include "lib/errno.h"

#define BEYOND  "a received slot reaches beyond its page"
#define UNKNOWN "extra info of no known type"
#define ENDLESS "a received frame has no end"

/* Offset and status on both sides of the page's end. */
static void beyond_the_page(void **state)
{
	(void)state;
	for (unsigned offset = 0; offset <= 4096; offset += 64) {
		struct rx *rx = rx_new(4096);

		assert_int_equal(rx_data(rx, 0, offset, 4096 - offset), NET_RX_WHOLE);
		rx_check_end(rx, 0, offset, 4096 - offset);
		net_rx_begin(&rx->in);
		assert_int_equal(rx_data(rx, 0, offset, 4096 - offset + 1), -EBADMSG);
		assert_string_equal(rx->why, BEYOND);
		assert_int_equal(rx->in.length, 0);
		rx_free(rx);
	}
}

/* Both have 16 bits, and their sum has more. In a frame that is none it is no better. */
static void far_beyond_the_page(void **state)
{
	static const struct {
		unsigned offset;
		int status;
	} cases[] = {{4097, 0},           {0xffff, 0},    {0xffff, 1},
		     {0x8001, INT16_MAX}, {0, INT16_MAX}, {0xffff, INT16_MAX}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rx *rx = rx_new(65536);

		assert_int_equal(rx_data(rx, 0, cases[i].offset, cases[i].status), -EBADMSG);
		assert_string_equal(rx->why, BEYOND);
		net_rx_begin(&rx->in);
		rx_data(rx, NETRXF_more_data, 0, NETIF_RSP_ERROR);
		assert_int_equal(
			rx_data(rx, NETRXF_gso_prefix, cases[i].offset, cases[i].status),
			-EBADMSG);
		rx_free(rx);
	}
}

/* As many slots of data as a frontend has to take, and extra info of every type. */
static void as_many_slots_as_there_are(void **state)
{
	struct rx *rx = rx_new(65536);

	(void)state;
	rx_data(rx, NETRXF_extra_info | NETRXF_more_data, 0, 60);
	for (unsigned type = GSO; type <= HASH; type++)
		assert_int_equal(rx_extra(rx, type, type < HASH ? MORE : 0), NET_RX_MORE);
	for (unsigned n = 2; n < XEN_NETIF_NR_SLOTS_MIN; n++)
		assert_int_equal(rx_data(rx, NETRXF_more_data, 0, 60), NET_RX_MORE);
	assert_int_equal(rx_data(rx, 0, 0, 60), NET_RX_WHOLE);
	rx_free(rx);
}

/* The slot behind the last one that can be, whether it would be the end or not. */
static void data_without_end(void **state)
{
	(void)state;
	for (unsigned last = 0; last < 2; last++) {
		struct rx *rx = rx_new(65536);
		unsigned most = XEN_NETIF_NR_SLOTS_MIN + XEN_NETIF_EXTRA_TYPE_MAX;

		for (unsigned n = 0; n < most; n++)
			assert_int_equal(rx_data(rx, NETRXF_more_data, 0, 1), NET_RX_MORE);
		assert_int_equal(rx_data(rx, last ? 0 : NETRXF_more_data, 0, 1), -EMSGSIZE);
		assert_string_equal(rx->why, ENDLESS);
		rx_free(rx);
	}
}

static void extra_info_without_end(void **state)
{
	struct rx *rx = rx_new(4096);
	unsigned n = 1;
	int result;

	(void)state;
	rx_data(rx, NETRXF_extra_info, 0, 60);
	while ((result = rx_extra(rx, HASH, MORE)) == NET_RX_MORE)
		n++;
	assert_int_equal(result, -EMSGSIZE);
	assert_int_equal(n, XEN_NETIF_NR_SLOTS_MIN + XEN_NETIF_EXTRA_TYPE_MAX);
	assert_string_equal(rx->why, ENDLESS);
	rx_free(rx);
}

static void extra_info_of_no_type(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		struct rx *rx = rx_new(4096);
		bool known = type >= GSO && type <= HASH;

		rx_data(rx, NETRXF_extra_info, 0, 60);
		assert_int_equal(rx_extra(rx, type, 0), known ? NET_RX_WHOLE : -EBADMSG);
		if (!known)
			assert_string_equal(rx->why, UNKNOWN);
		rx_free(rx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beyond_the_page),
		cmocka_unit_test(far_beyond_the_page),
		cmocka_unit_test(as_many_slots_as_there_are),
		cmocka_unit_test(data_without_end),
		cmocka_unit_test(extra_info_without_end),
		cmocka_unit_test(extra_info_of_no_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

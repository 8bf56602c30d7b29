/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/net_frame.h"

static const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};

static void reads_in_network_order(void **state)
{
	struct net_reader r = net_reader_open(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(net_read_u8(&r), 0x01);
	assert_int_equal(net_read_u16(&r), 0x0203);
	assert_int_equal(net_read_u32(&r), 0x04050607);
	assert_int_equal(r.left, 1);
	assert_ptr_equal(net_read_bytes(&r, 1), bytes + 7);
	assert_false(r.overrun);
}

/* Each read, from each number of bytes, in memory that ends there. */
static void reads_nothing_beyond(void **state)
{
	static const size_t wants[] = {1, 2, 4, 6};

	(void)state;
	for (unsigned kind = 0; kind < COUNT(wants); kind++) {
		for (size_t n = 0; n < wants[kind] + 2; n++) {
			uint8_t *copy = exact_copy(bytes, n);
			struct net_reader r = net_reader_open(copy, n);

			if (kind == 0)
				net_read_u8(&r);
			else if (kind == 1)
				net_read_u16(&r);
			else if (kind == 2)
				net_read_u32(&r);
			else
				net_read_mac(&r);
			assert_int_equal(r.overrun, n < wants[kind]);
			assert_int_equal(r.left, n < wants[kind] ? 0 : n - wants[kind]);
			free(copy);
		}
	}
}

static void an_overrun_lasts(void **state)
{
	struct net_reader r = net_reader_open(bytes, 3);

	(void)state;
	assert_int_equal(net_read_u32(&r), 0);
	assert_int_equal(net_read_u8(&r), 0); /* though three bytes were left */
	assert_null(net_read_bytes(&r, 1));
	assert_true(r.overrun);
	r = net_reader_open(bytes, 3);
	assert_null(net_read_bytes(&r, SIZE_MAX));
	assert_true(r.overrun);
}

static void a_limit_cuts_padding(void **state)
{
	struct net_reader r = net_reader_open(bytes, sizeof(bytes));

	(void)state;
	net_reader_limit(&r, 2);
	assert_int_equal(net_read_u16(&r), 0x0102);
	assert_int_equal(r.left, 0);
	assert_false(r.overrun);
	net_reader_limit(&r, 1);
	assert_true(r.overrun);
}

static void writes_in_network_order(void **state)
{
	uint8_t out[7] = {0};
	struct net_writer w = net_writer_open(out, sizeof(out));

	(void)state;
	net_write_u8(&w, 0x01);
	net_write_u16(&w, 0x0203);
	net_write_u32(&w, 0x04050607);
	assert_memory_equal(out, bytes, 7);
	assert_int_equal(w.length, 7);
	assert_false(w.overrun);
}

static void writes_nothing_beyond(void **state)
{
	const struct net_mac mac = {{1, 2, 3, 4, 5, 6}};

	(void)state;
	for (size_t size = 0; size <= NET_ETHERNET_HEADER; size++) {
		uint8_t *out = malloc(size);
		struct net_writer w = net_writer_open(out, size);

		net_ethernet_write(&w, &mac, &mac, 0x0800);
		assert_int_equal(w.overrun, size < NET_ETHERNET_HEADER);
		/* Whole fields only, and none behind the first that did not fit. */
		assert_int_equal(w.length, size < 6 ? 0 : size < 12 ? 6 : size < 14 ? 12 : 14);
		net_write_u8(&w, 1);
		assert_true(w.overrun);
		free(out);
	}
}

static void hosts_and_groups(void **state)
{
	static const struct {
		struct net_mac mac;
		bool host;
	} cases[] = {
		{{{0x00, 0x16, 0x3e, 0, 0, 1}}, true},
		{{{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff}},
		 true}, /* as Linux names a vif in dom0 */
		{{{0, 0, 0, 0, 0, 1}}, true},
		{{{0, 0, 0, 0, 0, 0}}, false},
		{{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, false},
		{{{0x01, 0x00, 0x5e, 0, 0, 1}}, false}, /* multicast */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(net_mac_is_host(&cases[i].mac), cases[i].host);
	assert_true(net_mac_equal(&cases[4].mac, &net_mac_broadcast));
	assert_false(net_mac_equal(&cases[0].mac, &cases[1].mac));
}

static void ethernet_header(void **state)
{
	static const uint8_t frame[] = {2, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 2, 0x08, 0x06};
	struct net_ethernet e;

	(void)state;
	for (size_t n = 0; n <= sizeof(frame); n++) {
		uint8_t *copy = exact_copy(frame, n);
		struct net_reader r = net_reader_open(copy, n);

		assert_int_equal(net_ethernet_parse(&r, &e),
				 n < sizeof(frame) ? NET_DROP_SHORT : NET_DROP_NONE);
		free(copy);
	}
	assert_int_equal(e.to.bytes[0], 2);
	assert_int_equal(e.from.bytes[5], 2);
	assert_int_equal(e.type, NET_TYPE_ARP);
}

static void each_reason_has_a_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < NR_NET_DROPS; i++) {
		assert_non_null(net_drop_name(i));
		assert_true(i ? net_drop_errno(i) < 0 : net_drop_errno(i) == 0);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(net_drop_name(i), net_drop_name(k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_in_network_order),
		cmocka_unit_test(reads_nothing_beyond),
		cmocka_unit_test(an_overrun_lasts),
		cmocka_unit_test(a_limit_cuts_padding),
		cmocka_unit_test(writes_in_network_order),
		cmocka_unit_test(writes_nothing_beyond),
		cmocka_unit_test(hosts_and_groups),
		cmocka_unit_test(ethernet_header),
		cmocka_unit_test(each_reason_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

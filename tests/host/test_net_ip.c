/* SPDX-License-Identifier: MIT */
#include "tests/host/net_wire.h"
#include "tests/host/test.h"
#include "lib/net_ip.h"

static struct wire w;
static struct net_ip ip;
static size_t left; /* of the payload */

static enum net_drop parse(size_t length)
{
	uint8_t *copy = exact_copy(w.bytes + AT_IP, length);
	struct net_reader r = net_reader_open(copy, length);
	enum net_drop drop = net_ip_parse(&r, &ip);

	left = r.left;
	if (!drop) /* what it hands on lies in the datagram */
		assert_true(r.bytes >= copy && r.bytes + r.left <= copy + length);
	free(copy);
	return drop;
}

static enum net_drop parse_all(void)
{
	return parse(w.length - AT_IP);
}

static void parses_a_header(void **state)
{
	(void)state;
	wire_udp(&w, 1, 7, 10);
	assert_int_equal(parse_all(), NET_DROP_NONE);
	assert_int_equal(ip.protocol, 17);
	assert_int_equal(ip.ttl, 64);
	assert_int_equal(ip.from, WIRE_PEER);
	assert_int_equal(ip.to, WIRE_US);
	assert_int_equal(left, 18);
}

static void every_truncation(void **state)
{
	(void)state;
	wire_udp(&w, 1, 7, 10);
	for (size_t n = 0; n < w.length - AT_IP; n++)
		assert_int_equal(parse(n), n < 20 ? NET_DROP_IP_SHORT : NET_DROP_IP_LENGTH);
}

static void padding_is_no_payload(void **state)
{
	(void)state;
	wire_udp(&w, 1, 7, 1);
	for (size_t padding = 0; padding < 64; padding++) {
		assert_int_equal(parse(w.length - AT_IP + padding), NET_DROP_NONE);
		assert_int_equal(left, 9);
	}
}

static void versions(void **state)
{
	(void)state;
	for (unsigned version = 0; version < 16; version++) {
		wire_udp(&w, 1, 7, 40);
		wire_put8(&w, AT_IP, version << 4 | 5);
		wire_seal_ip(&w);
		assert_int_equal(parse_all(),
				 version == 4 ? NET_DROP_NONE : NET_DROP_IP_VERSION);
	}
}

/* Each ihl, right and as a lie, in frames that end within the header that it claims. */
static void header_lengths(void **state)
{
	(void)state;
	for (unsigned ihl = 5; ihl < 16; ihl++) {
		wire_udp(&w, 1, 7, 4);
		wire_options(&w, (ihl - 5) * 4);
		assert_int_equal(parse_all(), NET_DROP_NONE);
		assert_int_equal(left, 12);
		for (size_t n = 20; n < ihl * 4; n++)
			assert_int_equal(parse(n), NET_DROP_IP_IHL);
		assert_int_equal(parse(ihl * 4), NET_DROP_IP_LENGTH);
	}
	for (unsigned ihl = 0; ihl < 5; ihl++) {
		wire_udp(&w, 1, 7, 40);
		wire_put8(&w, AT_IP, 0x40 | ihl);
		wire_seal_ip(&w);
		assert_int_equal(parse_all(), NET_DROP_IP_IHL);
	}
}

/* Options are skipped, whatever is in them. */
static void options_of_any_bytes(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		wire_udp(&w, 1, 7, 4);
		wire_options(&w, 40);
		memset(w.bytes + AT_IP_DATA, byte, 40);
		wire_seal_ip(&w);
		assert_int_equal(parse_all(), NET_DROP_NONE);
		assert_int_equal(left, 12);
	}
}

static void total_lengths(void **state)
{
	(void)state;
	for (unsigned total = 0; total < 65536; total++) {
		wire_udp(&w, 1, 7, 20);
		wire_options(&w, 8);
		wire_put16(&w, AT_IP + IP_LENGTH, total);
		wire_seal_ip(&w);
		/* 28 of header, 8 of UDP's, 20 of data */
		assert_int_equal(parse_all(),
				 total < 28 || total > 56 ? NET_DROP_IP_LENGTH : NET_DROP_NONE);
		if (total >= 28 && total <= 56)
			assert_int_equal(left, total - 28);
		if (total == 100)
			total = 65400;
	}
}

/* Each bit of the header flipped: never taken. */
static void checksums(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 160; bit++) {
		wire_udp(&w, 1, 7, 40);
		w.bytes[AT_IP + bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(parse_all(), NET_DROP_NONE);
		if (bit >= 32)
			assert_int_equal(parse_all(), NET_DROP_IP_CHECKSUM);
	}
}

static void fragments(void **state)
{
	static const struct {
		unsigned field;
		enum net_drop want;
	} cases[] = {
		{0x0000, NET_DROP_NONE},
		{0x4000, NET_DROP_NONE},        /* must not be one */
		{0x8000, NET_DROP_NONE},        /* reserved */
		{0x2000, NET_DROP_IP_FRAGMENT}, /* the first one */
		{0x2001, NET_DROP_IP_FRAGMENT},
		{0x0001, NET_DROP_IP_FRAGMENT}, /* the last one */
		{0x1fff, NET_DROP_IP_FRAGMENT}, /* ends beyond 65535 */
		{0x6000, NET_DROP_IP_FRAGMENT},
		{0xffff, NET_DROP_IP_FRAGMENT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		wire_udp(&w, 1, 7, 4);
		wire_put16(&w, AT_IP + IP_FRAGMENT, cases[i].field);
		wire_seal_ip(&w);
		assert_int_equal(parse_all(), cases[i].want);
	}
}

/* RFC 1122, 3.2.1.7: not discarded for a ttl below 2. */
static void any_ttl_is_taken(void **state)
{
	(void)state;
	for (unsigned ttl = 0; ttl < 256; ttl++) {
		wire_udp(&w, 1, 7, 4);
		wire_put8(&w, AT_IP + IP_TTL, ttl);
		wire_seal_ip(&w);
		assert_int_equal(parse_all(), NET_DROP_NONE);
		assert_int_equal(ip.ttl, ttl);
	}
}

static void writes_a_header(void **state)
{
	const struct net_ip want = {.protocol = 1, .ttl = 64, .from = WIRE_US, .to = WIRE_PEER};

	(void)state;
	for (size_t size = 0; size <= 20; size++) {
		uint8_t *out = malloc(size);
		struct net_writer to = net_writer_open(out, size);

		net_ip_write(&to, &want, 1000);
		assert_int_equal(to.overrun, size < 20);
		if (size == 20) {
			assert_int_equal(wire_get16(out), 0x4500);
			assert_int_equal(wire_get16(out + IP_LENGTH), 1020);
			assert_int_equal(wire_get16(out + IP_FRAGMENT), 0x4000);
			assert_int_equal(out[IP_TTL], 64);
			assert_int_equal(out[IP_PROTOCOL], 1);
			assert_int_equal(wire_get32(out + IP_FROM), WIRE_US);
			assert_int_equal(wire_get32(out + IP_TO), WIRE_PEER);
			assert_int_equal(wire_checksum(out, 20), 65535);
		}
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_a_header),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(padding_is_no_payload),
		cmocka_unit_test(versions),
		cmocka_unit_test(header_lengths),
		cmocka_unit_test(options_of_any_bytes),
		cmocka_unit_test(total_lengths),
		cmocka_unit_test(checksums),
		cmocka_unit_test(fragments),
		cmocka_unit_test(any_ttl_is_taken),
		cmocka_unit_test(writes_a_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The example of RFC 1071 in any pieces, a known header, and random data against a remainder
 * modulo 65535 (tests/host/net_wire.c). */
#include "tests/host/net_wire.h"
#include "tests/host/test.h"
#include "lib/net_checksum.h"

/* RFC 1071, section 3: these bytes add up to ddf2. */
static const uint8_t rfc1071[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

static void the_rfc_example(void **state)
{
	struct net_sum sum = {0};

	(void)state;
	net_sum_add(&sum, rfc1071, sizeof(rfc1071));
	assert_int_equal(net_sum_fold(&sum), 0xddf2);
	assert_int_equal(net_sum_finish(&sum), 0x220d);
	assert_int_equal(net_checksum(rfc1071, sizeof(rfc1071)), 0x220d);
}

/* Each of the 128 ways to cut 8 bytes into pieces. */
static void the_rfc_example_in_pieces(void **state)
{
	(void)state;
	for (unsigned cuts = 0; cuts < 128; cuts++) {
		struct net_sum sum = {0};
		size_t begin = 0;

		for (size_t i = 1; i <= sizeof(rfc1071); i++) {
			if (i < sizeof(rfc1071) && !(cuts >> (i - 1) & 1))
				continue;
			net_sum_add(&sum, rfc1071 + begin, i - begin);
			net_sum_add(&sum, rfc1071, 0);
			begin = i;
		}
		assert_int_equal(net_sum_fold(&sum), 0xddf2);
	}
}

/* The header that Wikipedia's "Internet checksum" computes: b861. */
static void a_known_ip_header(void **state)
{
	uint8_t header[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
			    0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};

	(void)state;
	assert_true(net_checksum_good(header, sizeof(header)));
	header[10] = header[11] = 0;
	assert_int_equal(net_checksum(header, sizeof(header)), 0xb861);
	assert_false(net_checksum_good(header, sizeof(header)));
}

static void nothing_and_one_byte(void **state)
{
	(void)state;
	assert_int_equal(net_checksum("", 0), 0xffff);
	assert_int_equal(net_checksum("\x12", 1), 0xedff); /* padded with a zero: 1200 */
	assert_false(net_checksum_good("\0\0", 2)); /* zeros are what nobody has summed up */
}

static void carries_are_folded_in(void **state)
{
	uint8_t *ones = malloc(65535);
	struct net_sum sum = {0};

	(void)state;
	memset(ones, 0xff, 65535);
	for (unsigned i = 0; i < 100; i++)
		net_sum_add(&sum, ones, 65535);
	assert_int_equal(net_sum_fold(&sum), 0xffff);
	free(ones);
}

/* 0 and 65535 are the same remainder: the fold gives 0 only for zeros. */
static void random_data(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (unsigned turn = 0; turn < 2000; turn++) {
		uint8_t bytes[100];
		size_t n = 1 + next_random(&random) % sizeof(bytes);
		size_t cut = next_random(&random) % n;
		struct net_sum sum = {0};

		for (size_t i = 0; i < n; i++)
			bytes[i] = next_random(&random);
		net_sum_add(&sum, bytes, cut);
		net_sum_add(&sum, bytes + cut, n - cut);
		assert_int_equal(net_sum_finish(&sum) % 65535, wire_checksum(bytes, n) % 65535);
	}
}

/* Whoever completes a blank checksum sums up the datagram with that field as it stands. */
static void a_blank_checksum_is_completed(void **state)
{
	static struct wire w;
	struct net_sum pseudo = {0};

	(void)state;
	for (size_t n = 0; n < 40; n++) {
		unsigned whole;

		wire_udp(&w, 1000, 7, n);
		whole = wire_get16(w.bytes + AT_IP_DATA + UDP_SUM);
		pseudo = (struct net_sum){0};
		net_sum_pseudo(&pseudo, WIRE_PEER, WIRE_US, 17, 8 + n);
		wire_put16(&w, AT_IP_DATA + UDP_SUM, net_sum_fold(&pseudo));
		assert_int_equal(wire_checksum(w.bytes + AT_IP_DATA, 8 + n), whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rfc_example),
		cmocka_unit_test(the_rfc_example_in_pieces),
		cmocka_unit_test(a_known_ip_header),
		cmocka_unit_test(nothing_and_one_byte),
		cmocka_unit_test(carries_are_folded_in),
		cmocka_unit_test(random_data),
		cmocka_unit_test(a_blank_checksum_is_completed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "tests/host/net_wire.h"
#include "tests/host/test.h"
#include "lib/net_udp.h"

static const struct net_ip ip = {.protocol = 17, .ttl = 64, .from = WIRE_PEER, .to = WIRE_US};
static struct wire w;

static enum net_drop parse(size_t length, bool validated, struct net_udp *udp)
{
	uint8_t *copy = exact_copy(w.bytes + AT_IP_DATA, length);
	struct net_reader r = net_reader_open(copy, length);
	enum net_drop drop = net_udp_parse(&r, &ip, validated, udp);

	if (!drop) {
		assert_ptr_equal(udp->data, copy + 8);
		assert_true(8 + udp->length <= length);
	}
	free(copy);
	return drop;
}

static void parses_any_length(void **state)
{
	struct net_udp udp;

	(void)state;
	for (size_t n = 0; n <= 200; n++) {
		wire_udp(&w, 40000, 7, n);
		assert_int_equal(parse(8 + n, false, &udp), NET_DROP_NONE);
		assert_int_equal(udp.from, 40000);
		assert_int_equal(udp.to, 7);
		assert_int_equal(udp.length, n);
	}
}

static void every_truncation(void **state)
{
	struct net_udp udp;

	(void)state;
	wire_udp(&w, 40000, 7, 20);
	for (size_t n = 0; n < 28; n++)
		assert_int_equal(parse(n, n % 2, &udp),
				 n < 8 ? NET_DROP_UDP_SHORT : NET_DROP_UDP_LENGTH);
}

static void lengths_that_lie(void **state)
{
	struct net_udp udp;

	(void)state;
	for (unsigned length = 0; length < 65536; length++) {
		bool good = length >= 8 && length <= 28;

		wire_udp(&w, 40000, 7, 20);
		wire_put16(&w, AT_IP_DATA + UDP_LENGTH, length);
		assert_int_equal(parse(28, true, &udp),
				 good ? NET_DROP_NONE : NET_DROP_UDP_LENGTH);
		if (good)
			assert_int_equal(udp.length, length - 8);
		if (length == 100)
			length = 65500;
	}
}

/* Less than the datagram holds: the rest is not data, and not summed up either. */
static void what_follows_is_left(void **state)
{
	struct net_udp udp;

	(void)state;
	wire_udp(&w, 40000, 7, 5);
	wire_put8(&w, AT_IP_DATA + 13, 0xaa);
	assert_int_equal(parse(20, false, &udp), NET_DROP_NONE);
	assert_int_equal(udp.length, 5);
}

static void each_bit_counts(void **state)
{
	struct net_udp udp;

	(void)state;
	for (unsigned bit = 0; bit < 8 * 29; bit++) {
		wire_udp(&w, 40000, 7, 21);
		w.bytes[AT_IP_DATA + bit / 8] ^= 1 << bit % 8;
		assert_int_not_equal(parse(29, false, &udp), NET_DROP_NONE);
		/* The backend's word is taken for all but the length. */
		if (bit < 32 || bit >= 48)
			assert_int_equal(parse(29, true, &udp), NET_DROP_NONE);
	}
}

/* The addresses are summed up as well. */
static void from_another(void **state)
{
	struct net_udp udp;
	struct net_reader r;
	struct net_ip other = ip;

	(void)state;
	other.from++;
	wire_udp(&w, 40000, 7, 20);
	r = net_reader_open(w.bytes + AT_IP_DATA, 28);
	assert_int_equal(net_udp_parse(&r, &other, false, &udp), NET_DROP_UDP_CHECKSUM);
}

/* RFC 768: 0 means that the sender made none. */
static void no_checksum(void **state)
{
	struct net_udp udp;

	(void)state;
	wire_udp(&w, 40000, 7, 20);
	wire_put16(&w, AT_IP_DATA + UDP_SUM, 0);
	assert_int_equal(parse(28, false, &udp), NET_DROP_NONE);
}

static void seals_as_the_wire_does(void **state)
{
	(void)state;
	for (size_t n = 0; n < 100; n++) {
		uint8_t *copy;

		wire_udp(&w, 40000, 7, n);
		copy = exact_copy(w.bytes + AT_IP_DATA, 8 + n);
		memset(copy, 0xee, 8);
		net_udp_seal(copy, &ip, 40000, 7, n, false);
		assert_memory_equal(copy, w.bytes + AT_IP_DATA, 8 + n);
		free(copy);
	}
}

/* With each port once, some sum comes out as 0: 65535 is sent in its place, which is the same
 * remainder, and is never taken for none. */
static void a_checksum_of_zero(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (unsigned port = 0; port < 65536; port++) {
		uint8_t header[8];

		net_udp_seal(header, &ip, port, 7, 0, false);
		assert_int_not_equal(wire_get16(header + UDP_SUM), 0);
		seen += wire_get16(header + UDP_SUM) == 0xffff;
	}
	assert_true(seen > 0);
}

/* Blank: the pseudo header alone; who completes it sums up the rest with it. */
static void seals_blank(void **state)
{
	(void)state;
	for (size_t n = 0; n < 100; n++) {
		uint8_t *copy;

		wire_udp(&w, 40000, 7, n);
		copy = exact_copy(w.bytes + AT_IP_DATA, 8 + n);
		net_udp_seal(copy, &ip, 40000, 7, n, true);
		assert_int_equal(wire_checksum(copy, 8 + n),
				 wire_get16(w.bytes + AT_IP_DATA + UDP_SUM));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_any_length),  cmocka_unit_test(every_truncation),
		cmocka_unit_test(lengths_that_lie),   cmocka_unit_test(what_follows_is_left),
		cmocka_unit_test(each_bit_counts),    cmocka_unit_test(from_another),
		cmocka_unit_test(no_checksum),        cmocka_unit_test(seals_as_the_wire_does),
		cmocka_unit_test(a_checksum_of_zero), cmocka_unit_test(seals_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "tests/host/net_wire.h"
#include "tests/host/test.h"
#include "lib/net_icmp.h"

static struct wire w;

static enum net_drop parse(size_t length, bool validated, struct net_icmp *icmp)
{
	uint8_t *copy = exact_copy(w.bytes + AT_IP_DATA, length);
	struct net_reader r = net_reader_open(copy, length);
	enum net_drop drop = net_icmp_parse(&r, validated, icmp);

	if (!drop) {
		assert_ptr_equal(icmp->data, copy + 8);
		assert_int_equal(icmp->length, length - 8);
	}
	free(copy);
	return drop;
}

static void parses_echoes_of_any_length(void **state)
{
	struct net_icmp icmp;

	(void)state;
	for (size_t n = 0; n <= 200; n++) {
		wire_echo(&w, n % 2 ? 8 : 0, 0xabcd, n, n);
		assert_int_equal(parse(8 + n, false, &icmp), NET_DROP_NONE);
		assert_int_equal(icmp.type, n % 2 ? NET_ICMP_ECHO : NET_ICMP_ECHO_REPLY);
		assert_int_equal(icmp.id, 0xabcd);
		assert_int_equal(icmp.sequence, n);
	}
}

static void every_truncation(void **state)
{
	struct net_icmp icmp;

	(void)state;
	wire_echo(&w, 8, 1, 2, 20);
	for (size_t n = 0; n < 28; n++) {
		enum net_drop want = n < 8 ? NET_DROP_ICMP_SHORT : NET_DROP_NONE;

		assert_int_equal(parse(n, true, &icmp), want);
		/* What is missing of 0, 1, 2 ... 19 never sums up to 0. */
		if (n >= 8)
			assert_int_equal(parse(n, false, &icmp), NET_DROP_ICMP_CHECKSUM);
	}
}

static void types(void **state)
{
	struct net_icmp icmp;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		wire_echo(&w, type, 1, 2, 4);
		assert_int_equal(parse(12, false, &icmp),
				 type == 0 || type == 8 ? NET_DROP_NONE : NET_DROP_ICMP_TYPE);
		wire_put8(&w, AT_IP_DATA + 1, 1); /* a code; there is none for echoes */
		wire_seal_icmp(&w);
		assert_int_equal(parse(12, false, &icmp), NET_DROP_ICMP_TYPE);
	}
}

static void each_bit_counts(void **state)
{
	struct net_icmp icmp;

	(void)state;
	for (unsigned bit = 0; bit < 8 * 29; bit++) {
		wire_echo(&w, 8, 1, 2, 21);
		w.bytes[AT_IP_DATA + bit / 8] ^= 1 << bit % 8;
		assert_int_equal(parse(29, false, &icmp), NET_DROP_ICMP_CHECKSUM);
	}
}

static void answers_in_place(void **state)
{
	(void)state;
	for (size_t n = 0; n < 100; n++) {
		uint8_t *copy;

		wire_echo(&w, 8, 0x1111, n, n);
		copy = exact_copy(w.bytes + AT_IP_DATA, 8 + n);
		net_icmp_answer(copy, 8 + n);
		assert_int_equal(copy[0], 0);
		assert_int_equal(wire_checksum(copy, 8 + n), 65535);
		assert_memory_equal(copy + 4, w.bytes + AT_IP_DATA + 4, 4 + n);
		free(copy);
	}
}

static void writes_a_request(void **state)
{
	(void)state;
	for (size_t n = 0; n < 600; n += 7) {
		uint8_t *out = malloc(8 + n);
		struct net_writer to = net_writer_open(out, 8 + n);
		struct net_icmp icmp;
		struct net_reader r = net_reader_open(out, 8 + n);

		net_icmp_write_echo(&to, 0x1234, 0xfffe, n);
		assert_false(to.overrun);
		assert_int_equal(wire_checksum(out, 8 + n), 65535);
		assert_int_equal(net_icmp_parse(&r, false, &icmp), NET_DROP_NONE);
		assert_int_equal(icmp.type, NET_ICMP_ECHO);
		assert_int_equal(icmp.id, 0x1234);
		assert_int_equal(icmp.sequence, 0xfffe);
		assert_true(net_icmp_data_good(&icmp, n));
		assert_false(net_icmp_data_good(&icmp, n + 1));
		icmp.sequence++; /* another one's data */
		assert_int_equal(net_icmp_data_good(&icmp, n), n == 0);
		free(out);
	}
}

static void a_request_that_does_not_fit(void **state)
{
	(void)state;
	for (size_t size = 0; size < 28; size++) {
		uint8_t *out = malloc(size);
		struct net_writer to = net_writer_open(out, size);

		net_icmp_write_echo(&to, 1, 2, 20);
		assert_true(to.overrun);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_echoes_of_any_length),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(types),
		cmocka_unit_test(each_bit_counts),
		cmocka_unit_test(answers_in_place),
		cmocka_unit_test(writes_a_request),
		cmocka_unit_test(a_request_that_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

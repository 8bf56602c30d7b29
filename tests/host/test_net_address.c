/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/errno.h"
#include "lib/net_address.h"

static void addresses(void **state)
{
	static const struct {
		const char *text;
		uint32_t address;
	} good[] = {
		{"192.168.7.2", 0xc0a80702},     {"0.0.0.0", 0},
		{"255.255.255.255", 0xffffffff}, {"1.2.3.4", 0x01020304},
		{"10.0.0.255", 0x0a0000ff},
	};
	char text[NET_ADDRESS_TEXT];
	uint32_t address;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(net_address_parse(good[i].text, &address), 0);
		assert_int_equal(address, good[i].address);
		assert_string_equal(net_address_format(address, text), good[i].text);
	}
}

static void no_addresses(void **state)
{
	static const char *const bad[] = {
		"",          "1",         "1.2.3",     "1.2.3.",
		"1.2.3.4.",  "1.2.3.4.5", "1.2.3.256", "1.2.3.999",
		"1.2.3.-1",  "1.2.3.+1",  "1..3.4",    ".1.2.3",
		"1.2.3.4 ",  " 1.2.3.4",  "1.2.3.0x4", "1.2.3.a",
		"01.2.3.4",  "1.2.3.00",  "1,2,3,4",   "1.2.3.99999999999999999999",
		"256.1.1.1", "1.2.3/24",  "1.2.3.4/8", "1.2.3.4,5",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char *copy = exact_copy(bad[i], strlen(bad[i]) + 1);
		uint32_t address = 0xdead;

		assert_int_equal(net_address_parse(copy, &address), -EINVAL);
		assert_int_equal(address, 0xdead);
		free(copy);
	}
}

static void configs(void **state)
{
	static const struct {
		const char *text;
		struct net_config config;
	} good[] = {
		{"192.168.7.2/24", {0xc0a80702, 0xffffff00, 0}},
		{"192.168.7.2/24,192.168.7.1", {0xc0a80702, 0xffffff00, 0xc0a80701}},
		{"10.1.2.3/8,10.255.255.254", {0x0a010203, 0xff000000, 0x0afffffe}},
		{"10.0.0.1/30", {0x0a000001, 0xfffffffc, 0}},
		{"100.0.0.1/1", {0x64000001, 0x80000000, 0}},
		{"10.0.1.0/23", {0x0a000100, 0xfffffe00, 0}}, /* a host, though it ends in 0 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct net_config config;
		const char *why;

		assert_int_equal(net_config_parse(good[i].text, &config, &why), 0);
		assert_null(why);
		assert_int_equal(config.address, good[i].config.address);
		assert_int_equal(config.mask, good[i].config.mask);
		assert_int_equal(config.gateway, good[i].config.gateway);
	}
}

/* Each with a word of the reason that is given. */
static void no_configs(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"", "not an address"},
		{"dhcp", "not an address"},
		{"192.168.7/24", "not an address"},
		{"192.168.7.2", "no /prefix"},
		{"192.168.7.2,192.168.7.1", "no /prefix"},
		{"192.168.7.2/", "prefix"},
		{"192.168.7.2/0", "prefix"},
		{"192.168.7.2/31", "prefix"},
		{"192.168.7.2/33", "prefix"},
		{"192.168.7.2/-1", "prefix"},
		{"192.168.7.2/024", "prefix"},
		{"192.168.7.2/24 ", "follows"},
		{"192.168.7.2/24/", "follows"},
		{"192.168.7.2/255.255.255.0", "prefix"},
		{"192.168.7.2/24,", "gateway is not an address"},
		{"192.168.7.2/24,gw", "gateway is not an address"},
		{"192.168.7.2/24,192.168.7.1,1", "follows"},
		{"192.168.7.2/24,192.168.8.1", "gateway is not on"},
		{"192.168.7.2/24,192.168.7.255", "gateway is not on"},
		{"192.168.7.2/24,192.168.7.2", "itself"},
		{"192.168.7.0/24", "network's or its broadcast"},
		{"192.168.7.255/24", "network's or its broadcast"},
		{"127.0.0.1/8", "not a host's"},
		{"0.1.2.3/8", "not a host's"},
		{"224.0.0.1/24", "not a host's"},
		{"250.0.0.1/24", "not a host's"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct net_config config = {1, 2, 3};
		char *copy = exact_copy(bad[i].text, strlen(bad[i].text) + 1);
		const char *why;

		assert_int_equal(net_config_parse(copy, &config, &why), -EINVAL);
		assert_non_null(strstr(why, bad[i].why));
		assert_int_equal(config.address, 1); /* as it was */
		free(copy);
	}
}

static void who_is_on_the_network(void **state)
{
	const struct net_config config = {0xc0a80702, 0xffffff00, 0};

	(void)state;
	assert_true(net_config_on_link(&config, 0xc0a80701));
	assert_true(net_config_on_link(&config, 0xc0a807fe));
	assert_false(net_config_on_link(&config, 0xc0a80700));
	assert_false(net_config_on_link(&config, 0xc0a807ff));
	assert_false(net_config_on_link(&config, 0xc0a80601));
	assert_true(net_config_is_broadcast(&config, 0xc0a80700));
	assert_true(net_config_is_broadcast(&config, 0xc0a807ff));
	assert_false(net_config_is_broadcast(&config, 0xc0a80701));
	assert_false(net_config_is_broadcast(&config, 0xc0a806ff)); /* another one's */
}

static void macs(void **state)
{
	const struct net_mac want = {{0x00, 0x16, 0x3e, 0xaa, 0xb0, 0x0c}};
	struct net_mac mac;
	char text[NET_MAC_TEXT];

	(void)state;
	assert_int_equal(net_mac_parse("00:16:3e:aa:b0:0c", &mac), 0);
	assert_memory_equal(&mac, &want, sizeof(mac));
	memset(&mac, 0, sizeof(mac));
	assert_int_equal(net_mac_parse("00:16:3E:AA:B0:0C", &mac), 0);
	assert_memory_equal(&mac, &want, sizeof(mac));
	assert_string_equal(net_mac_format(&mac, text), "00:16:3e:aa:b0:0c");
}

static void no_macs(void **state)
{
	static const char *const bad[] = {
		"",
		"0",
		"00:16:3e:aa:b0:0",
		"00:16:3e:aa:b0",
		"00:16:3e:aa:b0:0c:",
		"00:16:3e:aa:b0:0c0",
		"0:16:3e:aa:b0:0c",
		"00-16-3e-aa-b0-0c",
		"00:16:3e:aa:b0:0g",
		"00:16:3e:aa:b0:-c",
		"00163eaab00c",
		" 00:16:3e:aa:b0:0c",
		"00:00:00:00:00:00", /* nobody's */
		"01:16:3e:aa:b0:0c", /* a group's */
		"ff:ff:ff:ff:ff:ff",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char *copy = exact_copy(bad[i], strlen(bad[i]) + 1);
		struct net_mac mac;

		assert_int_equal(net_mac_parse(copy, &mac), -EINVAL);
		free(copy);
	}
}

/* Every beginning of good texts, in memory that ends there. */
static void texts_that_end_early(void **state)
{
	static const char config_text[] = "192.168.7.2/24,192.168.7.1";
	static const char mac_text[] = "00:16:3e:aa:b0:0c";

	(void)state;
	for (size_t n = 0; n < sizeof(config_text) - 1; n++) {
		char *copy = strndup(config_text, n);
		struct net_config config;
		const char *why;
		/* "/2" and "/24" are whole as well. */
		int want = n == 13 || n == 14 ? 0 : -EINVAL;

		assert_int_equal(net_config_parse(copy, &config, &why), want);
		free(copy);
	}
	for (size_t n = 0; n < sizeof(mac_text) - 1; n++) {
		char *copy = strndup(mac_text, n);
		struct net_mac mac;

		assert_int_equal(net_mac_parse(copy, &mac), -EINVAL);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(no_addresses),
		cmocka_unit_test(configs),
		cmocka_unit_test(no_configs),
		cmocka_unit_test(who_is_on_the_network),
		cmocka_unit_test(macs),
		cmocka_unit_test(no_macs),
		cmocka_unit_test(texts_that_end_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

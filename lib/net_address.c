/* SPDX-License-Identifier: MIT */
#include "lib/net_address.h"

#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

bool net_address_is_host(uint32_t address)
{
	unsigned network = address >> 24;

	return network && network != 127 && network < 224;
}

static bool same_network(const struct net_config *config, uint32_t address)
{
	return (address & config->mask) == (config->address & config->mask);
}

bool net_config_is_broadcast(const struct net_config *config, uint32_t address)
{
	uint32_t host = address & ~config->mask;

	return same_network(config, address) && (!host || host == ~config->mask);
}

bool net_config_on_link(const struct net_config *config, uint32_t address)
{
	return same_network(config, address) && !net_config_is_broadcast(config, address);
}

uint32_t net_config_hop(const struct net_config *config, uint32_t address)
{
	return net_config_on_link(config, address) ? address : config->gateway;
}

/* A decimal number, moving *text behind it; -EINVAL: none, above max, or with leading zeros. */
static int take_number(const char **text, int max)
{
	const char *at = *text;
	int value = 0;

	while (*at >= '0' && *at <= '9' && value <= max)
		value = value * 10 + (*at++ - '0');
	if (at == *text || value > max || (**text == '0' && at - *text > 1))
		return -EINVAL;
	*text = at;
	return value;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static int take_address(const char **text, uint32_t *address)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 4; i++) {
		int octet;

		if (i && !take_char(text, '.'))
			return -EINVAL;
		octet = take_number(text, 255);
		if (octet < 0)
			return octet;
		value = value << 8 | octet;
	}
	*address = value;
	return 0;
}

int net_address_parse(const char *text, uint32_t *address)
{
	uint32_t value;

	if (take_address(&text, &value) || *text)
		return -EINVAL;
	*address = value;
	return 0;
}

/* The text alone; NULL, or what is wrong with it. */
static const char *config_read(const char *text, struct net_config *c)
{
	int prefix;

	if (take_address(&text, &c->address))
		return "not an address as 192.168.7.2";
	if (!take_char(&text, '/'))
		return "no /prefix behind the address";
	prefix = take_number(&text, 30);
	if (prefix < 1)
		return "the prefix is not 1 to 30";
	c->mask = ~0u << (32 - prefix);
	c->gateway = 0;
	if (take_char(&text, ',') && take_address(&text, &c->gateway))
		return "the gateway is not an address";
	return *text ? "something follows" : NULL;
}

/* Do its numbers go together? */
static const char *config_judge(const struct net_config *c)
{
	if (!net_address_is_host(c->address))
		return "the address is not a host's";
	if (!net_config_on_link(c, c->address))
		return "the address is the network's or its broadcast";
	if (c->gateway == c->address)
		return "the gateway is the address itself";
	if (c->gateway && !net_config_on_link(c, c->gateway))
		return "the gateway is not on the network";
	return NULL;
}

int net_config_parse(const char *text, struct net_config *config, const char **why)
{
	struct net_config c;

	*why = config_read(text, &c);
	if (!*why)
		*why = config_judge(&c);
	if (*why)
		return -EINVAL;
	*config = c;
	return 0;
}

char *net_address_format(uint32_t address, char text[NET_ADDRESS_TEXT])
{
	fmt_snprintf(text, NET_ADDRESS_TEXT, "%u.%u.%u.%u", address >> 24, address >> 16 & 0xff,
		     address >> 8 & 0xff, address & 0xff);
	return text;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;

	return at ? at - digits : -EINVAL;
}

int net_mac_parse(const char *text, struct net_mac *mac)
{
	struct net_mac value;

	/* Each digit is looked at before the next one: the text may end anywhere. */
	for (unsigned i = 0; i < NET_MAC_BYTES; i++) {
		int high, low;

		if (i && !take_char(&text, ':'))
			return -EINVAL;
		high = hex_digit(*text);
		if (high < 0)
			return -EINVAL;
		low = hex_digit(text[1]);
		if (low < 0)
			return -EINVAL;
		value.bytes[i] = high << 4 | low;
		text += 2;
	}
	if (*text || !net_mac_is_host(&value))
		return -EINVAL;
	*mac = value;
	return 0;
}

char *net_mac_format(const struct net_mac *mac, char text[NET_MAC_TEXT])
{
	const uint8_t *b = mac->bytes;

	fmt_snprintf(text, NET_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2],
		     b[3], b[4], b[5]);
	return text;
}

/* SPDX-License-Identifier: MIT */
/* IPv4 addresses, numbers in the CPU's order (192.168.7.2 is 0xc0a80702), and MACs, as text. */
#ifndef LIB_NET_ADDRESS_H
#define LIB_NET_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/net_frame.h"

#define NET_ADDRESS_TEXT 16u /* bytes of "255.255.255.255" with its NUL */
#define NET_MAC_TEXT     18u

#define NET_ADDRESS_EVERYBODY 0xffffffffu /* 255.255.255.255, this network's broadcast */

/* A host, its network, and the way out of it (0: there is none). */
struct net_config {
	uint32_t address, mask, gateway;
};

/* One host's address, wherever it is: not of the networks 0, 127, and 224 and up (RFC 1122,
 * 3.2.1.3). */
bool net_address_is_host(uint32_t address);
/* The network's broadcast: its host part is all ones or, the old form, all zeros (RFC 1122,
 * 3.3.6). */
bool net_config_is_broadcast(const struct net_config *config, uint32_t address);
/* Is that a host of the same network? */
bool net_config_on_link(const struct net_config *config, uint32_t address);
/* Whose MAC a datagram to that host is sent to: its own, or the gateway's (0: there is none). */
uint32_t net_config_hop(const struct net_config *config, uint32_t address);

/* Parses all of the text, four decimal numbers: 0, or -EINVAL. Leading zeros are refused, since
 * some take them for octal. */
int net_address_parse(const char *text, uint32_t *address);
/* "192.168.7.2/24" or "192.168.7.2/24,192.168.7.1", the latter being the gateway. Prefixes are
 * 1 to 30 bits. 0, or -EINVAL with *why set to some words for whoever wrote it; *config stays.
 */
int net_config_parse(const char *text, struct net_config *config, const char **why);
/* Writes the text and returns it. */
char *net_address_format(uint32_t address, char text[NET_ADDRESS_TEXT]);

/* "00:16:3e:aa:bb:cc", in either case: 0, or -EINVAL: another form, or no host's MAC. */
int net_mac_parse(const char *text, struct net_mac *mac);
char *net_mac_format(const struct net_mac *mac, char text[NET_MAC_TEXT]);

#endif

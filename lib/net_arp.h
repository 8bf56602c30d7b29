/* SPDX-License-Identifier: MIT */
/* ARP for IPv4 on Ethernet (RFC 826; probes and conflicts: RFC 5227), and a bounded cache. */
#ifndef LIB_NET_ARP_H
#define LIB_NET_ARP_H

#include "lib/net_frame.h"

#define NET_ARP_BYTES 28u

enum net_arp_operation { NET_ARP_REQUEST = 1, NET_ARP_REPLY = 2 };

struct net_arp {
	uint16_t operation;
	struct net_mac sender_mac, target_mac;
	uint32_t sender, target; /* sender 0: a probe, whose sender has no address yet */
};

/* NET_DROP_NONE, _ARP_SHORT, _ARP_KIND or _ARP_SENDER. Padding may follow. */
enum net_drop net_arp_parse(struct net_reader *r, struct net_arp *arp);
/* A whole frame: a request goes to everybody, a reply to its target. */
void net_arp_write(struct net_writer *w, const struct net_arp *arp);

#define NET_ARP_ENTRIES     8u
#define NET_ARP_LIFETIME_NS (60 * 1000000000ull)

/* Nobody proves who he is, so nothing else relies on this: it tells where pings go, for a
 * minute after the last word. All zero: empty. A caller's clock never runs backwards. */
struct net_arp_cache {
	struct {
		uint32_t address; /* 0: free */
		struct net_mac mac;
		uint64_t heard_ns;
	} entry[NET_ARP_ENTRIES];
};

/* The MAC of an address, NULL: not heard of, or not for a lifetime. */
const struct net_mac *net_arp_find(const struct net_arp_cache *cache, uint32_t address,
				   uint64_t now_ns);
/* Renews what is known of the address, or takes the place of what was heard longest ago. */
void net_arp_learn(struct net_arp_cache *cache, uint32_t address, const struct net_mac *mac,
		   uint64_t now_ns);

#endif

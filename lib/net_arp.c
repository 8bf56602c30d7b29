/* SPDX-License-Identifier: MIT */
#include "lib/net_arp.h"

/* The fixed words of the packet (RFC 826; numbers: IANA, ARP parameters). */
#define HARDWARE_ETHERNET 1u
#define ADDRESS_BYTES     4u

enum net_drop net_arp_parse(struct net_reader *r, struct net_arp *arp)
{
	uint16_t hardware = net_read_u16(r), protocol = net_read_u16(r);
	uint8_t mac_bytes = net_read_u8(r), address_bytes = net_read_u8(r);

	arp->operation = net_read_u16(r);
	arp->sender_mac = net_read_mac(r);
	arp->sender = net_read_u32(r);
	arp->target_mac = net_read_mac(r);
	arp->target = net_read_u32(r);
	if (r->overrun)
		return NET_DROP_ARP_SHORT;
	if (hardware != HARDWARE_ETHERNET || protocol != NET_TYPE_IPV4 ||
	    mac_bytes != NET_MAC_BYTES || address_bytes != ADDRESS_BYTES)
		return NET_DROP_ARP_KIND;
	if (arp->operation != NET_ARP_REQUEST && arp->operation != NET_ARP_REPLY)
		return NET_DROP_ARP_KIND;
	return net_mac_is_host(&arp->sender_mac) ? NET_DROP_NONE : NET_DROP_ARP_SENDER;
}

void net_arp_write(struct net_writer *w, const struct net_arp *arp)
{
	bool request = arp->operation == NET_ARP_REQUEST;

	net_ethernet_write(w, request ? &net_mac_broadcast : &arp->target_mac, &arp->sender_mac,
			   NET_TYPE_ARP);
	net_write_u16(w, HARDWARE_ETHERNET);
	net_write_u16(w, NET_TYPE_IPV4);
	net_write_u8(w, NET_MAC_BYTES);
	net_write_u8(w, ADDRESS_BYTES);
	net_write_u16(w, arp->operation);
	net_write_mac(w, &arp->sender_mac);
	net_write_u32(w, arp->sender);
	net_write_mac(w, &arp->target_mac);
	net_write_u32(w, arp->target);
}

const struct net_mac *net_arp_find(const struct net_arp_cache *cache, uint32_t address,
				   uint64_t now_ns)
{
	for (unsigned i = 0; address && i < NET_ARP_ENTRIES; i++)
		if (cache->entry[i].address == address &&
		    now_ns < cache->entry[i].heard_ns + NET_ARP_LIFETIME_NS)
			return &cache->entry[i].mac;
	return NULL;
}

/* The entry of the address; else a free one; else the oldest. */
static unsigned entry_for(const struct net_arp_cache *cache, uint32_t address)
{
	unsigned best = 0;

	for (unsigned i = 0; i < NET_ARP_ENTRIES; i++)
		if (cache->entry[i].address == address)
			return i;
	for (unsigned i = 0; i < NET_ARP_ENTRIES; i++) {
		if (!cache->entry[i].address)
			return i;
		if (cache->entry[i].heard_ns < cache->entry[best].heard_ns)
			best = i;
	}
	return best;
}

void net_arp_learn(struct net_arp_cache *cache, uint32_t address, const struct net_mac *mac,
		   uint64_t now_ns)
{
	unsigned i = entry_for(cache, address);

	cache->entry[i].address = address;
	cache->entry[i].mac = *mac;
	cache->entry[i].heard_ns = now_ns;
}

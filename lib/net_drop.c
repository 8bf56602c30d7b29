/* SPDX-License-Identifier: MIT */
#include "lib/net_drop.h"

#include "lib/errno.h"

static const struct {
	const char *name;
	int err;
} drops[NR_NET_DROPS] = {
	[NET_DROP_NONE] = {"none", 0},
	[NET_DROP_SHORT] = {"short", -EBADMSG},
	[NET_DROP_LONG] = {"long", -EMSGSIZE},
	[NET_DROP_SOURCE_MAC] = {"source-mac", -EBADMSG},
	[NET_DROP_OTHER_MAC] = {"other-mac", -ENODEV},
	[NET_DROP_TYPE] = {"type", -EOPNOTSUPP},
	[NET_DROP_ARP_SHORT] = {"arp-short", -EBADMSG},
	[NET_DROP_ARP_KIND] = {"arp-kind", -EOPNOTSUPP},
	[NET_DROP_ARP_SENDER] = {"arp-sender", -EBADMSG},
	[NET_DROP_ARP_CONFLICT] = {"arp-conflict", -EADDRINUSE},
	[NET_DROP_ARP_OTHER] = {"arp-other", -ENODEV},
	[NET_DROP_ARP_UNASKED] = {"arp-unasked", -EACCES},
	[NET_DROP_IP_SHORT] = {"ip-short", -EBADMSG},
	[NET_DROP_IP_VERSION] = {"ip-version", -EBADMSG},
	[NET_DROP_IP_IHL] = {"ip-ihl", -EBADMSG},
	[NET_DROP_IP_LENGTH] = {"ip-length", -EBADMSG},
	[NET_DROP_IP_CHECKSUM] = {"ip-checksum", -EBADMSG},
	[NET_DROP_IP_FRAGMENT] = {"ip-fragment", -EOPNOTSUPP},
	[NET_DROP_IP_SOURCE] = {"ip-source", -EACCES},
	[NET_DROP_IP_BROADCAST] = {"ip-broadcast", -EACCES},
	[NET_DROP_IP_OTHER] = {"ip-other", -ENODEV},
	[NET_DROP_IP_PROTOCOL] = {"ip-protocol", -EOPNOTSUPP},
	[NET_DROP_ICMP_SHORT] = {"icmp-short", -EBADMSG},
	[NET_DROP_ICMP_CHECKSUM] = {"icmp-checksum", -EBADMSG},
	[NET_DROP_ICMP_TYPE] = {"icmp-type", -EOPNOTSUPP},
	[NET_DROP_ICMP_UNASKED] = {"icmp-unasked", -EACCES},
	[NET_DROP_ICMP_DATA] = {"icmp-data", -EBADMSG},
	[NET_DROP_UDP_SHORT] = {"udp-short", -EBADMSG},
	[NET_DROP_UDP_LENGTH] = {"udp-length", -EBADMSG},
	[NET_DROP_UDP_CHECKSUM] = {"udp-checksum", -EBADMSG},
	[NET_DROP_UDP_PORT] = {"udp-port", -ENODEV},
	[NET_DROP_UDP_SOURCE] = {"udp-source", -EACCES},
	[NET_DROP_UDP_HANDLER] = {"udp-handler", -EACCES},
	[NET_DROP_REPLY_SIZE] = {"reply-size", -EMSGSIZE},
};

const char *net_drop_name(enum net_drop drop)
{
	return drops[drop].name;
}

int net_drop_errno(enum net_drop drop)
{
	return drops[drop].err;
}

/* SPDX-License-Identifier: MIT */
/* Why a received frame was not served. Each reason has a counter in struct net_stack. */
#ifndef LIB_NET_DROP_H
#define LIB_NET_DROP_H

enum net_drop {
	NET_DROP_NONE,         /* it was served */
	NET_DROP_SHORT,        /* no whole Ethernet header */
	NET_DROP_LONG,         /* more than header and mtu */
	NET_DROP_SOURCE_MAC,   /* from a group, from nobody, or our own come back */
	NET_DROP_OTHER_MAC,    /* to another, or to a group that is not everybody */
	NET_DROP_TYPE,         /* neither IPv4 nor ARP */
	NET_DROP_ARP_SHORT,    /* no whole packet */
	NET_DROP_ARP_KIND,     /* not Ethernet and IPv4, or neither request nor reply */
	NET_DROP_ARP_SENDER,   /* its MAC is a group's, nobody's, or ours */
	NET_DROP_ARP_CONFLICT, /* somebody else claims our address */
	NET_DROP_ARP_OTHER,    /* about somebody in whom nobody here is interested */
	NET_DROP_ARP_UNASKED,  /* a reply without a request */
	NET_DROP_IP_SHORT,     /* no whole header */
	NET_DROP_IP_VERSION,
	NET_DROP_IP_IHL,    /* below 5, or the options reach beyond the frame */
	NET_DROP_IP_LENGTH, /* shorter than the header, or longer than the frame */
	NET_DROP_IP_CHECKSUM,
	NET_DROP_IP_FRAGMENT,  /* nothing is reassembled here */
	NET_DROP_IP_SOURCE,    /* nobody can be answered at that address */
	NET_DROP_IP_BROADCAST, /* nothing is served by broadcast */
	NET_DROP_IP_OTHER,     /* to another address */
	NET_DROP_IP_PROTOCOL,  /* neither ICMP nor UDP */
	NET_DROP_ICMP_SHORT,
	NET_DROP_ICMP_CHECKSUM,
	NET_DROP_ICMP_TYPE,    /* no echo */
	NET_DROP_ICMP_UNASKED, /* an echo reply without a request, or the second one */
	NET_DROP_ICMP_DATA,    /* an echo reply with other data than were sent */
	NET_DROP_UDP_SHORT,
	NET_DROP_UDP_LENGTH, /* shorter than the header, or longer than the datagram */
	NET_DROP_UDP_CHECKSUM,
	NET_DROP_UDP_PORT,    /* nobody is there */
	NET_DROP_UDP_SOURCE,  /* from port 0, or a served one: two services in a loop */
	NET_DROP_UDP_HANDLER, /* the port's handler refused it */
	NET_DROP_REPLY_SIZE,  /* the reply is larger than the buffer or the mtu */
	NR_NET_DROPS,
};

/* The reason as a word, as "ip-checksum"; "none" for NET_DROP_NONE. */
const char *net_drop_name(enum net_drop drop);

/* What net_stack_receive() returns for it: 0 for NET_DROP_NONE, -EBADMSG (malformed),
 * -ENODEV (not for us), -EADDRINUSE (a conflict), -EOPNOTSUPP, -EACCES (refused), -EMSGSIZE. */
int net_drop_errno(enum net_drop drop);

#endif

/* SPDX-License-Identifier: MIT */
/* Just enough of an IPv4 host: answers ARP and pings, serves UDP ports, pings others. A frame
 * in gives at most one frame out. Nothing is allocated and nothing is kept of a frame but an
 * ARP entry. One call at a time: the caller serialises. */
#ifndef LIB_NET_STACK_H
#define LIB_NET_STACK_H

#include "lib/net_address.h"
#include "lib/net_arp.h"
#include "lib/net_ip.h"
#include "lib/net_ping.h"

#define NET_STACK_PORTS   4u
#define NET_PORT_ECHO     7u     /* RFC 862 */
#define NET_STACK_MTU_MAX 65535u /* IPv4's total length ends there */

/* Of a frame's transport checksum, as NETRXF_ and NETTXF_ of the same names say it. */
#define NET_CSUM_VALIDATED (1u << 0) /* in: the backend has looked at it */
#define NET_CSUM_BLANK     (1u << 1) /* in, out: it is not filled in */

/* A frame that came in: a private copy, any bytes at all. */
struct net_input {
	const void *frame;
	size_t length;
	unsigned flags;  /* NET_CSUM_ */
	uint64_t now_ns; /* when it was taken up: others may have looked at the clock since */
};

/* Where a frame to be sent goes. size: of the buffer, which does not overlap the input. */
struct net_output {
	void *frame;
	size_t size;
	size_t length;  /* set: 0, nothing is to be sent */
	unsigned flags; /* set: 0 or NET_CSUM_BLANK */
};

struct net_udp_request {
	uint32_t address; /* who asks */
	uint16_t port;
	const uint8_t *data;
	size_t length;
};

/* Writes the reply's data, at most size bytes: how many; -ENODATA: there is none to be sent;
 * any other negative value: the request is refused, and counted as NET_DROP_UDP_HANDLER. */
typedef int net_udp_fn(void *ctx, const struct net_udp_request *request, uint8_t *reply,
		       size_t size);

struct net_stack {
	struct net_mac mac;
	struct net_config config;
	size_t mtu;      /* of the IP datagram, without the Ethernet header */
	bool csum_blank; /* may be set: UDP checksums are left to the other side */
	struct {
		uint16_t number; /* 0: free */
		net_udp_fn *serve;
		void *ctx;
	} port[NET_STACK_PORTS];
	struct net_arp_cache cache;
	struct net_ping ping;
	struct net_mac
		rival; /* whoever claimed our address last; NET_DROP_ARP_CONFLICT counts */
	uint64_t replies;
	uint64_t drops[NR_NET_DROPS]; /* all frames: drops[NET_DROP_NONE] were served */
};

/* Begins anew, with the echo service on its port. 0, or -EINVAL: no host's MAC, or an mtu that
 * is not NET_IP_MTU_MIN to NET_STACK_MTU_MAX. config is one that net_config_parse() has passed.
 */
int net_stack_init(struct net_stack *stack, const struct net_mac *mac,
		   const struct net_config *config, size_t mtu);
/* Serves a UDP port. 0, -EINVAL (port 0), -EBUSY (taken), -ENOSPC. */
int net_stack_serve(struct net_stack *stack, uint16_t port, net_udp_fn *serve, void *ctx);

/* Takes a frame. The length of the reply in out, 0 (it was served, and nothing is to be sent),
 * or net_drop_errno() of the reason, which has been counted. A reply goes back to the MAC that
 * the frame came from, but an ARP reply to the one that the request names (RFC 826). */
int net_stack_receive(struct net_stack *stack, const struct net_input *in,
		      struct net_output *out);

/* A datagram of our own to a host's UDP port. */
struct net_datagram {
	uint32_t to;
	uint16_t from_port, to_port;
	const uint8_t *data;
	size_t length;
};

/* Writes it: the frame's length; -EAGAIN: whose MAC it needs is not known, or not any more, and a
 * ping finds out (lib/net_ping.h); -EMSGSIZE. */
int net_stack_send(const struct net_stack *stack, const struct net_datagram *datagram,
		   uint64_t now_ns, struct net_output *out);

/* A gratuitous ARP request (RFC 5227's announcement), for when the link comes up or the host
 * has moved: its length, or -EMSGSIZE. */
int net_stack_announce(struct net_stack *stack, struct net_output *out);

/* --- for lib/net_*.c --- */

/* A writer into the buffer, no further than the mtu; nothing is to be sent yet. */
struct net_writer net_output_open(const struct net_stack *stack, struct net_output *out);
/* The datagram in a frame that came in from that MAC. */
enum net_drop net_stack_receive_ip(struct net_stack *stack, struct net_reader *r,
				   const struct net_ethernet *ethernet,
				   const struct net_input *in, struct net_output *out);

#endif

/* SPDX-License-Identifier: MIT */
/* One ping of our own at a time: who is asked, and what has become of it. */
#ifndef LIB_NET_PING_H
#define LIB_NET_PING_H

#include "lib/net_icmp.h"

struct net_stack;
struct net_output;

/* Who does not answer an ARP request is asked again so much later. */
#define NET_PING_ASK_NS 1000000000ull

enum net_ping_state {
	NET_PING_IDLE,
	NET_PING_RESOLVING, /* the MAC of the next hop is not known, or the echo not yet sent */
	NET_PING_SENT,
	NET_PING_ANSWERED,
};

struct net_ping {
	enum net_ping_state state;
	uint32_t target;
	uint16_t id, sequence;
	size_t length;     /* bytes of data */
	uint64_t asked_ns; /* the last ARP request */
	bool asked;
	uint64_t sent_ns;
	uint64_t round_ns; /* ANSWERED: from the request to its reply */
};

/* Begins a ping, in the place of the last one; nothing is sent yet. id: a number that others do
 * not know beforehand. 0, -EINVAL (no host, or ourselves), -EMSGSIZE (more data than the mtu
 * takes), -ENXIO (not on the network, and there is no gateway). */
int net_ping_start(struct net_stack *stack, uint32_t target, uint16_t id, uint16_t sequence,
		   size_t length);

/* The next frame for it, an ARP or an echo request: its length, 0 (nothing to send now), or
 * -EMSGSIZE (it does not fit the buffer). To be called after a start, after each frame that
 * came in, and each NET_PING_ASK_NS while RESOLVING. Whoever gives up makes the state IDLE. */
int net_ping_poll(struct net_stack *stack, uint64_t now_ns, struct net_output *out);

/* --- for lib/net_stack*.c --- */

/* Whose MAC the ping waits for; 0: it does not. */
uint32_t net_ping_asks(const struct net_stack *stack);
/* An echo reply has come in from that address. NET_DROP_NONE: to the ping, which is ANSWERED
 * now. */
enum net_drop net_ping_receive(struct net_stack *stack, uint32_t from,
			       const struct net_icmp *icmp, uint64_t now_ns);

#endif

/* SPDX-License-Identifier: MIT */
/* Gives the frames of tests/host/net_wire.h to a stack, and takes its own. */
#ifndef TESTS_HOST_NET_HOST_H
#define TESTS_HOST_NET_HOST_H

#include "lib/net_stack.h"
#include "tests/host/net_wire.h"

/* A stack at WIRE_US. */
void host_start(struct net_stack *stack, size_t mtu);
/* Gives it the frame, in memory of exactly its size, as is the reply's. Fails unless the frame
 * was counted, once, and the reply is within its bounds. Returns the result. */
int host_receive(struct net_stack *stack, struct wire *w);
/* The same, for a frame that must be dropped: fails unless it is counted as this, without a
 * reply. */
void host_drops(struct net_stack *stack, struct wire *w, enum net_drop want);
/* What the stack has to send for its ping, into w->reply. Returns its length. */
int host_ping_poll(struct net_stack *stack, struct wire *w, uint64_t now_ns);
/* Fails unless the reply in w is a whole datagram from us to the peer, its checksums right. */
void host_check_reply(const struct wire *w, int length);

#endif

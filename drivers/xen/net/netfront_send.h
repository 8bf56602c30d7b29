/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_XEN_NET_NETFRONT_SEND_H
#define DRIVERS_XEN_NET_NETFRONT_SEND_H

#include <stddef.h>
#include <stdint.h>

/* A stream: count datagrams of size bytes, from the card that has an address to UDP port 9 of a
 * host, which throws them away (RFC 863). As fast as the backend takes them: where it has no
 * room the mainline sleeps, until something is typed at the latest. *sent: how many there were.
 * 0; -ENOMEM; -EMSGSIZE: more than the mtu; or as net_ping(), which asks for the way first.
 * Mainline. */
int net_stream(uint32_t target, unsigned count, size_t size, unsigned *sent);

#endif

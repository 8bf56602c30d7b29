/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_XEN_NET_NETFRONT_PING_H
#define DRIVERS_XEN_NET_NETFRONT_PING_H

#include <stddef.h>
#include <stdint.h>

/* How long one is waited for: on a busy machine an answer may take long. */
#define NET_PING_PATIENCE_NS (5 * NS_PER_SEC)

/* One echo request with size bytes of data to an address, from the card that has one, and its
 * reply. *ns: from the request to the reply. 0; -ENODEV: no card has an address; -ENOTCONN: its
 * link is down, or was meanwhile; -ETIMEDOUT; or as net_ping_start(). Mainline. */
int net_ping(uint32_t target, uint16_t sequence, size_t size, uint64_t *ns);

#endif

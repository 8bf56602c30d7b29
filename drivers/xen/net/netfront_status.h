/* SPDX-License-Identifier: MIT */
/* The status service: a document about this machine, over UDP, in parts (docs/net.md). */
#ifndef DRIVERS_XEN_NET_NETFRONT_STATUS_H
#define DRIVERS_XEN_NET_NETFRONT_STATUS_H

#include "drivers/xen/net/netfront.h"
#include "lib/json.h"

#define NET_PORT_STATUS 9000u

/* Who writes the document. In the mainline. */
void net_status_register(void (*write)(json_emit_fn *emit, void *ctx));

/* A stack that has just begun serves it. */
void net_status_begin(struct netfront *card);
/* Under stack_lock, behind each frame that was taken: keeps it if it asked for a new document,
 * which the mainline has to write first. */
void net_status_keep(struct netfront *card, const struct net_input *in);

#endif

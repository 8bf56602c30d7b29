/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_XEN_NET_NETFRONT_IRQ_H
#define DRIVERS_XEN_NET_NETFRONT_IRQ_H

#include "drivers/xen/net/netfront.h"

/* A queue's channels to that domain, with their irqs. 0 or -errno; what there is then
 * net_channels_close() undoes. After it no handler of the queue's runs. Mainline. */
int net_channels_open(struct net_queue *q, domid_t domid);
void net_channels_close(struct net_queue *q);

#endif

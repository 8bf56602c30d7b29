/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_XEN_NET_NETFRONT_SHOW_H
#define DRIVERS_XEN_NET_NETFRONT_SHOW_H

#include <stdint.h>

/* Each card, and each of its queues, as they are; what has gone over them. */
void net_show_cards(void);
void net_show_stats(void);

/* Of all cards: notifications that were sent, runs of handlers. */
struct net_events {
	uint64_t notifications, rx_runs, tx_runs;
};
struct net_events net_events(void);

#endif

/* SPDX-License-Identifier: MIT */
/* Slots of a network backend's rx ring, by public/io/netif.h, given to lib/net_rx.h. Page and
 * frame end where their allocations do. */
#ifndef TESTS_HOST_NET_SLOTS_H
#define TESTS_HOST_NET_SLOTS_H

#include "tests/host/test.h"

#include <xen/io/netif.h>

#include "lib/net_rx.h"

#define GSO  XEN_NETIF_EXTRA_TYPE_GSO
#define HASH XEN_NETIF_EXTRA_TYPE_HASH
#define MORE XEN_NETIF_EXTRA_FLAG_MORE

struct rx {
	struct net_arriving in;
	uint8_t *page;   /* no two places of it near to each other are alike */
	const char *why; /* NULL: nobody has set it */
};

struct rx *rx_new(size_t size);
void rx_free(struct rx *rx);
/* As net_rx_slot(). Extra info has no page. */
int rx_data(struct rx *rx, unsigned flags, unsigned offset, int status);
int rx_extra(struct rx *rx, unsigned type, unsigned flags);
/* Fails unless the frame has these bytes of the page behind its first `at`, and no more. */
void rx_check_end(const struct rx *rx, size_t at, unsigned offset, size_t length);

#endif

/* SPDX-License-Identifier: MIT */
/* A frame from the slots of a network backend's rx ring (public/io/netif.h), put together in
 * private memory: a response for each page of it, and extra info in the place of responses
 * behind the first one. Pure logic. Nothing in a slot is believed, and a page belongs to the
 * backend as well: it is copied from once. The caller serialises. */
#ifndef LIB_NET_RX_H
#define LIB_NET_RX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netif_rx_response;

#define NET_RX_PAGE      4096u
#define NET_SLOTS_MAX    18u                  /* of a frame: XEN_NETIF_NR_SLOTS_MIN */
#define NET_RX_SLOTS_MAX (NET_SLOTS_MAX + 5u) /* with extra info: XEN_NETIF_EXTRA_TYPE_MAX */

/* Why a frame is none. It has its slots all the same, and the ring goes on behind them. */
enum net_refusal {
	NET_REFUSED_NOT,
	NET_REFUSED_ERROR,  /* the backend says so */
	NET_REFUSED_LONG,   /* more than the card's mtu */
	NET_REFUSED_EXTRA,  /* extra info that nobody asked for */
	NET_REFUSED_PREFIX, /* the form of extra info that is no more */
	NR_NET_REFUSALS,
};

struct net_arriving {
	uint8_t *bytes; /* private; the caller's, as is their size */
	size_t size;
	size_t length; /* never above it */
	unsigned slots;
	unsigned flags; /* NETRXF_ of its first slot */
	enum net_refusal refusal;
	bool more, extras; /* slots, or slots of extra info, follow */
};

/* The next frame, in the same bytes. Field by field: gcc -Oz would clear all of it with a rep
 * stos, which takes longer than these. */
static inline void net_rx_begin(struct net_arriving *in)
{
	in->length = 0;
	in->slots = in->flags = 0;
	in->refusal = NET_REFUSED_NOT;
	in->more = in->extras = false;
}

/* A slot was taken: the frame goes on; or it has come to its end, and in->refusal says whether
 * it is one. */
enum { NET_RX_MORE = 1, NET_RX_WHOLE };

/* The next slot, copied out of the ring: extra info if in->extras was set, else a response, and
 * page is the NET_RX_PAGE bytes that were posted for it. NET_RX_MORE; NET_RX_WHOLE; or what no
 * backend may do, after which the frame has to begin anew, with *why set to a sentence:
 * -EBADMSG: offset and status reach beyond the page, or extra info of a type that there is not;
 * -EMSGSIZE: more than NET_RX_SLOTS_MAX slots. */
int net_rx_slot(struct net_arriving *in, const struct netif_rx_response *slot, const void *page,
		const char **why);

#endif

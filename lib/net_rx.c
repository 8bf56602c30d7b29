/* SPDX-License-Identifier: MIT */
#include "lib/net_rx.h"

#include <xen/io/netif.h>

#include "lib/errno.h"
#include "lib/string.h"

/* A slot of extra info lies in the place of a response, and has no id. */
_Static_assert(sizeof(struct netif_extra_info) == sizeof(struct netif_rx_response),
	       "both fill a slot");
_Static_assert(NET_RX_SLOTS_MAX == NET_SLOTS_MAX + XEN_NETIF_EXTRA_TYPE_MAX,
	       "room for one of each type");

/* Copies what a slot carries behind what the frame has so far. */
static void rx_append(struct net_arriving *in, const void *bytes, size_t length)
{
	if (length > in->size - in->length) {
		in->refusal = NET_REFUSED_LONG;
		return;
	}
	memcpy(in->bytes + in->length, bytes, length);
	/* What the backend writes there from now on is not seen any more. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	in->length += length;
}

/* NULL, or what is wrong with it. */
static const char *rx_data(struct net_arriving *in, const struct netif_rx_response *rsp,
			   const uint8_t *page)
{
	unsigned flags = rsp->flags;
	int status = rsp->status; /* not negative: bytes */

	if (status >= 0 && rsp->offset + (unsigned)status > NET_RX_PAGE)
		return "a received slot reaches beyond its page";
	if (!in->slots) {
		in->flags = flags;
		in->extras = flags & NETRXF_extra_info;
	}
	in->more = flags & NETRXF_more_data;
	if (status < 0)
		in->refusal = NET_REFUSED_ERROR;
	else if (flags & NETRXF_gso_prefix)
		in->refusal = NET_REFUSED_PREFIX;
	else if (!in->refusal)
		rx_append(in, page + rsp->offset, status);
	return NULL;
}

/* Nothing was agreed on that would bring any; a hash may be there and does no harm. */
static const char *rx_extra(struct net_arriving *in, const struct netif_rx_response *slot)
{
	struct netif_extra_info extra;

	memcpy(&extra, slot, sizeof(extra));
	if (extra.type == XEN_NETIF_EXTRA_TYPE_NONE || extra.type >= XEN_NETIF_EXTRA_TYPE_MAX)
		return "extra info of no known type";
	if (extra.type != XEN_NETIF_EXTRA_TYPE_HASH)
		in->refusal = NET_REFUSED_EXTRA;
	in->extras = extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
	return NULL;
}

int net_rx_slot(struct net_arriving *in, const struct netif_rx_response *slot, const void *page,
		const char **why)
{
	const char *wrong = in->extras ? rx_extra(in, slot) : rx_data(in, slot, page);

	if (wrong) {
		*why = wrong;
		return -EBADMSG;
	}
	if (++in->slots > NET_RX_SLOTS_MAX) {
		*why = "a received frame has no end";
		return -EMSGSIZE;
	}
	return in->more || in->extras ? NET_RX_MORE : NET_RX_WHOLE;
}

/* SPDX-License-Identifier: MIT */
/* Frames of a network device, and the tricks that lie in their responses. */
#include <stdint.h>
#include <string.h>

#include <xen/grant_table.h>
#include <xen/io/netif.h>

#include "say.h"
#include "vif.h"

#define PAGE 4096u

/* --- what the frontend sends --- */

static void tx_answer(struct device *d, struct ring *r, uint16_t id, int16_t status)
{
	struct vif *v = d->own;
	struct netif_tx_response rsp = {.id = id, .status = status};

	if (plan_due(&d->plan, TRICK_ID_UNKNOWN))
		rsp.id = (uint16_t)~id;
	else if (v->tx_answered && plan_due(&d->plan, TRICK_ID_TWICE))
		rsp.id = v->last_tx;
	else if (plan_due(&d->plan, TRICK_STATUS_UNKNOWN))
		rsp.status = 77;
	ring_put(r, &rsp, sizeof(rsp));
	v->last_tx = id;
	v->tx_answered = true;
	d->plan.served++;
}

/* The frame's first bytes: is it an answer to the question? */
static void tx_look(struct device *d, const struct netif_tx_request *req)
{
	struct vif *v = d->own;
	unsigned char frame[64] = {0};
	xengnttab_grant_copy_segment_t copy = {
		.source.foreign = {.ref = req->gref,
				   .offset = req->offset,
				   .domid = (uint16_t)d->store.domid},
		.dest.virt = frame,
		.len = req->size < sizeof(frame) ? req->size : sizeof(frame),
		.flags = GNTCOPY_source_gref,
	};

	if (plan_due(&d->plan, TRICK_GRANT_KEPT))
		device_keep_grant(d, req->gref, true);
	if (xengnttab_grant_copy(d->gnttab, 1, &copy) || copy.status != GNTST_okay)
		say("a frame of %u bytes cannot be copied", req->size);
	else if (!v->heard && !memcmp(frame + 12, "\x08\x06", 2) && frame[21] == 2) {
		v->heard = true;
		say("an answer from %02x:%02x:%02x:%02x:%02x:%02x", frame[6], frame[7],
		    frame[8], frame[9], frame[10], frame[11]);
	}
}

/* One slot: a piece of a frame, or what is said of it. */
static void tx_slot(struct device *d, struct ring *r, const struct netif_tx_request *req)
{
	struct vif *v = d->own;
	struct netif_extra_info extra;

	if (v->extras) {
		memcpy(&extra, req, sizeof(extra));
		v->extras = extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
		tx_answer(d, r, req->id, NETIF_RSP_NULL);
		return;
	}
	v->extras = req->flags & NETTXF_extra_info;
	tx_look(d, req);
	tx_answer(d, r, req->id, NETIF_RSP_OKAY);
}

void vif_serve_tx(struct device *d, struct ring *r)
{
	struct netif_tx_request req;

	do {
		while (ring_take(r, &req, sizeof(req)))
			if (!plan_on(&d->plan, TRICK_NEVER_ANSWERS))
				tx_slot(d, r, &req);
		if (ring_push(r))
			device_notify(d, r);
	} while (ring_await(r));
}

/* --- what it is sent --- */

static bool rx_take(struct ring *r, struct netif_rx_request *req)
{
	return ring_take(r, req, sizeof(*req));
}

/* False: the page cannot be written, which is said. */
static bool rx_copy(struct device *d, const struct netif_rx_request *req, const void *frame,
		    uint16_t size)
{
	xengnttab_grant_copy_segment_t copy = {
		.source.virt = (void *)(uintptr_t)frame,
		.dest.foreign = {.ref = req->gref, .domid = (uint16_t)d->store.domid},
		.len = size,
		.flags = GNTCOPY_dest_gref,
	};

	if (!xengnttab_grant_copy(d->gnttab, 1, &copy) && copy.status == GNTST_okay)
		return true;
	say("a buffer for a frame cannot be written");
	return false;
}

static void rx_change(struct device *d, struct netif_rx_response *rsp)
{
	struct vif *v = d->own;
	struct plan *p = &d->plan;

	if (plan_due(p, TRICK_RX_LENGTH))
		rsp->status = PAGE + 1;
	else if (plan_due(p, TRICK_RX_OFFSET))
		rsp->offset = PAGE + 1;
	else if (plan_due(p, TRICK_RX_ID_UNKNOWN))
		rsp->id = (uint16_t)~rsp->id;
	else if (v->rx_answered && plan_due(p, TRICK_RX_ID_TWICE))
		rsp->id = v->last_rx;
	else if (plan_due(p, TRICK_RX_STATUS))
		rsp->status = -77;
	else if (plan_due(p, TRICK_RX_EMPTY))
		rsp->status = 0;
	else if (plan_on(p, TRICK_RX_ENDLESS))
		rsp->flags |= NETRXF_more_data;
}

/* Behind a frame, in buffers that are lost for frames. */
static void rx_extra(struct device *d, struct ring *r, struct netif_rx_response *rsp)
{
	bool endless = plan_on(&d->plan, TRICK_RX_EXTRA_ENDLESS);
	struct netif_extra_info extra = {
		.type = endless ? XEN_NETIF_EXTRA_TYPE_GSO : 99,
		.flags = endless ? XEN_NETIF_EXTRA_FLAG_MORE : 0,
	};
	struct netif_rx_request req;

	if (!endless && (!ring_waiting(r) || !plan_due(&d->plan, TRICK_RX_EXTRA_UNKNOWN))) {
		ring_put(r, rsp, sizeof(*rsp));
		return;
	}
	rsp->flags |= NETRXF_extra_info;
	ring_put(r, rsp, sizeof(*rsp));
	do {
		if (!rx_take(r, &req))
			break;
		ring_put(r, &extra, sizeof(extra));
	} while (endless);
}

static void rx_answer(struct device *d, struct ring *r, const struct netif_rx_request *req,
		      uint16_t size)
{
	struct vif *v = d->own;
	struct netif_rx_response rsp = {.id = req->id, .status = (int16_t)size};

	rx_change(d, &rsp);
	rx_extra(d, r, &rsp);
	v->last_rx = req->id;
	v->rx_answered = true;
	d->plan.served++;
}

void vif_send(struct device *d, struct ring *r, const void *frame, uint16_t size)
{
	struct netif_rx_request req;

	do {
		if (!rx_take(r, &req))
			break;
		rx_answer(d, r, &req, rx_copy(d, &req, frame, size) ? size : 0);
	} while (plan_on(&d->plan, TRICK_RX_ENDLESS));
	if (ring_push(r))
		device_notify(d, r);
}

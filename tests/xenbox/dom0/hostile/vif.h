/* SPDX-License-Identifier: MIT */
/* A network device (public/io/netif.h). What the frontend sends is looked at and thrown away;
 * what it is sent are questions for its address (ARP), in which it may show that it lives. */
#ifndef HOSTILE_VIF_H
#define HOSTILE_VIF_H

#include "device.h"

#define FRAME_MAX 4096u

extern const struct device_type vif_type;

struct vif {
	unsigned char question[42];
	uint16_t last_rx, last_tx; /* ids that were answered last */
	bool rx_answered, tx_answered, heard;
	unsigned extras; /* requests that are none follow, at least: the next one */
};

/* d->rings: for each queue what the frontend sends, and then what it receives. */
static inline struct ring *vif_rx_ring(struct device *d)
{
	return &d->rings[1];
}

/* What waits on a ring on which the frontend sends. */
void vif_serve_tx(struct device *d, struct ring *r);
/* A frame, or what the trick makes of it. */
void vif_send(struct device *d, struct ring *r, const void *frame, uint16_t size);

#endif

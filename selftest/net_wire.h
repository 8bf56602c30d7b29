/* SPDX-License-Identifier: MIT */
/* A network card on a bus of the test's own, and the other end of its two rings: each move that
 * a backend makes, honest or not. */
#ifndef SELFTEST_NET_WIRE_H
#define SELFTEST_NET_WIRE_H

#include <stdint.h>

#include <xen/io/netif.h>

#include "drivers/xen/net/netfront.h"

extern struct net_wire {
	struct net_queue *q;
	struct netif_rx_sring *rx;
	struct netif_tx_sring *tx;
	int rx_port, tx_port; /* the backend's ends */
	unsigned rx_next, tx_next;
	unsigned tx_first; /* the place of the first frame that the test has sent */
} wire;

/* Makes a card, has it connect, takes what it greets its network with, and acts. said: then it
 * is closed, in order, and the store says why: a text that ends so; it begins anew. NULL:
 * nothing is wrong. At last the card is gone, and no grant is left. */
void wire_with(void (*act)(void), const char *said);

/* The id that the card has put at a place of its rx ring; what it has put on its tx ring, 0 for
 * the first frame that the test has sent. */
uint16_t wire_posted_id(unsigned place);
const struct netif_tx_request *wire_tx_request(unsigned place);
/* The next answer, not yet shown; of 60 bytes, in the page that was posted next; extra info. */
void wire_rx_answer(uint16_t id, uint16_t offset, uint16_t flags, int16_t status);
void wire_rx_honest(uint16_t flags, int16_t status);
void wire_rx_extra(uint8_t type, uint8_t flags);
void wire_tx_answer(uint16_t id, int16_t status);
/* Writes rsp_prod, and notifies. tx: all answers that there are. */
void wire_rx_show(unsigned prod);
void wire_tx_show(void);
/* The card takes all answers that there are, and posts their pages again. */
void wire_check_taken(void);
/* The card sends so many frames of 60 bytes. */
void wire_tx_send(unsigned frames);

#endif

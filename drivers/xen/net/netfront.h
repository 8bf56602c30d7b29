/* SPDX-License-Identifier: MIT */
/* A network card of another domain's (public/io/netif.h). A card has queues, a queue two rings,
 * for frames in and out, and a ring its pages: granted while the card is connected, and frames
 * are copied in and out of them, so on the way of a frame there is no call but a notification.
 *
 * Frames are handled in handlers, and not in the mainline: it is busy for seconds while tests
 * or a storm run, and who asks from outside wants an answer then, too. Handlers run with
 * interrupts disabled, so one run takes NET_BUDGET slots at the most; if there is more, a timer
 * goes on when others have had as long. The other end is not trusted: its irqs have a brake
 * (IRQ_UNTRUSTED).
 *
 * Locks, in this order: a queue's rx.lock, the card's stack_lock, a queue's tx.lock. Each is
 * held with interrupts disabled, so no handler waits for its own CPU. */
#ifndef DRIVERS_XEN_NET_NETFRONT_H
#define DRIVERS_XEN_NET_NETFRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/event_channel.h>
#include <xen/grant_table.h>

#include "drivers/xen/xenstore.h"
#include "kernel/spinlock.h"
#include "kernel/timer.h"
#include "lib/front_ids.h"
#include "lib/front_ring.h"
#include "lib/net_rx.h"
#include "lib/net_stack.h"

struct xenbus_device;
struct netfront;
struct net_queue;

#define NET_QUEUES_MAX 8u
#define NET_RX_PAGES   128u
#define NET_TX_PAGES   64u
#define NET_PAGES_MAX  NET_RX_PAGES
#define NET_RING_SLOTS 256u /* of a page, in either direction */
#define NET_BUDGET     32u
/* A frame waits for room to be answered, and nothing that was sent is answered: looked at so
 * often, since time jumps when the machine has stood still. Linux's backend keeps a frame for
 * 10 s at the most when its receiver takes none. */
#define NET_STALL_NS    (10 * NS_PER_SEC)
#define NET_STALL_LOOKS 4u
/* A whole frame's length has 16 bits. */
#define NET_MTU_MAX (UINT16_MAX - NET_ETHERNET_HEADER)
#define NET_MTU     1500u /* unless the toolstack says more */

struct net_ring {
	struct spinlock lock; /* all but irq and port */
	struct front_ring ring;
	void *page;
	char *buffers; /* `count` pages that lie one behind the other; a slot of ids each */
	unsigned count;
	grant_ref_t ring_ref, refs[NET_PAGES_MAX];
	bool granted;
	struct front_ids ids;
	struct front_ids_slot slot[NET_PAGES_MAX];
	/* The channel; of a queue with one channel for both rings it is the rx ring's. */
	evtchn_port_t port; /* 0: none */
	int irq;
	bool requested;
	char name[16];
	/* What can be observed. */
	uint64_t frames, bytes;
	uint64_t taken, taken_before; /* responses; as many at the handler's last run */
	uint64_t runs, notifications; /* of the handler; that were sent */
};

struct net_queue {
	struct netfront *card;
	unsigned index;
	struct net_ring rx, tx;
	struct net_arriving in;          /* under rx.lock, as what follows */
	uint16_t posted[NET_RING_SLOTS]; /* ids, by their places in the ring */
	uint64_t refused[NR_NET_REFUSALS];
	uint64_t now_ns; /* when this run began: a look at the clock may be an exit */
	uint64_t pauses; /* more than NET_BUDGET was there */
	uint8_t *out;    /* a reply on its way to tx's pages */
	struct timer timer;
	/* Under tx.lock. */
	bool rx_waits;     /* a frame is not taken before there is room for its reply */
	bool sender_waits; /* the mainline, until there is room */
	uint64_t tx_waits; /* how often either did */
	uint64_t tx_failed, tx_full;
	struct timer stall; /* looks whether there is any answer to be waited for */
	bool stall_runs;
	unsigned stall_looks;
	uint64_t stall_taken;
};

struct netfront {
	struct netfront *next;
	struct xenbus_device *dev;
	char name[8]; /* "eth0" */
	struct net_mac mac;
	size_t mtu;
	unsigned nr_queues;
	struct net_queue *queue; /* NULL: not published */
	size_t frame_size;       /* of the buffers for whole frames */
	uint8_t *buffers;        /* of those, two for each queue and one for the mainline */
	unsigned buffer_pages;
	bool split, sg, csum; /* channels for each direction; what the backend takes */
	bool connected;
	bool link;      /* connected, and the backend's carrier is not down */
	bool dead;      /* the backend is at fault, and nothing is taken any more */
	bool has_stack; /* the command line has an address for this card */
	struct spinlock stack_lock;
	struct net_stack stack;
	struct xenstore_watch carrier;
	char carrier_path[144];
	bool watching;
};

/* All cards. Mainline. */
extern struct netfront *netfronts;

/* --- netfront.c, netfront_keys.c --- */

/* The backend did what none may: see xenbus_blame(). */
void net_blame(struct netfront *card, int err, const char *what);
/* What the backend and the toolstack say of the card. 0 or -errno, which has been said. */
int net_read_keys(struct netfront *card);
int net_write_keys(struct netfront *card);

/* --- netfront_queue.c: queues come and go --- */

/* All of the card's queues, with memory, grants, channels and irqs. 0 or -errno; what there is
 * then net_queues_close() undoes. */
int net_queues_open(struct netfront *card);
void net_queues_close(struct netfront *card);
/* Their rings begin anew, with a backend that has not seen them yet. 0 or -errno. */
int net_queues_begin(struct netfront *card);
/* The backend has connected, and looks. */
void net_queues_kick(struct netfront *card);

/* --- netfront_rx.c --- */

/* Hands pages to the backend, as many as it has not got. Under rx.lock. */
void net_rx_fill(struct net_queue *q);
/* Takes what has come, NET_BUDGET slots at the most, and answers it. */
void net_rx_run(struct net_queue *q);
void net_rx_timer(void *queue);

/* --- netfront_tx.c --- */

/* Pages for a frame of that length. */
static inline unsigned net_slots(size_t length)
{
	return length ? (length + 4095) / 4096 : 1;
}

/* Takes answers. Do frames wait that can be answered now? */
bool net_tx_reap(struct net_queue *q);
/* Is there room for the longest frame? If not, *waits, which is one of q's, is set until there is,
 * and then net_tx_reap() tells. */
bool net_tx_room(struct net_queue *q, bool *waits);
/* For q->stall. */
void net_tx_stalled(void *queue);
/* Copies a frame into the ring; flags: 0 or NET_CSUM_BLANK. 0; -ENOSPC; what killed the ring.
 */
int net_tx_put(struct net_queue *q, const void *frame, size_t length, unsigned flags);
/* Shows the backend what was put. */
void net_tx_push(struct net_queue *q);
/* Where the mainline has the stack write a frame; and that frame, if there is one, on its way. */
struct net_output net_output_of(const struct netfront *card);
void net_send(struct netfront *card, const struct net_output *out);

/* --- netfront_stack.c --- */

/* The card that has an address; NULL: none has. Mainline. */
struct netfront *net_card_addressed(void);
/* The command line's address, if no other card has it. Stays until the card is gone. */
void net_stack_attach(struct netfront *card);
/* The stack with the card's mac and mtu, which may be others now. */
void net_stack_begin(struct netfront *card);
/* A frame is in q->in. What is to be sent is put into q's ring, and not pushed. */
void net_stack_take(struct net_queue *q);
/* Tells everybody on the link who is there. */
void net_stack_hello(struct netfront *card);

#endif

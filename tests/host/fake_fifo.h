/* SPDX-License-Identifier: MIT */
/* A fake Xen: the hypervisor's side of the FIFO event channel ABI, in Xen's order, for one
 * domain; and a vCPU whose scans are watched. All words that the guest shares are changed
 * atomically, so the fake may run in a thread of its own. */
#ifndef TESTS_HOST_FAKE_FIFO_H
#define TESTS_HOST_FAKE_FIFO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/evtchn_fifo.h"

#define FIFO_VCPUS   2u
#define FIFO_PAGES   4u
#define FIFO_PORTS   (FIFO_PAGES * EVTCHN_FIFO_PAGE_WORDS)
#define FIFO_DEFAULT EVTCHN_FIFO_PRIORITY_DEFAULT

/* What Xen knows of a port. `last` is the queue that it was linked to most recently. */
struct fifo_port {
	uint8_t vcpu, priority;
	uint8_t last_vcpu, last_priority;
	bool closed;
	bool early; /* was sent before there was a word for it */
};

struct fifo_vcpu {
	uint8_t upcall_pending;
	unsigned upcalls; /* how often upcall_pending went from clear to set */
	struct evtchn_fifo_control_block control;
	uint32_t tail[EVTCHN_FIFO_MAX_QUEUES];
};

struct fake_fifo {
	event_word_t word[EVTCHN_FIFO_PORTS]; /* those beyond FIFO_PORTS are nobody's */
	unsigned words; /* as Xen has been told */
	struct fifo_port port[FIFO_PORTS];
	struct fifo_vcpu vcpu[FIFO_VCPUS];
	uint8_t lock;       /* Xen's locks, all in one: calls may come from two threads */
	unsigned busy_seen; /* how often Xen had to set BUSY */
	/* Called between Xen's look at a tail and its exchange: what a guest does there. */
	void (*between)(struct fake_fifo *x, uint32_t tail);
	/* The guest's view. */
	struct evtchn_fifo e;
	struct evtchn_fifo_cpu cpu[FIFO_VCPUS];
};

/* `pages` pages of words, everything masked; each port on vCPU 0 with the default priority. */
void fifo_init(struct fake_fifo *x, unsigned pages);
/* EVTCHNOP_expand_array, with the guest's steps before and after it. */
void fifo_expand(struct fake_fifo *x);
void fifo_send(struct fake_fifo *x, unsigned port);
/* EVTCHNOP_unmask. */
void fifo_hyper_unmask(struct fake_fifo *x, unsigned port);
/* The guest's whole unmask: the hypercall only when it is needed. */
void fifo_unmask(struct fake_fifo *x, unsigned port);
/* EVTCHNOP_close, and binding the number anew: false while Xen still holds it back. */
void fifo_close(struct fake_fifo *x, unsigned port);
bool fifo_reuse(struct fake_fifo *x, unsigned port);

/* --- a watched vCPU --- */

#define FIFO_LOG (2 * FIFO_PORTS)

/* The callback lets the handler run (`during`). */
struct fifo_watch {
	struct fake_fifo x;
	unsigned log[FIFO_LOG];
	unsigned served;
	unsigned wrong; /* calls for a port that is still pending, or masked, or no port */
	bool owed[FIFO_PORTS]; /* sent by fifo_post and not served since */
	void (*during)(struct fifo_watch *w, unsigned port);
	unsigned trigger, effect; /* for during */
	unsigned left;            /* likewise: how often it still acts */
};

/* For cmocka: a watch with FIFO_PAGES pages, everything unmasked; fails at the end when
 * anything was wrong or a queue is known to be broken. */
int fifo_setup(void **state);
int fifo_teardown(void **state);
void fifo_post(struct fifo_watch *w, unsigned port);
/* One upcall; the log begins anew. Returns the number of ports served. */
unsigned fifo_scan(struct fifo_watch *w, unsigned vcpu);
/* Whether the last scan served exactly these ports in this order, and did nothing wrong. */
bool fifo_served(const struct fifo_watch *w, const unsigned *ports, unsigned n);

#endif

/* SPDX-License-Identifier: MIT */
/* The FIFO event channel ABI as pure logic: public/event_channel.h says what the words are,
 * xen/common/event_fifo.c how the hypervisor links them.
 *
 * A port has a 32-bit event word: PENDING, MASKED, LINKED, BUSY and the number of the next
 * port in its queue. Each vCPU has 16 queues, 0 the most urgent. Xen sets PENDING; then, unless
 * the port is masked or LINKED already, it sets LINKED and appends the port: to the LINK of the
 * queue's last port while that one is still LINKED, else to the control block's head, with the
 * queue's `ready` bit and upcall_pending. The guest alone takes ports out again.
 *
 * What follows from that, and what callers rely on:
 * - A port that is masked while it is linked drops out of its queue in the next scan and keeps
 *   PENDING. Unmasking it then takes EVTCHNOP_unmask, which links it again.
 * - EVTCHNOP_unmask of a port that another vCPU serves at that moment may make one event two: Xen
 *   looks for PENDING and sets it again. Here it is asked for ports alone that are not LINKED, so
 *   that takes a sender, too, who is between setting PENDING and LINKED for as long as the whole
 *   masking and unmasking; or a word that stays BUSY for 1000 looks.
 * - Xen moves no port that is linked. After EVTCHNOP_set_priority or EVTCHNOP_bind_vcpu one
 *   event may still come from the old queue, on the old vCPU; the next one takes the new way.
 * - Xen gives out no port that is LINKED. A port closed in a queue is not PENDING any more: the
 *   scan takes it out without serving it, and only then can the number come back. */
#ifndef LIB_EVTCHN_FIFO_H
#define LIB_EVTCHN_FIFO_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/event_channel.h>

#include "lib/evtchn_2l.h" /* evtchn_serve_fn */

#define EVTCHN_FIFO_PORTS      ((unsigned)EVTCHN_FIFO_NR_CHANNELS)
#define EVTCHN_FIFO_PAGE_WORDS 1024u
#define EVTCHN_FIFO_PAGES      (EVTCHN_FIFO_PORTS / EVTCHN_FIFO_PAGE_WORDS)

/* What the domain shares: the event words, in one piece, which only grows. Addresses are there for
 * EVTCHN_FIFO_PORTS, but a page behind them only for those that Xen has been given, and links. */
struct evtchn_fifo {
	event_word_t *word; /* by port */
	unsigned words;     /* usable: every page below it is there */
};

/* What one vCPU has: a place in its vcpu_info, its control block, the queues that it has found ready and
 * not yet emptied, and the port at the head of each (0: the control block knows). Its own alone. */
struct evtchn_fifo_cpu {
	volatile uint8_t *upcall_pending;
	struct evtchn_fifo_control_block *control;
	uint32_t begun, head[EVTCHN_FIFO_MAX_QUEUES];
	/* Queues given up because they named a port without a word or one that is not LINKED.
	 * Xen makes none of these: not 0 means that somebody wrote into the words. (A word that is
	 * looked at where no page is would be a fault, which says so as well.) */
	unsigned broken;
};

/* The vCPU's queues, empty. control is cleared: before EVTCHNOP_init_control hands it to Xen,
 * which wants it 8-byte aligned and within one page. */
void evtchn_fifo_init_cpu(struct evtchn_fifo_cpu *cpu, volatile uint8_t *upcall_pending,
			  struct evtchn_fifo_control_block *control);

/* Growth, by one CPU at a time: while e->words < evtchn_fifo_words_needed(port), initialise the
 * page behind these (every word MASKED), give it to Xen with EVTCHNOP_expand_array, and add it. In
 * this order: Xen at once sets PENDING for events that came before there was a word.
 * evtchn_fifo_add_page() returns 0, or -ENOSPC when there are EVTCHN_FIFO_PAGES already. */
static inline unsigned evtchn_fifo_words_needed(unsigned port)
{
	return (port | (EVTCHN_FIFO_PAGE_WORDS - 1)) + 1;
}
void evtchn_fifo_init_page(event_word_t *page);
int evtchn_fifo_add_page(struct evtchn_fifo *e);

/* One upcall: takes upcall_pending and `ready`, empties the queues, and calls serve for every
 * port that was pending and unmasked when it was taken out; its pending bit went with it. Repeats
 * until upcall_pending stays clear. Pending bits of masked ports are left alone. Returns the
 * number of ports served: 0 is a spurious upcall.
 *
 * Within a queue the order is that of arrival, and what comes again goes to the end: no port
 * starves another. Between queues the most urgent one that is not empty is next, after every
 * single port: a queue that never rests does starve those behind it, which is what Xen's
 * priorities mean. Each step takes one LINKED bit out, and none that is not there, so the scan
 * does no more steps than Xen links ports. Links in a circle end where they come to a port that
 * has been taken out; such a queue is given up, with what is behind, and counted in `broken`.
 * It may stay silent from then on: Xen goes on appending to it. */
unsigned evtchn_fifo_scan(struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu,
			  evtchn_serve_fn *serve, void *ctx);

/* The same without serving anything, for whoever looks at the ports itself: pending bits stay.
 * The queues must be emptied all the same, or what is appended to them would not be notified.
 * True when there was an event. */
bool evtchn_fifo_take(struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu);

/* A port without a word is masked, is not pending, and stays so. Each is one atomic operation
 * and a full barrier; the two questions are plain loads. */
void evtchn_fifo_mask(struct evtchn_fifo *e, unsigned port);
bool evtchn_fifo_is_masked(const struct evtchn_fifo *e, unsigned port);
bool evtchn_fifo_is_pending(const struct evtchn_fifo *e, unsigned port);
/* Clears pending; true when it was set. */
bool evtchn_fifo_clear(struct evtchn_fifo *e, unsigned port);
/* Of a masked port: EVTCHNOP_unmask will link it. */
void evtchn_fifo_set_pending(struct evtchn_fifo *e, unsigned port);

/* Unmasks a port, of whichever vCPU. True: the port is pending and in no queue (or BUSY for long),
 * its mask bit has been left as it was, and the caller must make EVTCHNOP_unmask, which delivers
 * it. */
bool evtchn_fifo_unmask(struct evtchn_fifo *e, unsigned port);

#endif

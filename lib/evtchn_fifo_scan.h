/* SPDX-License-Identifier: MIT */
/* The scan of lib/evtchn_fifo.h, for whoever has it inlined together with what it calls, as
 * lib/evtchn_2l_scan.h. */
#ifndef LIB_EVTCHN_FIFO_SCAN_H
#define LIB_EVTCHN_FIFO_SCAN_H

#include <stddef.h>

#include "lib/bits.h"
#include "lib/compiler.h"
#include "lib/evtchn_fifo.h"
#include "lib/fault.h"

#ifndef EVTCHN_SPACE /* as lib/evtchn_2l_scan.h */
#define EVTCHN_SPACE
#endif

#define FIFO_PENDING (1u << EVTCHN_FIFO_PENDING)
#define FIFO_MASKED  (1u << EVTCHN_FIFO_MASKED)
#define FIFO_LINKED  (1u << EVTCHN_FIFO_LINKED)
#define FIFO_BUSY    (1u << EVTCHN_FIFO_BUSY)
#define FIFO_LINK    ((event_word_t)EVTCHN_FIFO_LINK_MASK)
#define FIFO_QUEUES  ((1u << EVTCHN_FIFO_MAX_QUEUES) - 1)

static inline event_word_t *evtchn_fifo_word(const struct evtchn_fifo *e, unsigned port)
{
	if (unlikely(port >= __atomic_load_n(&e->words, __ATOMIC_ACQUIRE)))
		return NULL;
	return &e->pages[port / EVTCHN_FIFO_PAGE_WORDS][port % EVTCHN_FIFO_PAGE_WORDS];
}

/* True, and *seen as before, when the word still was *seen; otherwise *seen is the word. */
static inline bool evtchn_fifo_swap(event_word_t *word, event_word_t *seen, event_word_t value)
{
	return __atomic_compare_exchange_n(word, seen, value, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}

/* Takes the first port out of its queue: LINKED and LINK go in one operation, for between two
 * Xen would append to a port that nobody comes back to. With them goes `taken`, PENDING, unless
 * the port is masked. Returns the word as it was in that very moment, and what is decided from it
 * holds: an event after it finds LINKED clear and links the port anew, and so does an unmask. 0:
 * the queue is broken. */
event_word_t evtchn_fifo_unlink(const struct evtchn_fifo *e, unsigned long port, event_word_t taken);

/* The same where a port is as Xen links it, PENDING and LINKED and nothing else, and nobody changes it
 * meanwhile, which is nearly always. False: it may be otherwise. */
static inline bool evtchn_fifo_unlink_usual(event_word_t *low, unsigned long port, event_word_t *link)
{
	event_word_t seen;

	if (unlikely(port >= EVTCHN_FIFO_LOW) || FAULT(missed_linked))
		return false;
	seen = __atomic_load_n(&low[port], __ATOMIC_RELAXED);
	*link = seen - (FIFO_PENDING | FIFO_LINKED);
	return likely(*link <= FIFO_LINK) && likely(evtchn_fifo_swap(&low[port], &seen, 0));
}

/* A port that was in a queue and is not to be served; no word: the queue is broken. */
static inline void evtchn_fifo_not_served(struct evtchn_fifo *e,
					  struct evtchn_fifo_cpu EVTCHN_SPACE *cpu, unsigned port,
					  event_word_t word)
{
	if (!word)
		cpu->broken++;
	if (FAULT(lost_mask) && word & FIFO_MASKED)
		evtchn_fifo_clear(e, port);
}

/* Takes what has become ready. Bits without a queue are not Xen's; they would lead us out of
 * the arrays. */
static inline uint32_t evtchn_fifo_ready(struct evtchn_fifo_cpu EVTCHN_SPACE *cpu)
{
	return __atomic_exchange_n(&cpu->control->ready, 0, __ATOMIC_SEQ_CST) & FIFO_QUEUES;
}

/* Empties a queue; serve NULL: leaves PENDING to those who look for it. When LINK was 0 a port was the
 * last one: what Xen adds from then on is at the control block's head, with a `ready` bit of its own.
 * False: something has come meanwhile that may be more urgent. */
static inline __attribute__((always_inline)) bool
evtchn_fifo_empty(struct evtchn_fifo *e, event_word_t *low,
		  struct evtchn_fifo_cpu EVTCHN_SPACE *cpu,
		  volatile uint8_t EVTCHN_SPACE *upcall_pending, unsigned long queue,
		  evtchn_serve_fn *serve, evtchn_odd_fn *odd, void *ctx, unsigned *served)
{
	unsigned long port = cpu->head[queue];

	if (likely(!port))
		port = __atomic_load_n(&cpu->control->head[queue], __ATOMIC_RELAXED);
	for (;;) {
		event_word_t link, word = FIFO_PENDING;
		int result = EVTCHN_SERVED;

		if (unlikely(!serve) || !evtchn_fifo_unlink_usual(low, port, &link)) {
			word = evtchn_fifo_unlink(e, port, serve ? FIFO_PENDING : 0);
			link = word & FIFO_LINK;
		}
		cpu->head[queue] = link;
		if (likely((word & (FIFO_PENDING | FIFO_MASKED)) == FIFO_PENDING)) {
			++*served;
			if (serve)
				result = serve(port, ctx);
		} else {
			evtchn_fifo_not_served(e, cpu, (unsigned)port, word);
		}
		if (odd && unlikely(result != EVTCHN_SERVED))
			odd(result, port);
		port = link;
		if (!port)
			return true;
		if (unlikely(bits_any(*upcall_pending)))
			return false;
	}
}

/* Whatever is ready, the most urgent queue first. upcall_pending: cpu->upcall_pending; low: e->low, for
 * whom they are constants. As evtchn_2l_pass(): another look is due if upcall_pending is set again. */
static inline __attribute__((always_inline)) unsigned
evtchn_fifo_pass(struct evtchn_fifo *e, event_word_t *low,
		 struct evtchn_fifo_cpu EVTCHN_SPACE *cpu,
		 volatile uint8_t EVTCHN_SPACE *upcall_pending, evtchn_serve_fn *serve,
		 evtchn_odd_fn *odd, void *ctx)
{
	unsigned served = 0;
	uint32_t ready;

	/* The exchange in evtchn_fifo_ready() is a full barrier. What Xen adds before it is seen
	 * there; what it adds later finds upcall_pending clear and sets it. */
	*upcall_pending = 0;
	ready = evtchn_fifo_ready(cpu);
	if (odd && unlikely(!ready))
		odd(EVTCHN_NONE_READY, 0);
	while (ready) {
		if (likely(evtchn_fifo_empty(e, low, cpu, upcall_pending,
					     (unsigned)__builtin_ctz(ready), serve, odd, ctx,
					     &served))) {
			ready &= ready - 1;
			if (!ready || !bits_any(*upcall_pending))
				continue;
		}
		*upcall_pending = 0; /* before the next queue: something more urgent may have come */
		ready |= evtchn_fifo_ready(cpu);
	}
	return served;
}

#endif

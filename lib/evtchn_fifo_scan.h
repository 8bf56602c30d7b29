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

/* Takes a port out if it is as Xen links it, PENDING and LINKED and nothing else, and nobody changes it
 * meanwhile: nearly always. False: it may be otherwise. Of port 0, which is in no queue, it is. words:
 * e->word; next: a variable for the port behind it. */
#define evtchn_fifo_unlink_usual(words, port, next)                                           \
	({                                                                                    \
		__asm__("" : "+r"(port));                                                     \
		next = BITS_READ((words)[port]) & FIFO_LINK;                                  \
		__asm__("" : "+r"(next));                                                     \
		!FAULT(missed_linked) &&                                                      \
		    bits_swap((words)[port], (FIFO_PENDING | FIFO_LINKED) + (event_word_t)next, 0); \
	})

/* Takes what has become ready. Bits without a queue are not Xen's; they would lead us out of
 * the arrays. */
static inline uint32_t evtchn_fifo_ready(struct evtchn_fifo_cpu EVTCHN_SPACE *cpu)
{
	return __atomic_exchange_n(&cpu->control->ready, 0, __ATOMIC_SEQ_CST) & FIFO_QUEUES;
}

/* Serves a queue from `first` on, while its ports are as usual and nothing has come that may be more urgent.
 * Returns the port that is next; 0: the queue is empty. Behind the first port there is none, nearly always:
 * that is asked once, and then left to the word of port 0. */
static inline __attribute__((always_inline)) unsigned long
evtchn_fifo_serve(event_word_t *words, volatile uint8_t EVTCHN_SPACE *upcall_pending, unsigned long first,
		  evtchn_serve_fn *serve, evtchn_odd_fn *odd, void *ctx, unsigned *served)
{
	/* In registers that calls save: gcc copies them to and fro if it is not told. */
	register unsigned long port __asm__("rbx") = first, next __asm__("r13");
	int result;

	if (!evtchn_fifo_unlink_usual(words, port, next))
		goto out;
	++*served;
	result = serve(port, ctx);
	if (likely(bits_same(*upcall_pending, result))) {
		if (likely(!next))
			return 0;
		do {
			port = next;
			if (!evtchn_fifo_unlink_usual(words, port, next))
				goto out;
			++*served;
			result = serve(port, ctx);
		} while (likely(bits_same(*upcall_pending, result)));
	}
	if (odd && result != EVTCHN_SERVED)
		odd(result, port);
	port = next;
out:
	__asm__("" : "+r"(port));
	return port;
}

/* Whatever is ready, the most urgent queue first, as long as all is as usual; words: e->word, upcall_pending:
 * cpu->upcall_pending, for whom they are constants. If upcall_pending is set again after it,
 * evtchn_fifo_scan() is due: Xen has set it, or something is left in cpu->begun. */
static inline __attribute__((always_inline)) unsigned
evtchn_fifo_pass(event_word_t *words, struct evtchn_fifo_cpu EVTCHN_SPACE *cpu,
		 volatile uint8_t EVTCHN_SPACE *upcall_pending, evtchn_serve_fn *serve,
		 evtchn_odd_fn *odd, void *ctx)
{
	unsigned served = 0;
	unsigned long port, queue;
	register uint64_t ready __asm__("r12"); /* as in lib/evtchn_2l_scan.h */

	/* The exchange in evtchn_fifo_ready() is a full barrier. What Xen adds before it is seen
	 * there; what it adds later finds upcall_pending clear and sets it. */
	*upcall_pending = 0;
	ready = evtchn_fifo_ready(cpu);
	bits_pop(ready, queue, nothing);
	for (;;) {
		port = BITS_READ(cpu->control->head[queue]);
		if (unlikely(port - 1 >= FIFO_LINK)) /* 0 is a broken queue's */
			break;
		port = evtchn_fifo_serve(words, upcall_pending, port, serve, odd, ctx, &served);
		if (unlikely(port))
			break;
		bits_pop(ready, queue, done);
		if (unlikely(bits_any(*upcall_pending)))
			break;
	}
	cpu->begun |= (uint32_t)(ready | 1ul << queue);
	cpu->head[queue] = (uint32_t)port;
	*upcall_pending = 1;
	return served;
nothing:
	if (odd)
		odd(EVTCHN_NONE_READY, 0);
done:
	return served;
}

#endif

/* SPDX-License-Identifier: MIT */
/* The scan of lib/evtchn_2l.h, for whoever has it inlined together with what it calls: it is most of
 * what happens between the vector and the handler. */
#ifndef LIB_EVTCHN_2L_SCAN_H
#define LIB_EVTCHN_2L_SCAN_H

#include "lib/compiler.h"
#include "lib/evtchn_2l.h"
#include "lib/fault.h"

/* Of a set that is not empty. (The builtin is an int, which is then extended, and gcc clears its
 * register first.) */
static inline unsigned long bit_first(uint64_t set)
{
	unsigned long bit;

	__asm__("bsf %1, %0" : "=r"(bit) : "r"(set) : "cc");
	return bit;
}

/* Pending and unmasked, and not this vCPU's: those of them that have moved are told their own. */
void evtchn_2l_hand_over(struct evtchn_2l *e, unsigned word, uint64_t others);

static inline __attribute__((always_inline)) void
evtchn_2l_scan_word(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, unsigned long word,
		    evtchn_serve_fn *serve, void *ctx, unsigned *served)
{
	volatile uint64_t *pending = &e->words->pending[word], *bound = &cpu->bound[word];
	const volatile uint64_t *mask = &e->words->mask[word];
	uint64_t raised = *pending & ~*mask, ports = raised & *bound;

	if (unlikely(raised != ports))
		evtchn_2l_hand_over(e, word, raised & ~ports);
	while (ports) {
		unsigned long bit = bit_first(ports);
		uint64_t one = 1ULL << bit;

		ports &= ports - 1;
		/* Before the handler, never after it: an event that comes while it runs must
		 * latch. Clear already: another vCPU, where the port was before, has served it. */
		if (likely(__atomic_fetch_and(pending, ~one, __ATOMIC_SEQ_CST) & one)) {
			serve(word * 64 + bit, ctx);
			++*served;
		}
		/* A handler may have masked, closed or moved what was ready. What became ready
		 * waits: its selector bit is set anew. */
		if (ports)
			ports &= *pending & ~*mask & *bound;
	}
}

static inline __attribute__((always_inline)) unsigned
evtchn_2l_scan_inline(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, evtchn_serve_fn *serve,
		      void *ctx)
{
	unsigned served = 0;

	do {
		/* The exchange is a full barrier. What Xen adds before it is seen in the
		 * selector now; what it adds later finds upcall_pending clear and sets it. */
		*cpu->upcall_pending = 0;
		uint64_t words = __atomic_exchange_n(cpu->selector, 0, __ATOMIC_SEQ_CST);

		for (; words; words &= words - 1) {
			unsigned long word = bit_first(words);

			if (FAULT(lost_mask))
				__atomic_fetch_and(&e->words->pending[word], ~e->words->mask[word],
						   __ATOMIC_SEQ_CST);
			evtchn_2l_scan_word(e, cpu, word, serve, ctx, &served);
		}
	} while (*cpu->upcall_pending);
	return served;
}

#endif

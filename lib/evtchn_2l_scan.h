/* SPDX-License-Identifier: MIT */
/* The scan of lib/evtchn_2l.h, for whoever has it inlined together with what it calls: it is most of
 * what happens between the vector and the handler. */
#ifndef LIB_EVTCHN_2L_SCAN_H
#define LIB_EVTCHN_2L_SCAN_H

#include "lib/bits.h"
#include "lib/compiler.h"
#include "lib/evtchn_2l.h"
#include "lib/fault.h"

/* Where struct evtchn_2l_cpu lies, for the compiler, and how to name it elsewhere: a CPU's own is
 * reached without a register (drivers/xen/evtchn_abi.c). */
#ifndef EVTCHN_SPACE
#define EVTCHN_SPACE
#define EVTCHN_2L_PLAIN(cpu) (cpu)
#endif

/* Some of them are not this vCPU's: those that have moved are told their own. The rest. */
uint64_t evtchn_2l_hand_over(struct evtchn_2l *e, const struct evtchn_2l_cpu *cpu, unsigned word,
			     uint64_t raised);
/* Those of the word's ports that may still be served. */
uint64_t evtchn_2l_look_again(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, unsigned word,
			      uint64_t ports);

/* Ports that are pending, unmasked and this vCPU's. Read once: Xen changes them meanwhile. */
static inline uint64_t evtchn_2l_open(struct evtchn_2l *e, const struct evtchn_2l_words *words,
				      struct evtchn_2l_cpu EVTCHN_SPACE *cpu, unsigned long word)
{
	uint64_t raised = ~BITS_READ(words->mask[word]) & BITS_READ(words->pending[word]);

	__asm__("" : "+r"(raised)); /* not to be read a second time */
	if (likely(!bits_meet(raised, cpu->others[word])))
		return raised;
	return evtchn_2l_hand_over(e, EVTCHN_2L_PLAIN(cpu), (unsigned)word, raised);
}

static inline __attribute__((always_inline)) unsigned
evtchn_2l_scan_word(struct evtchn_2l *e, struct evtchn_2l_words *words,
		    struct evtchn_2l_cpu EVTCHN_SPACE *cpu, unsigned long word,
		    evtchn_serve_fn *serve, evtchn_odd_fn *odd, void *ctx)
{
	/* In registers that calls save: gcc copies them to and fro if it is not told. */
	register uint64_t ports __asm__("rbx") = evtchn_2l_open(e, words, cpu, word);
	register unsigned long port __asm__("r13");
	unsigned long first = word * 64;
	unsigned served = 0;

	__asm__("" : "+r"(first)); /* one register for both, the number of the word and this */
	for (;;) {
		int result;

		bits_pop(ports, port, none);
		port |= first;
		/* Before the handler, never after it: an event that comes while it runs must
		 * latch. Gone already: another vCPU, where the port was before, has served it. */
		if (unlikely(!bits_take(words->pending, port)))
			continue;
		served++;
		if (port >= EVTCHN_2L_PORTS)
			__builtin_unreachable();
		result = serve(port, ctx);
		if (likely(result == BITS_READ(cpu->expected)))
			continue;
		if (odd && result != EVTCHN_SERVED)
			odd(result, port);
		ports = evtchn_2l_look_again(e, EVTCHN_2L_PLAIN(cpu), first / 64, ports);
	}
none:
	return served;
}

/* One look at the selector. words, flags: e->words and cpu->flags, for whom they are constants. Another
 * look is due if upcall_pending is set again after it. */
static inline __attribute__((always_inline)) unsigned
evtchn_2l_pass(struct evtchn_2l *e, struct evtchn_2l_words *words,
	       struct evtchn_2l_cpu EVTCHN_SPACE *cpu,
	       volatile struct evtchn_2l_flags EVTCHN_SPACE *flags, evtchn_serve_fn *serve,
	       evtchn_odd_fn *odd, void *ctx)
{
	unsigned served = 0;
	unsigned long word;
	register uint64_t ready __asm__("r12");

	/* Taking the selector is a full barrier. What Xen adds before it is seen there now; what it
	 * adds later finds upcall_pending clear and sets it. */
	flags->upcall_pending = 0;
	ready = bits_take_all(flags->selector);
	bits_pop(ready, word, nothing);
	for (;;) {
		if (FAULT(lost_mask))
			__atomic_fetch_and(&words->pending[word], ~words->mask[word],
					   __ATOMIC_SEQ_CST);
		served += evtchn_2l_scan_word(e, words, cpu, word, serve, odd, ctx);
		bits_pop(ready, word, done);
	}
nothing:
	if (odd)
		odd(EVTCHN_NONE_READY, 0);
done:
	return served;
}

#endif

/* SPDX-License-Identifier: MIT */
/* Every word here but `others` and `moved` is shared with the hypervisor, which sets bits from other
 * CPUs at any moment: a bit is changed by one atomic operation on its word or not at all. */
#include "lib/evtchn_2l.h"

#include <stddef.h>

#include "lib/compiler.h"
#include "lib/evtchn_2l_scan.h"
#include "lib/fault.h"

static inline uint64_t evtchn_2l_bit(unsigned port)
{
	return 1ULL << port % 64; /* the words are 64 bit: an int's 1 would lose ports 32-63 */
}

COLD uint64_t evtchn_2l_hand_over(struct evtchn_2l *e, const struct evtchn_2l_cpu *cpu,
				  unsigned word, uint64_t raised)
{
	uint64_t others = raised & BITS_READ(cpu->others[word]);

	/* Their CPUs' sets first, then `moved`: evtchn_2l_move() has them the other way around. */
	for (uint64_t ports = others & e->moved[word]; ports; ports &= ports - 1)
		e->hand_over(e, word * 64 + (unsigned)__builtin_ctzll(ports));
	return raised & ~others;
}

/* The flag before the words: who masks sets them in the other order. */
COLD uint64_t evtchn_2l_look_again(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, unsigned word,
				   uint64_t ports)
{
	if (BITS_READ(cpu->expected) == EVTCHN_SERVED)
		return ports;
	__atomic_exchange_n(&cpu->expected, EVTCHN_SERVED, __ATOMIC_SEQ_CST);
	return ports & BITS_READ(e->words->pending[word]) & ~BITS_READ(e->words->mask[word]) &
	       ~BITS_READ(cpu->others[word]);
}

/* A scan that is under way on that vCPU is not to serve what it has found before. */
static void evtchn_2l_changed(struct evtchn_2l_cpu *cpu)
{
	__atomic_store_n(&cpu->expected, EVTCHN_CHANGED, __ATOMIC_RELEASE);
}

unsigned evtchn_2l_scan(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, evtchn_serve_fn *serve,
			void *ctx)
{
	unsigned served = 0;

	do {
		served += evtchn_2l_pass(e, e->words, cpu, cpu->flags, serve, NULL, ctx);
	} while (bits_any(cpu->flags->upcall_pending));
	return served;
}

bool evtchn_2l_notify(struct evtchn_2l_cpu *cpu, unsigned port)
{
	uint64_t bit = 1ULL << port / 64;

	return !(__atomic_fetch_or(&cpu->flags->selector, bit, __ATOMIC_SEQ_CST) & bit);
}

void evtchn_2l_move(struct evtchn_2l *e, unsigned port, struct evtchn_2l_cpu *from,
		    struct evtchn_2l_cpu *to)
{
	uint64_t bit = evtchn_2l_bit(port);
	unsigned word = port / 64;

	/* Atomic, because other CPUs may be moving ports of the same word. The new set first: in
	 * none, an event would be nobody's. `moved` before the old one: who misses the port in
	 * its set must see that it may be told of it all the same. */
	if (to)
		__atomic_fetch_and(&to->others[word], ~bit, __ATOMIC_SEQ_CST);
	if (!to)
		__atomic_fetch_and(&e->moved[word], ~bit, __ATOMIC_SEQ_CST);
	else if (from && from != to)
		__atomic_fetch_or(&e->moved[word], bit, __ATOMIC_SEQ_CST);
	if (from && from != to && !FAULT(wrong_set))
		__atomic_fetch_or(&from->others[word], bit, __ATOMIC_SEQ_CST);
	if (from && from != to)
		evtchn_2l_changed(from);
}

static void evtchn_2l_set_mask(struct evtchn_2l *e, unsigned port)
{
	__atomic_fetch_or(&e->words->mask[port / 64], evtchn_2l_bit(port), __ATOMIC_SEQ_CST);
}

void evtchn_2l_mask(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, unsigned port)
{
	evtchn_2l_set_mask(e, port);
	evtchn_2l_changed(cpu);
}

bool evtchn_2l_is_masked(const struct evtchn_2l *e, unsigned port)
{
	return BITS_READ(e->words->mask[port / 64]) & evtchn_2l_bit(port);
}

bool evtchn_2l_is_pending(const struct evtchn_2l *e, unsigned port)
{
	return BITS_READ(e->words->pending[port / 64]) & evtchn_2l_bit(port);
}

bool evtchn_2l_clear(struct evtchn_2l *e, unsigned port)
{
	uint64_t bit = evtchn_2l_bit(port);

	return __atomic_fetch_and(&e->words->pending[port / 64], ~bit, __ATOMIC_SEQ_CST) & bit;
}

void evtchn_2l_set_pending(struct evtchn_2l *e, unsigned port)
{
	__atomic_fetch_or(&e->words->pending[port / 64], evtchn_2l_bit(port), __ATOMIC_SEQ_CST);
}

bool evtchn_2l_unmask(struct evtchn_2l *e, unsigned port)
{
	uint64_t bit = evtchn_2l_bit(port);

	/* Unmask first, look after: an event between the two is notified by Xen and seen here,
	 * which is one upcall too many. The other order would lose it. */
	__atomic_fetch_and(&e->words->mask[port / 64], ~bit, __ATOMIC_SEQ_CST);
	if (!evtchn_2l_is_pending(e, port))
		return false;
	evtchn_2l_set_mask(e, port);
	return true;
}

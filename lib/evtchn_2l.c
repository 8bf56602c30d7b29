/* SPDX-License-Identifier: MIT */
/* Every word here but `bound` and `moved` is shared with the hypervisor, which sets bits from other
 * CPUs at any moment: a bit is changed by one atomic operation on its word or not at all. */
#include "lib/evtchn_2l.h"

#include "lib/compiler.h"
#include "lib/evtchn_2l_scan.h"
#include "lib/fault.h"

static inline uint64_t evtchn_2l_bit(unsigned port)
{
	return 1ULL << port % 64; /* the words are 64 bit: an int's 1 would lose ports 32-63 */
}

COLD void evtchn_2l_hand_over(struct evtchn_2l *e, unsigned word, uint64_t others)
{
	/* Their CPUs' sets first, then `moved`: evtchn_2l_move() has them the other way around. */
	for (uint64_t ports = others & e->moved[word]; ports; ports &= ports - 1)
		e->hand_over(e, word * 64 + (unsigned)__builtin_ctzll(ports));
}

unsigned evtchn_2l_scan(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, evtchn_serve_fn *serve,
			void *ctx)
{
	return evtchn_2l_scan_inline(e, cpu, serve, ctx);
}

bool evtchn_2l_notify(struct evtchn_2l_cpu *cpu, unsigned port)
{
	uint64_t bit = 1ULL << port / 64;

	return !(__atomic_fetch_or(cpu->selector, bit, __ATOMIC_SEQ_CST) & bit);
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
		__atomic_fetch_or(&to->bound[word], bit, __ATOMIC_SEQ_CST);
	if (!to)
		__atomic_fetch_and(&e->moved[word], ~bit, __ATOMIC_SEQ_CST);
	else if (from && from != to)
		__atomic_fetch_or(&e->moved[word], bit, __ATOMIC_SEQ_CST);
	if (from && from != to && !FAULT(wrong_set))
		__atomic_fetch_and(&from->bound[word], ~bit, __ATOMIC_SEQ_CST);
}

void evtchn_2l_mask(struct evtchn_2l *e, unsigned port)
{
	__atomic_fetch_or(&e->words->mask[port / 64], evtchn_2l_bit(port), __ATOMIC_SEQ_CST);
}

bool evtchn_2l_is_masked(const struct evtchn_2l *e, unsigned port)
{
	return e->words->mask[port / 64] & evtchn_2l_bit(port);
}

bool evtchn_2l_is_pending(const struct evtchn_2l *e, unsigned port)
{
	return e->words->pending[port / 64] & evtchn_2l_bit(port);
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
	evtchn_2l_mask(e, port);
	return true;
}

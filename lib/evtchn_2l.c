/* SPDX-License-Identifier: MIT */
/* Every word here but `bound` and `moved` is shared with the hypervisor, which sets bits from other
 * CPUs at any moment: a bit is changed by one atomic operation on its word or not at all. */
#include "lib/evtchn_2l.h"

#include "lib/compiler.h"
#include "lib/fault.h"

static inline uint64_t evtchn_2l_bit(unsigned port)
{
	return 1ULL << port % 64; /* the words are 64 bit: an int's 1 would lose ports 32-63 */
}

/* The first bit of a set that is not empty, from one bit on and around. */
static inline unsigned evtchn_2l_first(uint64_t set, unsigned from)
{
	uint64_t turned = set >> from % 64 | set << -from % 64;

	return (from + (unsigned)__builtin_ctzll(turned)) % 64;
}

static void evtchn_2l_hand_over(struct evtchn_2l *e, unsigned word, uint64_t ports)
{
	for (; ports; ports &= ports - 1)
		e->hand_over(e, word * 64 + (unsigned)__builtin_ctzll(ports));
}

static inline unsigned evtchn_2l_scan_word(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu,
					   unsigned word, evtchn_serve_fn *serve, void *ctx)
{
	volatile uint64_t *pending = &e->pending[word], *bound = &cpu->bound[word];
	const volatile uint64_t *mask = &e->mask[word];
	uint64_t raised = *pending & ~*mask, ports = raised & *bound;
	unsigned served = 0;

	/* The set first, then `moved`: evtchn_2l_move() has them the other way around. */
	if (unlikely(raised & ~ports & e->moved[word]))
		evtchn_2l_hand_over(e, word, raised & ~ports & e->moved[word]);
	while (ports) {
		unsigned port = evtchn_2l_first(ports, cpu->next_bit);
		uint64_t bit = 1ULL << port;

		ports ^= bit;
		cpu->next_bit = (uint8_t)(port + 1);
		/* Before the handler, never after it: an event that comes while it runs must
		 * latch. Clear already: another vCPU, where the port was before, has served it. */
		if (likely(__atomic_fetch_and(pending, ~bit, __ATOMIC_SEQ_CST) & bit)) {
			serve(word * 64 + port, ctx);
			served++;
		}
		/* A handler may have masked, closed or moved what was ready. What became ready
		 * waits: its selector bit is set anew. */
		if (ports)
			ports &= *pending & ~*mask & *bound;
	}
	return served;
}

unsigned evtchn_2l_scan(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, evtchn_serve_fn *serve,
			void *ctx)
{
	unsigned served = 0;

	do {
		/* The exchange is a full barrier. What Xen adds before it is seen in the
		 * selector now; what it adds later finds upcall_pending clear and sets it. */
		*cpu->upcall_pending = 0;
		uint64_t words = __atomic_exchange_n(cpu->selector, 0, __ATOMIC_SEQ_CST);

		while (words) {
			unsigned word = evtchn_2l_first(words, cpu->next_word);

			if (FAULT(lost_mask))
				__atomic_fetch_and(&e->pending[word], ~e->mask[word],
						   __ATOMIC_SEQ_CST);
			words ^= 1ULL << word;
			cpu->next_word = (uint8_t)(word + 1);
			served += evtchn_2l_scan_word(e, cpu, word, serve, ctx);
		}
	} while (*cpu->upcall_pending);
	return served;
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
	__atomic_fetch_or(&e->mask[port / 64], evtchn_2l_bit(port), __ATOMIC_SEQ_CST);
}

bool evtchn_2l_is_masked(const struct evtchn_2l *e, unsigned port)
{
	return e->mask[port / 64] & evtchn_2l_bit(port);
}

bool evtchn_2l_is_pending(const struct evtchn_2l *e, unsigned port)
{
	return e->pending[port / 64] & evtchn_2l_bit(port);
}

bool evtchn_2l_clear(struct evtchn_2l *e, unsigned port)
{
	uint64_t bit = evtchn_2l_bit(port);

	return __atomic_fetch_and(&e->pending[port / 64], ~bit, __ATOMIC_SEQ_CST) & bit;
}

void evtchn_2l_set_pending(struct evtchn_2l *e, unsigned port)
{
	__atomic_fetch_or(&e->pending[port / 64], evtchn_2l_bit(port), __ATOMIC_SEQ_CST);
}

bool evtchn_2l_unmask(struct evtchn_2l *e, unsigned port)
{
	uint64_t bit = evtchn_2l_bit(port);

	/* Unmask first, look after: an event between the two is notified by Xen and seen here,
	 * which is one upcall too many. The other order would lose it. */
	__atomic_fetch_and(&e->mask[port / 64], ~bit, __ATOMIC_SEQ_CST);
	if (!evtchn_2l_is_pending(e, port))
		return false;
	evtchn_2l_mask(e, port);
	return true;
}

/* SPDX-License-Identifier: MIT */
/* An event word is shared with the hypervisor, which changes other bits of it at any moment: it
 * is changed by one atomic operation or not at all. */
#include "lib/evtchn_fifo.h"

#include <stddef.h>

#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/fault.h"

#define PENDING   (1u << EVTCHN_FIFO_PENDING)
#define MASKED    (1u << EVTCHN_FIFO_MASKED)
#define LINKED    (1u << EVTCHN_FIFO_LINKED)
#define BUSY      (1u << EVTCHN_FIFO_BUSY)
#define LINK_MASK ((event_word_t)EVTCHN_FIFO_LINK_MASK)
#define QUEUES    ((1u << EVTCHN_FIFO_MAX_QUEUES) - 1)

/* Xen is BUSY with a word for a few instructions, under locks and on a CPU of its own. Beyond
 * this the hypervisor may as well unmask the port itself. */
#define BUSY_SPINS 1000u

_Static_assert(sizeof(event_word_t) * EVTCHN_FIFO_PAGE_WORDS == 4096, "a page of words");

void evtchn_fifo_init_cpu(struct evtchn_fifo_cpu *cpu, volatile uint8_t *upcall_pending,
			  struct evtchn_fifo_control_block *control)
{
	*control = (struct evtchn_fifo_control_block){0};
	*cpu = (struct evtchn_fifo_cpu){.upcall_pending = upcall_pending, .control = control};
}

void evtchn_fifo_init_page(event_word_t *page)
{
	for (unsigned i = 0; i < EVTCHN_FIFO_PAGE_WORDS; i++)
		page[i] = MASKED;
}

int evtchn_fifo_add_page(struct evtchn_fifo *e, event_word_t *page)
{
	unsigned words = e->words;

	if (words >= EVTCHN_FIFO_PORTS)
		return -ENOSPC;
	e->pages[words / EVTCHN_FIFO_PAGE_WORDS] = page;
	/* Other CPUs may be scanning: the page is there before it counts. */
	__atomic_store_n(&e->words, words + EVTCHN_FIFO_PAGE_WORDS, __ATOMIC_RELEASE);
	return 0;
}

static inline event_word_t *evtchn_fifo_word(const struct evtchn_fifo *e, unsigned port)
{
	if (unlikely(port >= __atomic_load_n(&e->words, __ATOMIC_ACQUIRE)))
		return NULL;
	return &e->pages[port / EVTCHN_FIFO_PAGE_WORDS][port % EVTCHN_FIFO_PAGE_WORDS];
}

static inline event_word_t evtchn_fifo_load(const struct evtchn_fifo *e, unsigned port)
{
	const event_word_t *word = evtchn_fifo_word(e, port);

	return word ? __atomic_load_n(word, __ATOMIC_RELAXED) : MASKED;
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
static inline event_word_t evtchn_fifo_unlink(const struct evtchn_fifo *e, unsigned port,
					      event_word_t taken)
{
	event_word_t *word = evtchn_fifo_word(e, port);
	event_word_t seen = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : 0;

	while (seen & LINKED) {
		event_word_t off = (FAULT(missed_linked) ? 0 : LINKED) | LINK_MASK |
				   (seen & MASKED ? 0 : taken);

		if (evtchn_fifo_swap(word, &seen, seen & ~off))
			return seen;
	}
	return 0;
}

/* The port at the head of a queue, taken out; *word as from evtchn_fifo_unlink(). When LINK was
 * 0 it was the last one: what Xen adds from then on is at the control block's head, with a
 * `ready` bit of its own. */
static inline uint32_t evtchn_fifo_pop(const struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu,
				       unsigned queue, event_word_t taken, event_word_t *word)
{
	uint32_t port = cpu->head[queue];

	if (!port)
		port = __atomic_load_n(&cpu->control->head[queue], __ATOMIC_RELAXED);
	*word = evtchn_fifo_unlink(e, port, taken);
	if (unlikely(!*word))
		cpu->broken++;
	cpu->head[queue] = *word & LINK_MASK;
	return port;
}

/* Takes what has become ready. Bits without a queue are not Xen's; they would lead us out of
 * the arrays. */
static inline uint32_t evtchn_fifo_ready(struct evtchn_fifo_cpu *cpu)
{
	return __atomic_exchange_n(&cpu->control->ready, 0, __ATOMIC_SEQ_CST) & QUEUES;
}

/* Empties the queues that are ready; serve NULL: leaves PENDING to those who look for it. */
static inline unsigned evtchn_fifo_empty(struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu,
					 evtchn_serve_fn *serve, void *ctx)
{
	uint32_t ready = evtchn_fifo_ready(cpu);
	unsigned served = 0;

	while (ready) {
		unsigned queue = (unsigned)__builtin_ctz(ready);
		event_word_t word;
		uint32_t port = evtchn_fifo_pop(e, cpu, queue, serve ? PENDING : 0, &word);

		if (!(word & LINK_MASK))
			ready ^= 1u << queue;
		if ((word & (PENDING | MASKED)) == PENDING) {
			if (serve)
				serve(port, ctx);
			served++;
		} else if (FAULT(lost_mask) && word & MASKED) {
			evtchn_fifo_clear(e, port);
		}
		/* Something more urgent may have come. The look spares the bus lock. */
		if (__atomic_load_n(&cpu->control->ready, __ATOMIC_RELAXED))
			ready |= evtchn_fifo_ready(cpu);
	}
	return served;
}

unsigned evtchn_fifo_scan(struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu,
			  evtchn_serve_fn *serve, void *ctx)
{
	unsigned served = 0;

	do {
		/* The exchange in evtchn_fifo_ready() is a full barrier. What Xen adds before
		 * it is seen there; what it adds later finds upcall_pending clear. */
		__atomic_store_n(cpu->upcall_pending, 0, __ATOMIC_RELAXED);
		served += evtchn_fifo_empty(e, cpu, serve, ctx);
	} while (__atomic_load_n(cpu->upcall_pending, __ATOMIC_RELAXED));
	return served;
}

bool evtchn_fifo_take(struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu)
{
	return evtchn_fifo_scan(e, cpu, NULL, NULL);
}

void evtchn_fifo_mask(struct evtchn_fifo *e, unsigned port)
{
	event_word_t *word = evtchn_fifo_word(e, port);

	if (word)
		__atomic_fetch_or(word, MASKED, __ATOMIC_SEQ_CST);
}

bool evtchn_fifo_is_masked(const struct evtchn_fifo *e, unsigned port)
{
	return evtchn_fifo_load(e, port) & MASKED;
}

bool evtchn_fifo_is_pending(const struct evtchn_fifo *e, unsigned port)
{
	return evtchn_fifo_load(e, port) & PENDING;
}

bool evtchn_fifo_clear(struct evtchn_fifo *e, unsigned port)
{
	event_word_t *word = evtchn_fifo_word(e, port);

	return word && __atomic_fetch_and(word, ~PENDING, __ATOMIC_SEQ_CST) & PENDING;
}

void evtchn_fifo_set_pending(struct evtchn_fifo *e, unsigned port)
{
	event_word_t *word = evtchn_fifo_word(e, port);

	/* Xen takes into account that a guest changes a word a few times while it links it;
	 * this is one time more, which it survives as well. */
	if (word)
		__atomic_fetch_or(word, PENDING, __ATOMIC_SEQ_CST);
}

bool evtchn_fifo_unmask(struct evtchn_fifo *e, unsigned port)
{
	event_word_t *word = evtchn_fifo_word(e, port);
	event_word_t seen = evtchn_fifo_load(e, port);

	/* In one operation: not BUSY, and no longer masked. A port that is LINKED keeps its place,
	 * and its scan finds it unmasked. One that is pending and not LINKED only Xen can link: an
	 * event is either seen here, or it finds the port unmasked. What is LINKED is not left to
	 * Xen, whose unmask sets PENDING a second time if the scan has served the port meanwhile.
	 * BUSY is Xen's plea not to change the word for now, so that its own exchange succeeds. */
	for (unsigned spins = 0; word && spins < BUSY_SPINS; spins++) {
		if ((seen & (PENDING | LINKED)) == PENDING)
			return true;
		if (!(seen & MASKED))
			return false;
		seen &= ~BUSY;
		if (evtchn_fifo_swap(word, &seen, seen & ~MASKED))
			return false;
	}
	return word;
}

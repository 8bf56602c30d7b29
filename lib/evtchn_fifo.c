/* SPDX-License-Identifier: MIT */
/* An event word is shared with the hypervisor, which changes other bits of it at any moment: it
 * is changed by one atomic operation or not at all. */
#include "lib/evtchn_fifo.h"

#include <stddef.h>

#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/evtchn_fifo_scan.h"
#include "lib/fault.h"

/* Xen is BUSY with a word for a few instructions, under locks and on a CPU of its own. Beyond
 * this the hypervisor may as well unmask the port itself. */
#define BUSY_SPINS 1000u

_Static_assert(sizeof(event_word_t) * EVTCHN_FIFO_PAGE_WORDS == 4096, "a page of words");

static inline event_word_t *evtchn_fifo_word(const struct evtchn_fifo *e, unsigned port)
{
	if (unlikely(port >= __atomic_load_n(&e->words, __ATOMIC_ACQUIRE)))
		return NULL;
	return &e->word[port];
}

/* True, and *seen as before, when the word still was *seen; otherwise *seen is the word. */
static inline bool evtchn_fifo_swap(event_word_t *word, event_word_t *seen, event_word_t value)
{
	return __atomic_compare_exchange_n(word, seen, value, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}

void evtchn_fifo_init_cpu(struct evtchn_fifo_cpu *cpu, volatile uint8_t *upcall_pending,
			  struct evtchn_fifo_control_block *control)
{
	*control = (struct evtchn_fifo_control_block){0};
	*cpu = (struct evtchn_fifo_cpu){.upcall_pending = upcall_pending, .control = control};
}

void evtchn_fifo_init_page(event_word_t *page)
{
	for (unsigned i = 0; i < EVTCHN_FIFO_PAGE_WORDS; i++)
		page[i] = FIFO_MASKED;
}

int evtchn_fifo_add_page(struct evtchn_fifo *e)
{
	unsigned words = e->words;

	if (words >= EVTCHN_FIFO_PORTS)
		return -ENOSPC;
	/* Other CPUs may be scanning: the page is there before it counts. */
	__atomic_store_n(&e->words, words + EVTCHN_FIFO_PAGE_WORDS, __ATOMIC_RELEASE);
	return 0;
}

static inline event_word_t evtchn_fifo_load(const struct evtchn_fifo *e, unsigned port)
{
	const event_word_t *word = evtchn_fifo_word(e, port);

	return word ? __atomic_load_n(word, __ATOMIC_RELAXED) : FIFO_MASKED;
}

/* Takes the first port out of its queue: LINKED and LINK go in one operation, for between two
 * Xen would append to a port that nobody comes back to. With them goes `taken`, PENDING, unless
 * the port is masked. Returns the word as it was in that very moment, and what is decided from it
 * holds: an event after it finds LINKED clear and links the port anew, and so does an unmask. 0:
 * the queue is broken. */
static event_word_t fifo_unlink(const struct evtchn_fifo *e, unsigned port, event_word_t taken)
{
	event_word_t *word = evtchn_fifo_word(e, port);
	event_word_t seen = word ? __atomic_load_n(word, __ATOMIC_RELAXED) : 0;

	while (seen & FIFO_LINKED) {
		event_word_t off = (FAULT(missed_linked) ? 0 : FIFO_LINKED) | FIFO_LINK |
				   (seen & FIFO_MASKED ? 0 : taken);

		if (evtchn_fifo_swap(word, &seen, seen & ~off))
			return seen;
	}
	return 0;
}

/* A port that was in a queue and is not to be served; no word: the queue is broken. */
static void fifo_not_served(struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu, unsigned port,
			    event_word_t word)
{
	if (!word)
		cpu->broken++;
	if (FAULT(lost_mask) && word & FIFO_MASKED)
		evtchn_fifo_clear(e, port);
}

/* Takes the first port of a queue out and serves it; serve NULL: leaves PENDING to those who look for it.
 * True: it is to be served, or is served. */
static bool fifo_serve_first(struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu, unsigned queue,
			     evtchn_serve_fn *serve, void *ctx)
{
	unsigned port = cpu->head[queue];
	event_word_t word;

	if (!port)
		port = __atomic_load_n(&cpu->control->head[queue], __ATOMIC_RELAXED);
	word = fifo_unlink(e, port, serve ? FIFO_PENDING : 0);
	cpu->head[queue] = word & FIFO_LINK;
	if ((word & (FIFO_PENDING | FIFO_MASKED)) != FIFO_PENDING) {
		fifo_not_served(e, cpu, port, word);
		return false;
	}
	if (serve)
		serve(port, ctx);
	return true;
}

/* All that is ready or begun, whatever the words are; which queue is next is asked after every port. When
 * LINK was 0 a port was its queue's last one: what Xen adds from then on is at the control block's head,
 * with a `ready` bit of its own. */
static unsigned fifo_serve_all(struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu, evtchn_serve_fn *serve,
			       void *ctx)
{
	unsigned served = 0;

	*cpu->upcall_pending = 0; /* before the look, as in evtchn_fifo_pass() */
	cpu->begun |= evtchn_fifo_ready(cpu);
	while (cpu->begun) {
		unsigned queue = (unsigned)__builtin_ctz(cpu->begun);

		served += fifo_serve_first(e, cpu, queue, serve, ctx);
		if (!cpu->head[queue])
			cpu->begun &= cpu->begun - 1;
		if (!bits_any(*cpu->upcall_pending))
			continue;
		*cpu->upcall_pending = 0;
		cpu->begun |= evtchn_fifo_ready(cpu);
	}
	return served;
}

unsigned evtchn_fifo_scan(struct evtchn_fifo *e, struct evtchn_fifo_cpu *cpu,
			  evtchn_serve_fn *serve, void *ctx)
{
	unsigned served = 0;

	do {
		if (serve && !cpu->begun)
			served += evtchn_fifo_pass(e->word, cpu, cpu->upcall_pending, serve, NULL, ctx);
		else
			served += fifo_serve_all(e, cpu, serve, ctx);
	} while (bits_any(*cpu->upcall_pending));
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
		__atomic_fetch_or(word, FIFO_MASKED, __ATOMIC_SEQ_CST);
}

bool evtchn_fifo_is_masked(const struct evtchn_fifo *e, unsigned port)
{
	return evtchn_fifo_load(e, port) & FIFO_MASKED;
}

bool evtchn_fifo_is_pending(const struct evtchn_fifo *e, unsigned port)
{
	return evtchn_fifo_load(e, port) & FIFO_PENDING;
}

bool evtchn_fifo_clear(struct evtchn_fifo *e, unsigned port)
{
	event_word_t *word = evtchn_fifo_word(e, port);

	return word && __atomic_fetch_and(word, ~FIFO_PENDING, __ATOMIC_SEQ_CST) & FIFO_PENDING;
}

void evtchn_fifo_set_pending(struct evtchn_fifo *e, unsigned port)
{
	event_word_t *word = evtchn_fifo_word(e, port);

	/* Xen takes into account that a guest changes a word a few times while it links it;
	 * this is one time more, which it survives as well. */
	if (word)
		__atomic_fetch_or(word, FIFO_PENDING, __ATOMIC_SEQ_CST);
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
		if ((seen & (FIFO_PENDING | FIFO_LINKED)) == FIFO_PENDING)
			return true;
		if (!(seen & FIFO_MASKED))
			return false;
		seen &= ~FIFO_BUSY;
		if (evtchn_fifo_swap(word, &seen, seen & ~FIFO_MASKED))
			return false;
	}
	return word;
}

/* SPDX-License-Identifier: MIT */
#include "tests/host/fake_fifo.h"

#include <stdlib.h>
#include <string.h>

#define PENDING   (1u << EVTCHN_FIFO_PENDING)
#define MASKED    (1u << EVTCHN_FIFO_MASKED)
#define LINKED    (1u << EVTCHN_FIFO_LINKED)
#define BUSY      (1u << EVTCHN_FIFO_BUSY)
#define LINK_MASK ((uint32_t)EVTCHN_FIFO_LINK_MASK)

static uint32_t look(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static bool test_and_set(uint32_t *word, uint32_t bit)
{
	return __atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST) & bit;
}

static void clear(uint32_t *word, uint32_t bit)
{
	__atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST);
}

static void lock(struct fake_fifo *x)
{
	while (__atomic_exchange_n(&x->lock, 1, __ATOMIC_ACQUIRE))
		;
}

static void unlock(struct fake_fifo *x)
{
	__atomic_store_n(&x->lock, 0, __ATOMIC_RELEASE);
}

/* --- Xen's side --- */

enum link { LINK_DONE, LINK_TAIL_GONE, LINK_RETRY };

static enum link try_link(struct fake_fifo *x, uint32_t tail, uint32_t port)
{
	uint32_t seen = look(&x->word[tail]), value;

	if (!(seen & LINKED))
		return LINK_TAIL_GONE;
	if (x->between)
		x->between(x, tail);
	value = (seen & ~(BUSY | LINK_MASK)) | port;
	return __atomic_compare_exchange_n(&x->word[tail], &seen, value, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
		       ? LINK_DONE
		       : LINK_RETRY;
}

/* Appends behind the tail, unless the guest has taken that one out. BUSY asks it not to unmask
 * the tail meanwhile, and is set only when the first attempt came to nothing. */
static bool append(struct fake_fifo *x, uint32_t tail, uint32_t port)
{
	enum link result = try_link(x, tail, port);

	if (result == LINK_RETRY) {
		__atomic_fetch_add(&x->busy_seen, 1, __ATOMIC_RELAXED);
		__atomic_fetch_or(&x->word[tail], BUSY, __ATOMIC_SEQ_CST);
		for (unsigned left = 4; result == LINK_RETRY && left; left--)
			result = try_link(x, tail, port);
		if (result != LINK_DONE)
			clear(&x->word[tail], BUSY);
	}
	/* Out of attempts, Xen gives the event up and goes on as if it were linked. */
	return result != LINK_TAIL_GONE;
}

/* The port has just become LINKED. True when its queue was empty. */
static bool enqueue(struct fake_fifo *x, uint32_t port)
{
	struct fifo_port *p = &x->port[port];
	uint32_t *old_tail = &x->vcpu[p->last_vcpu].tail[p->last_priority];
	uint32_t *tail = &x->vcpu[p->vcpu].tail[p->priority];
	bool appended;

	/* It was the end of its last queue, which thus is empty: nothing may be put behind it
	 * there, now that its LINK belongs to the new one. */
	if (*old_tail == port)
		*old_tail = 0;
	p->last_vcpu = p->vcpu;
	p->last_priority = p->priority;
	appended = *tail && append(x, *tail, port);
	if (!appended)
		__atomic_store_n(&x->vcpu[p->vcpu].control.head[p->priority], port,
				 __ATOMIC_SEQ_CST);
	*tail = port;
	return !appended;
}

static void notify(struct fake_fifo *x, unsigned vcpu, unsigned priority)
{
	struct fifo_vcpu *v = &x->vcpu[vcpu];

	if (test_and_set(&v->control.ready, 1u << priority))
		return;
	if (!__atomic_exchange_n(&v->upcall_pending, 1, __ATOMIC_SEQ_CST))
		__atomic_fetch_add(&v->upcalls, 1, __ATOMIC_RELAXED);
}

void fifo_send(struct fake_fifo *x, unsigned port)
{
	const struct fifo_port *p = &x->port[port];
	uint32_t *word = &x->word[port];
	bool news = false;

	if (p->closed)
		return;
	lock(x);
	if (port >= x->words) {
		x->port[port].early = true;
	} else {
		test_and_set(word, PENDING);
		if (!(look(word) & MASKED) && !test_and_set(word, LINKED))
			news = enqueue(x, port);
	}
	unlock(x);
	if (news)
		notify(x, p->vcpu, p->priority);
}

void fifo_hyper_unmask(struct fake_fifo *x, unsigned port)
{
	if (port >= x->words)
		return;
	clear(&x->word[port], MASKED);
	if (look(&x->word[port]) & PENDING)
		fifo_send(x, port);
}

void fifo_close(struct fake_fifo *x, unsigned port)
{
	clear(&x->word[port], PENDING);
	x->port[port].closed = true;
	x->port[port].vcpu = 0;
}

bool fifo_reuse(struct fake_fifo *x, unsigned port)
{
	if (!x->port[port].closed || (look(&x->word[port]) & LINKED))
		return false;
	x->port[port].closed = false;
	x->port[port].priority = FIFO_DEFAULT;
	return true;
}

/* --- the guest's side --- */

void fifo_expand(struct fake_fifo *x)
{
	unsigned from = x->words;

	evtchn_fifo_init_page(&x->word[from]);
	x->words += EVTCHN_FIFO_PAGE_WORDS;
	for (unsigned port = from; port < x->words; port++) {
		if (x->port[port].early)
			fifo_send(x, port);
		x->port[port].early = false;
	}
	evtchn_fifo_add_page(&x->e);
}

void fifo_init(struct fake_fifo *x, unsigned pages)
{
	memset(x, 0, sizeof(*x));
	memset(x->word, 0xff, sizeof(x->word)); /* what a new page holds is anything */
	x->e.word = x->word;
	for (unsigned v = 0; v < FIFO_VCPUS; v++)
		evtchn_fifo_init_cpu(&x->cpu[v], &x->vcpu[v].upcall_pending,
				     &x->vcpu[v].control);
	for (unsigned port = 0; port < FIFO_PORTS; port++)
		x->port[port].priority = FIFO_DEFAULT;
	while (pages--)
		fifo_expand(x);
}

void fifo_unmask(struct fake_fifo *x, unsigned port)
{
	if (evtchn_fifo_unmask(&x->e, port))
		fifo_hyper_unmask(x, port);
}

/* --- a watched vCPU --- */

int fifo_setup(void **state)
{
	struct fifo_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	fifo_init(&w->x, FIFO_PAGES);
	for (unsigned port = 1; port < FIFO_PORTS; port++)
		fifo_unmask(&w->x, port);
	*state = w;
	return 0;
}

int fifo_teardown(void **state)
{
	const struct fifo_watch *w = *state;
	bool ok = !w->wrong && !w->x.cpu[0].broken && !w->x.cpu[1].broken;

	free(*state);
	return ok ? 0 : -1;
}

static int watched_serve(unsigned long port, void *ctx)
{
	struct fifo_watch *w = ctx;

	if (port >= FIFO_PORTS || w->served >= FIFO_LOG) {
		w->wrong++;
		return EVTCHN_SERVED;
	}
	if (w->x.word[port] & (PENDING | MASKED))
		w->wrong++;
	w->owed[port] = false;
	w->log[w->served++] = port;
	if (w->during)
		w->during(w, port);
	return EVTCHN_SERVED;
}

void fifo_post(struct fifo_watch *w, unsigned port)
{
	w->owed[port] = true;
	fifo_send(&w->x, port);
}

unsigned fifo_scan(struct fifo_watch *w, unsigned vcpu)
{
	unsigned n;

	w->served = 0;
	n = evtchn_fifo_scan(&w->x.e, &w->x.cpu[vcpu], watched_serve, w);
	w->wrong += n != w->served;
	w->wrong += w->x.vcpu[vcpu].upcall_pending || w->x.vcpu[vcpu].control.ready;
	for (unsigned q = 0; q < EVTCHN_FIFO_MAX_QUEUES; q++)
		w->wrong += w->x.cpu[vcpu].head[q] != 0;
	return n;
}

bool fifo_served(const struct fifo_watch *w, const unsigned *ports, unsigned n)
{
	return !w->wrong && w->served == n && !memcmp(w->log, ports, n * sizeof(*ports));
}

/* SPDX-License-Identifier: MIT */
#include "kernel/timer.h"

#include <stddef.h>

#include "arch/x86/cpu.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"

#define CLOCKS_MAX 2

/* One lock for all queues: a timer is started when something goes wrong or slow, not per event.
 */
static struct spinlock timer_lock;
static struct timer_queue {
	struct timerq q;
	struct timer *running; /* its function is being called ... */
	unsigned runner;       /* ... by this CPU */
} queues[NR_CPUS_MAX];

static const struct clock_event *offers[CLOCKS_MAX], *clock;
static unsigned nr_offers;
static bool wanted;   /* somebody has set up a timer */
static unsigned lent; /* how often */
static bool apart;    /* channels are not to be relied on */

void timer_offer(const struct clock_event *offer)
{
	if (nr_offers < CLOCKS_MAX)
		offers[nr_offers++] = offer;
}

bool timer_has_clock(void)
{
	return clock;
}

const char *timer_clock_name(void)
{
	return clock ? clock->name : wanted ? "poll" : "none";
}

/* The first that works; while channels are avoided, the first of the others. */
static void timer_open_clock(void)
{
	for (unsigned pass = !apart; pass < 2; pass++)
		for (unsigned i = 0; i < nr_offers && !clock; i++)
			if ((pass || !offers[i]->channel) && !offers[i]->open())
				__atomic_store_n(&clock, offers[i], __ATOMIC_RELEASE);
}

static void timer_run_here(void *ctx)
{
	timer_run();
}

/* What was started on any CPU while there was no clock has programmed nothing. */
static void timer_bring_up(void)
{
	timer_open_clock();
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		cpu_call(cpu, timer_run_here, NULL);
}

void timer_setup(struct timer *t, timer_fn *fn, void *ctx)
{
	*t = (struct timer){.fn = fn, .ctx = ctx};
	if (__atomic_exchange_n(&wanted, true, __ATOMIC_ACQ_REL) || lent)
		return;
	timer_bring_up();
}

/* Under the lock, on the queue's own CPU. */
static void timer_program(const struct timer_queue *queue)
{
	const struct timerq_entry *first = queue->q.first;
	uint64_t now;

	if (!first || !clock)
		return;
	now = time_now_ns();
	clock->start(first->deadline > now ? first->deadline - now : 0);
}

void timer_start(struct timer *t, uint64_t deadline_ns)
{
	bool on = spin_lock(&timer_lock);
	unsigned cpu = this_cpu()->id;

	if (t->entry.queued)
		timerq_remove(&queues[t->cpu].q, &t->entry);
	t->cpu = cpu;
	if (timerq_insert(&queues[cpu].q, &t->entry, deadline_ns))
		timer_program(&queues[cpu]);
	spin_unlock(&timer_lock, on);
}

/* The function may be running on another CPU, which does not wait for us. */
static bool timer_runs_elsewhere(const struct timer *t)
{
	unsigned self = this_cpu()->id;

	for (unsigned i = 0; i < nr_cpus; i++)
		if (queues[i].running == t && queues[i].runner != self)
			return true;
	return false;
}

bool timer_cancel(struct timer *t)
{
	bool on = spin_lock(&timer_lock), was = t->entry.queued;

	if (was)
		timerq_remove(&queues[t->cpu].q, &t->entry);
	while (timer_runs_elsewhere(t)) {
		spin_unlock(&timer_lock, on);
		cpu_yield();
		on = spin_lock(&timer_lock);
		if (t->entry.queued) /* its function has started it again */
			timerq_remove(&queues[t->cpu].q, &t->entry);
	}
	spin_unlock(&timer_lock, on);
	return was;
}

/* Under the lock, which is let go while a function runs. */
static void timer_run_queue(struct timer_queue *queue)
{
	uint64_t now = time_now_ns();
	struct timer *t;

	while (!queue->running && (t = (struct timer *)timerq_expire(&queue->q, now))) {
		queue->running = t;
		queue->runner = this_cpu()->id;
		spin_unlock(&timer_lock, false);
		t->fn(t->ctx);
		spin_lock(&timer_lock);
		queue->running = NULL;
	}
}

void timer_run(void)
{
	struct timer_queue *queue = &queues[this_cpu()->id];
	bool on = spin_lock(&timer_lock);

	timer_run_queue(queue);
	timer_program(queue);
	spin_unlock(&timer_lock, on);
}

void timer_poll(void)
{
	bool on;

	if (clock || !wanted)
		return;
	on = spin_lock(&timer_lock);
	for (unsigned i = 0; i < nr_cpus; i++)
		timer_run_queue(&queues[i]);
	spin_unlock(&timer_lock, on);
}

void timer_stop_here(void)
{
	if (clock)
		clock->stop();
}

void timer_adopt(unsigned cpu)
{
	bool on = spin_lock(&timer_lock);
	struct timer_queue *from = &queues[cpu], *to = &queues[this_cpu()->id];
	struct timer *t;

	while ((t = (struct timer *)timerq_expire(&from->q, UINT64_MAX))) {
		t->cpu = this_cpu()->id;
		timerq_insert(&to->q, &t->entry, t->entry.deadline);
	}
	timer_program(to);
	spin_unlock(&timer_lock, on);
}

void timer_lend(void)
{
	bool on = spin_lock(&timer_lock); /* nobody is starting it */
	const struct clock_event *was = clock;

	clock = NULL;
	lent++;
	spin_unlock(&timer_lock, on);
	if (was)
		was->close();
}

void timer_take_back(void)
{
	if (!--lent && wanted)
		timer_bring_up();
}

void timer_keep_apart(bool on)
{
	apart = on;
	if (!clock || clock->channel != on || nr_offers < 2)
		return;
	timer_lend();
	timer_take_back();
}

void timer_resume(void)
{
	if (clock)
		cpu_call_all(timer_run_here, NULL);
}

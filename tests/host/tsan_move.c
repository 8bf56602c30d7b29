/* SPDX-License-Identifier: MIT */
/* A 2-level port that moves between two vCPUs, in four threads under ThreadSanitizer: Xen sends,
 * having looked up the vCPU some time before; the guest moves the port; and two vCPUs scan.
 *
 * In each round there is one send and one move, at random times; then nothing happens but scans,
 * and the handler must have run once, and not more often. FAULT_NO_HAND_OVER, planted, must be
 * found: the old vCPU leaves the port alone. */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/evtchn_2l.h"

#ifndef ROUNDS
#define ROUNDS 10000u
#endif
#define PORT   70u
#define WORD   (PORT / 64)
#define BIT    (1ull << PORT % 64)

static struct evtchn_2l_words words;
static struct vcpu {
	struct evtchn_2l_flags flags;
	unsigned poked, loops;
} vcpus[2];
static struct evtchn_2l e;
static struct evtchn_2l_cpu cpus[2];
static unsigned home, notified; /* the guest's, Xen's */
static unsigned round, sent, moved, runs, done;

static unsigned get(const unsigned *at)
{
	return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

static void put(unsigned *at, unsigned value)
{
	__atomic_store_n(at, value, __ATOMIC_SEQ_CST);
}

static void dawdle(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	for (unsigned left = *seed >> 24; left; left--)
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (*seed & 0x800000)
		sched_yield();
}

/* --- Xen --- */

static void notify(unsigned v)
{
	uint64_t bit = 1ull << WORD;

	if (!(__atomic_fetch_or(&vcpus[v].flags.selector, bit, __ATOMIC_SEQ_CST) & bit))
		__atomic_store_n(&vcpus[v].flags.upcall_pending, 1, __ATOMIC_SEQ_CST);
}

static bool look(const uint64_t *words)
{
	return __atomic_load_n(&words[WORD], __ATOMIC_SEQ_CST) & BIT;
}

static void *xen(void *unused)
{
	uint32_t seed = 3;

	for (unsigned n = 1; n <= ROUNDS; n++) {
		while (get(&round) < n)
			sched_yield();
		unsigned to = get(&notified);

		dawdle(&seed);
		if (!(__atomic_fetch_or(&words.pending[WORD], BIT, __ATOMIC_SEQ_CST) & BIT) &&
		    !look(words.mask))
			notify(to);
		put(&sent, n);
	}
	return unused;
}

static void hyper_unmask(void)
{
	unsigned to = get(&notified);

	if (__atomic_fetch_and(&words.mask[WORD], ~BIT, __ATOMIC_SEQ_CST) & BIT && look(words.pending))
		notify(to);
}

/* --- the guest --- */

static void hand_over(struct evtchn_2l *from, unsigned port)
{
	(void)from;
#ifndef FAULT_NO_HAND_OVER
	unsigned to = get(&home);

	if (evtchn_2l_notify(&cpus[to], port))
		put(&vcpus[to].poked, 1);
#else
	(void)port;
#endif
}

static void *mover(void *unused)
{
	uint32_t seed = 5;

	for (unsigned n = 1; n <= ROUNDS; n++) {
		unsigned to = n % 2;

		while (get(&round) < n)
			sched_yield();
		dawdle(&seed);
		evtchn_2l_mask(&e, &cpus[!to], PORT);
		put(&notified, to);
		put(&home, to);
		evtchn_2l_move(&e, PORT, &cpus[!to], &cpus[to]);
		hyper_unmask();
		put(&moved, n);
	}
	return unused;
}

static int serve(unsigned long port, void *ctx)
{
	(void)port;
	(void)ctx;
	__atomic_fetch_add(&runs, 1, __ATOMIC_SEQ_CST);
	return EVTCHN_SERVED;
}

static void *vcpu(void *which)
{
	struct vcpu *v = which;
	struct evtchn_2l_cpu *cpu = &cpus[v - vcpus];

	while (!get(&done)) {
		bool poked = __atomic_exchange_n(&v->poked, 0, __ATOMIC_SEQ_CST) &&
			     __atomic_load_n(&v->flags.selector, __ATOMIC_SEQ_CST);

		if (poked || __atomic_load_n(&v->flags.upcall_pending, __ATOMIC_SEQ_CST))
			evtchn_2l_scan(&e, cpu, serve, NULL);
		put(&v->loops, get(&v->loops) + 1);
		sched_yield();
	}
	return NULL;
}

/* Whatever a vCPU hands to the other is scanned in one of the loops that begin after it. */
static void settle(void)
{
	for (unsigned turn = 0; turn < 2; turn++) {
		for (unsigned v = 0; v < 2; v++) {
			unsigned before = get(&vcpus[v].loops);

			while (get(&vcpus[v].loops) - before < 2)
				sched_yield();
		}
	}
}

static void rounds(void)
{
	for (unsigned n = 1; n <= ROUNDS; n++) {
		put(&round, n);
		while (get(&sent) < n || get(&moved) < n)
			sched_yield();
		settle();
		if (get(&runs) == n)
			continue;
		printf("%s: round %u, %u runs\n", get(&runs) < n ? "lost" : "doubled", n,
		       get(&runs));
		fflush(stdout);
		_Exit(1); /* the others may wait for a round that does not come */
	}
}

int main(void)
{
	pthread_t threads[4];
	bool ok = true;

	e.words = &words;
	e.hand_over = hand_over;
	for (unsigned v = 0; v < 2; v++) {
		cpus[v].flags = &vcpus[v].flags;
		cpus[v].others[WORD] = ~0ull;
	}
	evtchn_2l_move(&e, PORT, NULL, &cpus[0]);
	ok = ok && !pthread_create(&threads[0], NULL, xen, NULL);
	ok = ok && !pthread_create(&threads[1], NULL, mover, NULL);
	ok = ok && !pthread_create(&threads[2], NULL, vcpu, &vcpus[0]);
	ok = ok && !pthread_create(&threads[3], NULL, vcpu, &vcpus[1]);
	if (!ok)
		return 2;
	rounds();
	put(&done, 1);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	printf("%u sends, %u runs\n", ROUNDS, get(&runs));
	return 0;
}

/* As in tsan_abi.c: what the library marks by volatile is shared. */
#define VOLATILE_ACCESS(name, type)                                  \
	void name(void *at);                                         \
	void name(void *at)                                          \
	{                                                            \
		(void)__atomic_load_n((type *)at, __ATOMIC_RELAXED); \
	}

VOLATILE_ACCESS(__tsan_volatile_read1, uint8_t)
VOLATILE_ACCESS(__tsan_volatile_write1, uint8_t)
VOLATILE_ACCESS(__tsan_volatile_read8, uint64_t)
VOLATILE_ACCESS(__tsan_volatile_write8, uint64_t)

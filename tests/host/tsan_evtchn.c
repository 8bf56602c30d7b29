/* SPDX-License-Identifier: MIT */
/* The event channel ABIs in two threads under ThreadSanitizer: one is Xen and sends, the other
 * is the vCPU, which scans, masks and unmasks. Usage: tsan_evtchn 2l|fifo
 *
 * The oracle is a sequence number per port. After send n the handler runs once more and sees at
 * least n; it never runs more often than was sent. No clock decides: an event is lost when the
 * vCPU has twice gone through its whole loop, everything unmasked, and has not seen it.
 *
 * Planted faults, each of which must make it fail:
 * FAULT_CLEAR_AFTER  pending is cleared once more, after the handler
 * FAULT_PLAIN_MASK   tsan_abi.c says what it does */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/tsan_abi.h"

#ifndef SENDS
#define SENDS 100000u
#endif

/* On both sides of a 2-level word and of a FIFO page; some are masked while they are handled.
 */
static const unsigned ports[] = {1, 2, 62, 63, 64, 127, 1023, 1024};
#define NR_PORTS (sizeof(ports) / sizeof(ports[0]))

static struct {
	unsigned sent[NR_PORTS], seen[NR_PORTS], runs[NR_PORTS];
	unsigned loops; /* of the vCPU, each with everything unmasked and scanned */
	unsigned done;  /* Xen sends no more */
	unsigned failed;
} run;

static unsigned get(const unsigned *at)
{
	return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

static void put(unsigned *at, unsigned value)
{
	__atomic_store_n(at, value, __ATOMIC_SEQ_CST);
}

static void fail(const char *what, unsigned port, unsigned n)
{
	printf("%s: port %u, event %u\n", what, port, n);
	put(&run.failed, 1);
}

static uint32_t roll(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static const struct tsan_abi *abi;

/* A moment of random length, so that the threads meet everywhere. */
static void dawdle(uint32_t *seed)
{
	for (unsigned left = roll(seed) % 64; left; left--)
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* What a driver does: takes up all that it finds. */
static void handle(unsigned i)
{
	static uint32_t seed = 5;
	unsigned sent = get(&run.sent[i]);

	dawdle(&seed);
	if (++run.runs[i] > sent)
		fail("ran more often than sent", ports[i], run.runs[i]);
	put(&run.seen[i], sent);
}

static int serve(unsigned long port, void *ctx)
{
	unsigned i = 0;

	(void)ctx;
	while (i < NR_PORTS && ports[i] != port)
		i++;
	if (i == NR_PORTS) {
		fail("not a port", port, 0);
		return EVTCHN_SERVED;
	}
	if (i % 2) /* some drivers mask */
		abi->mask(port);
	handle(i);
#ifdef FAULT_CLEAR_AFTER
	abi->clear(port);
#endif
	if (i % 2)
		abi->unmask(port);
	return EVTCHN_SERVED;
}

static void *vcpu(void *unused)
{
	uint32_t seed = 7;

	(void)unused;
	for (bool last = false; !last;) {
		unsigned port = ports[roll(&seed) % NR_PORTS];

		last = get(&run.done);
		abi->mask(port);
		if (seed & 0x100)
			abi->scan(serve);
		dawdle(&seed);
		abi->unmask(port);
		abi->scan(serve);
		put(&run.loops, get(&run.loops) + 1);
	}
	return unused;
}

/* The loop that is running when the event has been sent may be beyond its scan; the next one is
 * not. */
static void await(unsigned i, unsigned n)
{
	unsigned before = get(&run.loops);

	while (get(&run.seen[i]) < n && get(&run.loops) - before < 2)
		sched_yield();
	if (get(&run.seen[i]) < n)
		fail("lost", ports[i], n);
}

static void xen(void)
{
	uint32_t seed = 9;

	for (unsigned n = 0; n < SENDS && !get(&run.failed); n++) {
		unsigned i = roll(&seed) % NR_PORTS, event = get(&run.sent[i]) + 1;

		put(&run.sent[i], event);
		abi->send(ports[i]);
		if (seed & 0x300)
			dawdle(&seed);
		else
			await(i, event);
	}
	for (unsigned i = 0; i < NR_PORTS; i++)
		await(i, get(&run.sent[i]));
	put(&run.done, 1);
}

int main(int argc, char **argv)
{
	unsigned runs = 0, sent = 0;
	pthread_t thread;

	if (argc == 2 && !strcmp(argv[1], tsan_abi_2l.name))
		abi = &tsan_abi_2l;
	if (argc == 2 && !strcmp(argv[1], tsan_abi_fifo.name))
		abi = &tsan_abi_fifo;
	if (!abi)
		return 2;
	abi->init();
	if (pthread_create(&thread, NULL, vcpu, NULL))
		return 2;
	xen();
	pthread_join(thread, NULL);
	for (unsigned i = 0; i < NR_PORTS; i++) {
		runs += run.runs[i];
		sent += run.sent[i];
	}
	printf("%u sends, %u runs, %u vCPU loops\n", sent, runs, run.loops);
	return run.failed ? 1 : 0;
}

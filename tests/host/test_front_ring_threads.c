/* SPDX-License-Identifier: MIT */
/* Both ends of a ring as threads that sleep until they are notified, which is what the barriers
 * in front_ring_push() and front_ring_await() are for: without either both ends sleep in the
 * end. With a fence taken out this fails more often than not on two CPUs that others use as
 * well; on one CPU never. */
#include "tests/host/ring_pair.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#define ROUNDS   1000000u
#define SECONDS  2  /* where others want the CPUs, fewer rounds must do */
#define PATIENCE 20 /* seconds until a sleeper is said to sleep for ever */

static struct pair *p;
static bool front_event, back_event, done;

static void notify(bool *event)
{
	__atomic_store_n(event, true, __ATOMIC_SEQ_CST);
}

static bool notified(bool *event)
{
	return __atomic_load_n(event, __ATOMIC_SEQ_CST) &&
	       __atomic_exchange_n(event, false, __ATOMIC_SEQ_CST);
}

/* Spins first: two that sleep for long do not meet in the middle of what they do. */
static bool nap(bool *event)
{
	for (unsigned left = 2000; left; left--)
		if (notified(event))
			return true;
	sched_yield();
	return false;
}

static void dawdle(uint32_t *seed)
{
	for (unsigned left = next_random(seed) % 256; left; left--)
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void back_answer(void)
{
	struct message req;
	int tell;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	memcpy(&req, RING_GET_REQUEST(&p->back, p->back.req_cons), sizeof(req));
	p->back.req_cons++;
	RING_GET_RESPONSE(&p->back, p->back.rsp_prod_pvt)->a = req.b == ~req.a ? req.a + 1 : 0;
	p->back.rsp_prod_pvt++;
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&p->back, tell);
	if (tell)
		notify(&front_event);
}

static void *back_run(void *unused)
{
	uint32_t seed = 21;
	int more;

	while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) {
		while (RING_HAS_UNCONSUMED_REQUESTS(&p->back)) {
			back_answer();
			dawdle(&seed);
		}
		RING_FINAL_CHECK_FOR_REQUESTS(&p->back, more);
		while (!more && !nap(&back_event))
			if (__atomic_load_n(&done, __ATOMIC_SEQ_CST))
				return unused;
	}
	return unused;
}

/* False: nobody notifies. */
static bool front_sleep(void)
{
	time_t end = time(NULL) + PATIENCE;

	while (!nap(&front_event))
		if (time(NULL) > end)
			return false;
	return true;
}

/* Takes one response, and sleeps as often as need be: 1; 0: slept for ever; an error. */
static int front_receive(struct reply *rsp)
{
	for (;;) {
		int n = front_ring_take(&p->front, rsp);

		if (n)
			return n;
		n = front_ring_await(&p->front);
		front_ring_hold(&p->front); /* as whoever sends more before it sleeps */
		if (n < 0 || (!n && !front_sleep()))
			return n;
	}
}

/* Some requests, each pushed by itself; as many responses. The chances to miss one are in
 * between.
 */
static bool front_round(uint64_t round, uint32_t *seed)
{
	uint64_t n = 1 + next_random(seed) % 4;
	struct reply rsp;

	for (uint64_t i = 0; i < n; i++) {
		if (pair_put(p, 4 * round + i))
			return false;
		if (front_ring_push(&p->front))
			notify(&back_event);
		front_ring_hold(&p->front);
		dawdle(seed);
	}
	for (uint64_t i = 0; i < n; i++) {
		if (front_receive(&rsp) != 1 || rsp.a != 4 * round + i + 1)
			return false;
		dawdle(seed);
	}
	return true;
}

static void test_nobody_sleeps_for_ever(void **state)
{
	time_t end = time(NULL) + SECONDS;
	uint32_t seed = 13, round = 0;
	bool ok = true;
	pthread_t back;

	(void)state;
	p = pair_new(4096);
	assert_int_equal(pthread_create(&back, NULL, back_run, NULL), 0);
	for (; ok && round < ROUNDS && time(NULL) < end; round++)
		ok = front_round(round, &seed);
	__atomic_store_n(&done, true, __ATOMIC_SEQ_CST);
	pthread_join(back, NULL);
	print_message("%u rounds\n", round);
	assert_true(ok && round > 0);
	pair_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_sleeps_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

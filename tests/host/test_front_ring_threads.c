/* SPDX-License-Identifier: MIT */
/* Both ends of a ring as threads that sleep until they are notified, which is what the barriers
 * in front_ring_push() and front_ring_await() are for: without either both ends sleep in the
 * end. (Seen with the fence of each taken out. On one CPU there is nothing to be seen.) */
#include "tests/host/ring_pair.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#define ROUNDS   300000u
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

static void dawdle(uint32_t *seed)
{
	for (unsigned left = next_random(seed) % 64; left; left--)
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
		while (RING_HAS_UNCONSUMED_REQUESTS(&p->back))
			back_answer();
		dawdle(&seed);
		RING_FINAL_CHECK_FOR_REQUESTS(&p->back, more);
		while (!more && !notified(&back_event)) {
			if (__atomic_load_n(&done, __ATOMIC_SEQ_CST))
				return unused;
			sched_yield();
		}
	}
	return unused;
}

/* False: nobody notifies. */
static bool front_sleep(void)
{
	time_t end = time(NULL) + PATIENCE;

	while (!notified(&front_event)) {
		if (time(NULL) > end)
			return false;
		sched_yield();
	}
	return true;
}

/* Takes one response, and sleeps as often as need be: 1; 0: slept for ever; an error. */
static int front_receive(uint64_t *a)
{
	for (;;) {
		int n = pair_take(p, a);

		if (n)
			return n;
		n = front_ring_await(&p->front);
		if (n < 0 || (!n && !front_sleep()))
			return n;
	}
}

static bool front_round(uint64_t round, uint32_t *seed)
{
	uint64_t a = 0;

	if (pair_put(p, round))
		return false;
	if (front_ring_push(&p->front))
		notify(&back_event);
	dawdle(seed);
	return front_receive(&a) == 1 && a == round + 1;
}

static void test_nobody_sleeps_for_ever(void **state)
{
	pthread_t back;
	uint32_t seed = 13, round = 0;

	(void)state;
	p = pair_new(4096);
	assert_int_equal(pthread_create(&back, NULL, back_run, NULL), 0);
	while (round < ROUNDS && front_round(round, &seed))
		round++;
	__atomic_store_n(&done, true, __ATOMIC_SEQ_CST);
	pthread_join(back, NULL);
	assert_int_equal(round, ROUNDS);
	pair_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_sleeps_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

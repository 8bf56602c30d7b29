/* SPDX-License-Identifier: MIT */
/* FIFO queues with links that are not Xen's; and a long random life. */
#include "tests/host/fake_fifo.h"
#include "tests/host/test.h"

#define PENDING (1u << EVTCHN_FIFO_PENDING)
#define LINKED  (1u << EVTCHN_FIFO_LINKED)

static void send_effect(struct fifo_watch *w, unsigned port)
{
	if (port == w->trigger && w->left) {
		w->left--;
		fifo_send(&w->x, w->effect);
	}
}

/* --- links that are not Xen's --- */

static void corrupt(struct fifo_watch *w, unsigned port, uint32_t link)
{
	w->x.word[port] = PENDING | LINKED | link;
}

static void check_broken(struct fifo_watch *w, unsigned served, unsigned broken)
{
	assert_int_equal(fifo_scan(w, 0), served);
	assert_int_equal(w->x.cpu[0].broken, broken);
	w->x.cpu[0].broken = 0;
}

static void test_link_out_of_range(void **state)
{
	static const uint32_t links[] = {FIFO_PORTS, FIFO_PORTS + 1, EVTCHN_FIFO_LINK_MASK};
	struct fifo_watch *w = *state;

	for (unsigned i = 0; i < COUNT(links); i++) {
		fifo_send(&w->x, 5);
		corrupt(w, 5, links[i]);
		check_broken(w, 1, 1);
		/* Other queues, and this one once Xen begins it anew, are as good as ever. */
		fifo_send(&w->x, 5);
		check_broken(w, 1, 0);
	}
}

static void test_head_out_of_range(void **state)
{
	static const uint32_t heads[] = {0, FIFO_PORTS, EVTCHN_FIFO_PORTS, 0x80000005u,
					 UINT32_MAX};
	struct fifo_watch *w = *state;

	for (unsigned i = 0; i < COUNT(heads); i++) {
		w->x.vcpu[0].control.head[3] = heads[i];
		w->x.vcpu[0].control.ready = 1u << 3;
		fifo_send(&w->x, 5);
		check_broken(w, 1, 1);
	}
}

static void test_cycles(void **state)
{
	struct fifo_watch *w = *state;

	fifo_send(&w->x, 5);
	corrupt(w, 5, 5);
	check_broken(w, 1, 1);
	for (unsigned port = 5; port <= 9; port++)
		fifo_send(&w->x, port);
	corrupt(w, 9, 7);
	check_broken(w, 5, 1);
	/* one that goes on while it is walked: each port sends itself, as in a storm */
	w->during = send_effect;
	w->trigger = w->effect = 5;
	w->left = 100;
	fifo_send(&w->x, 5);
	corrupt(w, 5, 5);
	fifo_scan(w, 0);
	assert_in_range(w->served, 1, 101);
	w->x.cpu[0].broken = 0;
}

static void test_link_to_an_idle_port(void **state)
{
	struct fifo_watch *w = *state;

	fifo_send(&w->x, 5);
	corrupt(w, 5, 9); /* not LINKED: not touched and not served */
	w->x.word[9] = PENDING;
	check_broken(w, 1, 1);
	assert_int_equal(w->x.word[9], PENDING);
}

static void test_ready_without_a_queue(void **state)
{
	struct fifo_watch *w = *state;

	w->x.vcpu[0].control.ready = 0xffff0000u;
	fifo_send(&w->x, 5);
	check_broken(w, 1, 0);
}

/* --- a long random life: no event is lost, none is made up --- */

static void random_step(struct fifo_watch *w, uint32_t r, unsigned port)
{
	switch (r % 8) {
	case 0:
		evtchn_fifo_mask(&w->x.e, port);
		break;
	case 1:
		fifo_unmask(&w->x, port);
		break;
	case 2:
		w->x.port[port].priority = r >> 8 & 15;
		break;
	case 3:
		if (r >> 8 & 1)
			w->x.port[port].vcpu ^= 1;
		else
			fifo_scan(w, r >> 9 & 1);
		break;
	default:
		fifo_post(w, port);
	}
}

/* Also while Xen is linking, when the guest may do to the tail what it likes. */
static uint32_t life_seed;

static void random_between(struct fake_fifo *x, uint32_t tail)
{
	uint32_t r = next_random(&life_seed);

	if (r % 4 == 0)
		evtchn_fifo_mask(&x->e, tail);
	else if (r % 4 == 1)
		evtchn_fifo_unmask(&x->e, tail); /* pending: without the hypercall it waits */
}

static void test_random_life(void **state)
{
	struct fifo_watch *w = *state;

	life_seed = 77;
	w->x.between = random_between;
	for (unsigned step = 0; step < 60000; step++) {
		uint32_t r = next_random(&life_seed);
		unsigned port = 1 + (r >> 16) % 24 * 170; /* 24 ports, over all pages */

		random_step(w, r, port);
	}
	w->x.between = NULL;
	for (unsigned port = 1; port < FIFO_PORTS; port++)
		fifo_unmask(&w->x, port);
	fifo_scan(w, 0);
	fifo_scan(w, 1);
	for (unsigned port = 1; port < FIFO_PORTS; port++) {
		assert_false(w->owed[port]);
		assert_int_equal(w->x.word[port], 0);
	}
	assert_true(w->x.busy_seen > 100); /* it did happen */
	assert_int_equal(w->x.cpu[0].broken + w->x.cpu[1].broken, 0);
}

#define FIFO_TEST(name) cmocka_unit_test_setup_teardown(name, fifo_setup, fifo_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIFO_TEST(test_link_out_of_range),
		FIFO_TEST(test_head_out_of_range),
		FIFO_TEST(test_cycles),
		FIFO_TEST(test_link_to_an_idle_port),
		FIFO_TEST(test_ready_without_a_queue),
		FIFO_TEST(test_random_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

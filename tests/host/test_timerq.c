/* SPDX-License-Identifier: MIT */
/* Every sequence of operations up to some length, against a model that is an array searched from
 * end to end; and the order of equals. */
#include "tests/host/test.h"
#include "lib/timerq.h"

#define ENTRIES 3u
#define TIMES   3u
#define LENGTH  5u

/* What ought to be queued, and when each was: the smallest deadline, then the oldest, is next. */
struct model {
	bool queued[ENTRIES];
	uint64_t deadline[ENTRIES];
	unsigned age[ENTRIES], clock;
};

static int model_first(const struct model *m)
{
	int best = -1;

	for (unsigned i = 0; i < ENTRIES; i++) {
		if (!m->queued[i])
			continue;
		if (best < 0 || m->deadline[i] < m->deadline[best] ||
		    (m->deadline[i] == m->deadline[best] && m->age[i] < m->age[best]))
			best = (int)i;
	}
	return best;
}

struct world {
	struct timerq q;
	struct timerq_entry e[ENTRIES];
	struct model m;
};

/* The list holds what the model holds, in its order, and nothing else. */
static void check(const struct world *w)
{
	struct model m = w->m;
	const struct timerq_entry *e = w->q.first;

	for (int i = model_first(&m); i >= 0; i = model_first(&m)) {
		assert_ptr_equal(e, &w->e[i]);
		assert_int_equal(e->deadline, m.deadline[i]);
		m.queued[i] = false;
		e = e->next;
	}
	assert_null(e);
	for (unsigned i = 0; i < ENTRIES; i++)
		assert_int_equal(w->e[i].queued, w->m.queued[i]);
}

static void step_insert(struct world *w, unsigned i, uint64_t deadline)
{
	bool first;

	if (w->m.queued[i])
		return;
	w->m.queued[i] = true;
	w->m.deadline[i] = deadline;
	w->m.age[i] = w->m.clock++;
	first = timerq_insert(&w->q, &w->e[i], deadline);
	assert_int_equal(first, model_first(&w->m) == (int)i);
}

static void step_remove(struct world *w, unsigned i)
{
	assert_int_equal(timerq_remove(&w->q, &w->e[i]), w->m.queued[i]);
	w->m.queued[i] = false;
}

static void step_expire(struct world *w, uint64_t now)
{
	int i = model_first(&w->m);

	if (i >= 0 && w->m.deadline[i] > now)
		i = -1;
	assert_ptr_equal(timerq_expire(&w->q, now), i < 0 ? NULL : &w->e[i]);
	if (i >= 0)
		w->m.queued[i] = false;
}

/* Each digit of `life` is one step. */
static void live(unsigned long life)
{
	const unsigned long steps = ENTRIES * TIMES + ENTRIES + TIMES;
	struct world w = {0};

	for (unsigned n = 0; n < LENGTH; n++, life /= steps) {
		unsigned long s = life % steps;

		if (s < ENTRIES * TIMES)
			step_insert(&w, s % ENTRIES, s / ENTRIES);
		else if (s < ENTRIES * TIMES + ENTRIES)
			step_remove(&w, s - ENTRIES * TIMES);
		else
			step_expire(&w, s - ENTRIES * TIMES - ENTRIES);
		check(&w);
	}
}

static void test_every_life(void **state)
{
	unsigned long lives = 1;

	(void)state;
	for (unsigned n = 0; n < LENGTH; n++)
		lives *= ENTRIES * TIMES + ENTRIES + TIMES;
	for (unsigned long life = 0; life < lives; life++)
		live(life);
}

static void test_equals_keep_their_order(void **state)
{
	struct timerq q = {0};
	struct timerq_entry e[20] = {0};

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(timerq_insert(&q, &e[i], 5), i == 0);
	for (unsigned i = 0; i < 20; i++)
		assert_ptr_equal(timerq_expire(&q, 5), &e[i]);
	assert_null(timerq_expire(&q, UINT64_MAX));
}

static void test_not_before_its_time(void **state)
{
	struct timerq q = {0};
	struct timerq_entry e = {0};

	(void)state;
	timerq_insert(&q, &e, UINT64_MAX);
	assert_null(timerq_expire(&q, UINT64_MAX - 1));
	assert_ptr_equal(timerq_expire(&q, UINT64_MAX), &e);
	assert_false(timerq_remove(&q, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_life),
	    cmocka_unit_test(test_equals_keep_their_order),
	    cmocka_unit_test(test_not_before_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "lib/storm_check.h"

static const char *const names[NR_STORM_VIOLATIONS] = {
	[STORM_FINE] = "fine",
	[STORM_LOST] = "lost event",
	[STORM_DOUBLE] = "double delivery",
	[STORM_WRONG_CPU] = "handler on the wrong vCPU",
	[STORM_CLOSED] = "handler after close",
	[STORM_TWICE] = "handler on two vCPUs at once",
	[STORM_DISORDER] = "low priority before high",
	[STORM_FAILED] = "failed call",
};

const char *storm_violation_name(enum storm_violation v)
{
	return v < NR_STORM_VIOLATIONS ? names[v] : "?";
}

static uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void storm_only(struct storm_account *a)
{
	__atomic_store_n(&a->also[0], 0, __ATOMIC_RELEASE);
	__atomic_store_n(&a->also[1], 0, __ATOMIC_RELEASE);
}

/* All that has been counted so far is accounted for. */
static void storm_rest(struct storm_account *a)
{
	a->rest_sent = load(&a->sent);
	a->rest_runs = load(&a->runs);
	a->rest_granted = a->granted;
	storm_only(a);
}

void storm_opened(struct storm_account *a, unsigned cpu, unsigned granted)
{
	__atomic_store_n(&a->seen, a->sent, __ATOMIC_RELEASE);
	storm_rest(a);
	a->granted += granted;
	a->cpu = cpu;
	__atomic_store_n(&a->open, true, __ATOMIC_RELEASE);
}

void storm_closed(struct storm_account *a)
{
	__atomic_store_n(&a->open, false, __ATOMIC_RELEASE);
}

uint32_t storm_sending(struct storm_account *a)
{
	return __atomic_add_fetch(&a->sent, 1, __ATOMIC_SEQ_CST);
}

static void storm_also(struct storm_account *a, unsigned cpu)
{
	__atomic_fetch_or(&a->also[cpu / 64], 1ull << cpu % 64, __ATOMIC_SEQ_CST);
}

void storm_moving(struct storm_account *a, unsigned cpu)
{
	storm_also(a, a->cpu);
	storm_also(a, cpu);
}

void storm_moved(struct storm_account *a, unsigned cpu, bool may_lag)
{
	__atomic_store_n(&a->cpu, cpu, __ATOMIC_RELEASE);
	if (!may_lag)
		storm_only(a);
}

static bool storm_belongs(const struct storm_account *a, unsigned cpu)
{
	return cpu == __atomic_load_n(&a->cpu, __ATOMIC_ACQUIRE) ||
	       __atomic_load_n(&a->also[cpu / 64], __ATOMIC_ACQUIRE) >> cpu % 64 & 1;
}

enum storm_violation storm_enter(struct storm_account *a, unsigned cpu, uint32_t order)
{
	bool twice = __atomic_fetch_add(&a->inside, 1, __ATOMIC_SEQ_CST);
	uint32_t sent = load(&a->sent);

	__atomic_add_fetch(&a->runs, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&a->order, order, __ATOMIC_RELAXED);
	__atomic_store_n(&a->seen, sent, __ATOMIC_RELEASE);
	if (!__atomic_load_n(&a->open, __ATOMIC_ACQUIRE))
		return STORM_CLOSED;
	if (twice)
		return STORM_TWICE;
	return storm_belongs(a, cpu) ? STORM_FINE : STORM_WRONG_CPU;
}

void storm_leave(struct storm_account *a)
{
	__atomic_fetch_sub(&a->inside, 1, __ATOMIC_SEQ_CST);
}

bool storm_has_seen_all(const struct storm_account *a)
{
	return load(&a->seen) == load(&a->sent);
}

enum storm_violation storm_judge(struct storm_account *a)
{
	uint32_t runs = load(&a->runs) - a->rest_runs;
	uint32_t allowed = load(&a->sent) - a->rest_sent + a->granted - a->rest_granted;

	if (!storm_has_seen_all(a))
		return STORM_LOST;
	storm_rest(a);
	return runs > allowed ? STORM_DOUBLE : STORM_FINE;
}

enum storm_violation storm_judge_order(const struct storm_account *a,
				       const struct storm_account *b)
{
	if (a->priority == b->priority)
		return STORM_FINE;
	return (a->priority < b->priority) == (load(&a->order) < load(&b->order))
		       ? STORM_FINE
		       : STORM_DISORDER;
}

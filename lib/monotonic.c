/* SPDX-License-Identifier: MIT */
#include "lib/monotonic.h"

#define NS_PER_SEC 1000000000ull

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void set_rate(struct monotonic *m, uint64_t tsc_hz)
{
	m->tsc_hz = tsc_hz;
	m->ns_per_tick = (NS_PER_SEC << 32) / tsc_hz;
}

/* Of more than 64 bits as many as fit. A TSC that is behind has not moved. */
static uint64_t ticks_to_ns(const struct monotonic *m, uint64_t since, uint64_t tsc)
{
	int64_t ticks = (int64_t)(tsc - since);

	return ticks < 0 ? 0 : (uint64_t)((unsigned __int128)ticks * m->ns_per_tick >> 32);
}

void monotonic_start(struct monotonic *m, uint64_t tsc, uint64_t tsc_hz)
{
	*m = (struct monotonic){.tsc = tsc};
	set_rate(m, tsc_hz);
}

uint64_t monotonic_by_tsc(const struct monotonic *m, uint64_t tsc)
{
	return m->ns + ticks_to_ns(m, m->tsc, tsc);
}

/* Raises m->latest to ns, unless it is beyond it already. The later of the two. Whoever fails
 * was overtaken, and tries again only if the other is still behind. */
static uint64_t raise(struct monotonic *m, uint64_t ns)
{
	uint64_t seen = __atomic_load_n(&m->latest, __ATOMIC_RELAXED);

	while (seen < ns)
		if (__atomic_compare_exchange_n(&m->latest, &seen, ns, false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return ns;
	return seen;
}

static uint64_t coast(struct monotonic *m, uint64_t tsc)
{
	uint64_t since = __atomic_exchange_n(&m->coast_tsc, tsc, __ATOMIC_RELAXED);
	uint64_t ns = ticks_to_ns(m, since, tsc);

	return __atomic_add_fetch(&m->latest, ns < MONOTONIC_STEP_NS ? ns : MONOTONIC_STEP_NS,
				  __ATOMIC_RELAXED);
}

uint64_t monotonic_read(struct monotonic *m, const struct monotonic_reading *now)
{
	uint64_t ns;

	if (__atomic_load_n(&m->suspended, __ATOMIC_ACQUIRE))
		return coast(m, now->tsc);
	ns = m->ns + (now->ns > m->source ? now->ns - m->source : 0);
	if (!now->stable)
		return raise(m, ns);
	return later(ns, __atomic_load_n(&m->latest, __ATOMIC_RELAXED));
}

uint64_t monotonic_read_tsc(struct monotonic *m, uint64_t tsc)
{
	if (__atomic_load_n(&m->suspended, __ATOMIC_ACQUIRE))
		return coast(m, tsc);
	return later(monotonic_by_tsc(m, tsc), __atomic_load_n(&m->latest, __ATOMIC_RELAXED));
}

void monotonic_suspend(struct monotonic *m, uint64_t ns, uint64_t tsc)
{
	raise(m, ns);
	m->coast_tsc = tsc;
	__atomic_store_n(&m->suspended, true, __ATOMIC_RELEASE);
}

void monotonic_follow(struct monotonic *m, const struct monotonic_reading *now)
{
	m->ns = m->suspended ? coast(m, now->tsc) : monotonic_by_tsc(m, now->tsc);
	m->source = now->ns;
	m->tsc = now->tsc;
	set_rate(m, now->tsc_hz);
	__atomic_store_n(&m->suspended, false, __ATOMIC_RELEASE);
}

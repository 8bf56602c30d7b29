/* SPDX-License-Identifier: MIT */
#include "lib/pvclock.h"

#define NS_PER_SEC 1000000000ull

/* Xen makes version odd, writes, and makes it even again. x86 keeps loads in order; the fences
 * keep the compiler from doing else. */
static uint32_t version_begin(const volatile uint32_t *version)
{
	uint32_t v = *version;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return v;
}

static bool version_holds(const volatile uint32_t *version, uint32_t before)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !(before & 1) && *version == before;
}

uint64_t pvclock_scale(uint64_t ticks, uint32_t mul, int shift)
{
	if (shift < 0)
		ticks = shift > -64 ? ticks >> -shift : 0;
	else if (ticks && (shift >= 64 || ticks > UINT64_MAX >> shift))
		return UINT64_MAX;
	else if (ticks)
		ticks <<= shift;
	return (unsigned __int128)ticks * mul >> 32; /* fits: mul is below 2^32 */
}

/* The other way around, one second's ticks; what is no frequency is 0. */
static uint64_t pvclock_hz(uint32_t mul, int shift)
{
	uint64_t hz = (NS_PER_SEC << 32) / mul;

	if (shift >= 64 || shift <= -64)
		return 0;
	if (shift >= 0)
		return hz >> shift;
	return hz > UINT64_MAX >> -shift ? 0 : hz << -shift;
}

/* The stamp may lie before the guest's TSC was 0, and so be "negative"; or ahead, by a little,
 * when TSCs differ: then the stamp's own time is the best there is. */
static uint64_t ticks_since(uint64_t stamp, uint64_t tsc)
{
	return (int64_t)(tsc - stamp) > 0 ? tsc - stamp : 0;
}

static bool pvclock_use(const struct vcpu_time_info *copy, uint64_t tsc, struct pvclock_time *t)
{
	uint64_t ticks = ticks_since(copy->tsc_timestamp, tsc), ns;

	if (!copy->tsc_to_system_mul)
		return false;
	ns = pvclock_scale(ticks, copy->tsc_to_system_mul, copy->tsc_shift);
	if (ns >= UINT64_MAX - copy->system_time)
		return false;
	t->ns = copy->system_time + ns;
	t->tsc = tsc;
	t->tsc_hz = pvclock_hz(copy->tsc_to_system_mul, copy->tsc_shift);
	t->stable = copy->flags & XEN_PVCLOCK_TSC_STABLE_BIT;
	return true;
}

bool pvclock_read(const volatile struct vcpu_time_info *info, uint64_t (*tsc)(void),
		  struct pvclock_time *t)
{
	for (unsigned tries = 0; tries < PVCLOCK_TRIES; tries++) {
		uint32_t version = version_begin(&info->version);
		struct vcpu_time_info copy = *info;
		uint64_t now = tsc();

		if (version_holds(&info->version, version))
			return pvclock_use(&copy, now, t);
	}
	return false;
}

static uint64_t wall_ns(uint64_t sec, uint32_t nsec, uint64_t system_ns)
{
	unsigned __int128 ns = (unsigned __int128)sec * NS_PER_SEC + nsec + system_ns;

	return sec && nsec < NS_PER_SEC && ns <= UINT64_MAX ? (uint64_t)ns : 0;
}

uint64_t pvclock_wall(const volatile struct shared_info *info, uint64_t system_ns)
{
	for (unsigned tries = 0; tries < PVCLOCK_TRIES; tries++) {
		uint32_t version = version_begin(&info->wc_version);
		uint64_t sec = (uint64_t)info->wc_sec_hi << 32 | info->wc_sec;
		uint32_t nsec = info->wc_nsec;

		if (version_holds(&info->wc_version, version))
			return wall_ns(sec, nsec, system_ns);
	}
	return 0;
}

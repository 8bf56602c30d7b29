/* SPDX-License-Identifier: MIT */
/* Xen's clock: struct vcpu_time_info, public/xen.h. */
#include "drivers/xen/xen.h"

#include "arch/x86/cpu.h"
#include "kernel/cpu.h"
#include "kernel/time.h"

_Static_assert(sizeof(struct vcpu_time_info) == 32, "vcpu_time_info is 32 bytes");

/* A consistent copy. Xen makes version odd, writes, and makes it even again, on this CPU's own
 * behalf: so the copy is good when version was even before and the same after. */
static struct vcpu_time_info time_info_read(const volatile struct vcpu_time_info *t)
{
	struct vcpu_time_info copy;
	uint32_t before;

	do {
		before = t->version;
		barrier(); /* x86 keeps loads in order; the compiler must as well */
		copy = *t;
		barrier();
	} while (before & 1 || before != t->version);
	return copy;
}

uint64_t xen_tsc_hz(void)
{
	const struct vcpu_info *vi = xen_vcpu_info(this_cpu()->id);
	struct vcpu_time_info t;
	uint64_t hz;

	if (!vi)
		return 0;
	t = time_info_read(&vi->time);
	if (!t.tsc_to_system_mul)
		return 0;
	hz = (NS_PER_SEC << 32) / t.tsc_to_system_mul;
	return t.tsc_shift < 0 ? hz << -t.tsc_shift : hz >> t.tsc_shift;
}

uint64_t xen_system_time(void)
{
	const struct vcpu_info *vi = xen_vcpu_info(this_cpu()->id);
	struct vcpu_time_info t;
	uint64_t now, ticks;

	if (!vi)
		return 0;
	t = time_info_read(&vi->time);
	if (!t.tsc_to_system_mul)
		return 0;
	now = rdtsc();
	ticks = now > t.tsc_timestamp ? now - t.tsc_timestamp : 0;
	ticks = t.tsc_shift < 0 ? ticks >> -t.tsc_shift : ticks << t.tsc_shift;
	return t.system_time + (uint64_t)((unsigned __int128)ticks * t.tsc_to_system_mul >> 32);
}

/* SPDX-License-Identifier: MIT */
/* Xen's clocks: struct vcpu_time_info, and the wall clock in struct shared_info (public/xen.h).
 */
#include "drivers/xen/xen.h"

#include "arch/x86/cpu.h"
#include "kernel/cpu.h"
#include "kernel/time.h"
#include "lib/pvclock.h"

_Static_assert(sizeof(struct vcpu_time_info) == 32, "vcpu_time_info is 32 bytes");

static bool xen_time_read(struct monotonic_reading *now)
{
	const struct vcpu_info *vi = xen_vcpu_info(this_cpu()->id);
	struct pvclock_time t;

	if (!vi || !pvclock_read(&vi->time, rdtsc_ordered, &t) || !t.tsc_hz)
		return false;
	*now = (struct monotonic_reading){t.ns, t.tsc, t.tsc_hz, t.stable};
	return true;
}

uint64_t xen_system_time(void)
{
	struct monotonic_reading now;

	return !time_suspended() && xen_time_read(&now) ? now.ns : 0;
}

uint64_t xen_system_time_noted(void)
{
	const struct vcpu_info *vi = xen_vcpu_info(this_cpu()->id);

	return vi ? __atomic_load_n(&vi->time.system_time, __ATOMIC_RELAXED) : 0;
}

static uint64_t xen_wall_time(void)
{
	uint64_t now = xen_system_time();

	return now ? pvclock_wall(xen_shared_info, now) : 0;
}

const struct time_source xen_time_source = {
	.name = "xen",
	.read = xen_time_read,
	.wall = xen_wall_time,
};

/* SPDX-License-Identifier: MIT */
/* Xen's watchdog is armed, fed and taken away again; a guest test lets one bite. */
#include "drivers/xen/hypercall.h"
#include "drivers/xen/watchdog.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "selftest/needs.h"

#define SECONDS 3600u /* far from biting */
#define XENS	2u    /* NR_DOMAIN_WATCHDOG_TIMERS in xen/include/xen/sched.h */

SELFTEST(watchdog)
{
	NEEDS(xen);
	CHECK_EQ(watchdog_disarm(), -EINVAL);
	watchdog_pet();
	CHECK_EQ(watchdog_arm(1), -EINVAL);
	CHECK_EQ(watchdog_arm(SECONDS), 0);
	CHECK_EQ(watchdog_arm(SECONDS), -EBUSY);
	watchdog_pet();
	CHECK_EQ(watchdog_disarm(), 0);
	/* Neither arming nor feeding has left one behind: both of Xen's are to be had. */
	for (unsigned i = 1; i <= XENS; i++)
		CHECK_EQ(hypercall_sched_watchdog(0, SECONDS), i);
	CHECK_EQ(hypercall_sched_watchdog(0, SECONDS), -ENOSPC);
	for (unsigned i = 1; i <= XENS; i++)
		CHECK_EQ(hypercall_sched_watchdog(i, 0), 0);
}

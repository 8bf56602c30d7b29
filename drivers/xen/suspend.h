/* SPDX-License-Identifier: MIT */
/* Suspend: the domain stops, is written to a file or to another machine, and goes on as another
 * domain, which has none of Xen's objects: no channels, grants, shared_info, no callback. */
#ifndef DRIVERS_XEN_SUSPEND_H
#define DRIVERS_XEN_SUSPEND_H

#include <stdint.h>

/* Suspends the domain, now, and returns when it runs again: SCHEDOP_shutdown(SHUTDOWN_suspend)
 * of public/sched.h. In the mainline on the boot CPU; other CPUs and handlers stop where they
 * are, and go on. Irqs keep number, handler, counts, affinity, priority and mask; what was
 * pending comes in; what other domains sent in between is taken for sent. 1: cancelled, this is
 * the same domain still; 0: it is another one now; -ENODEV: no Xen; -EINVAL: not on the boot
 * CPU; -ENOMEM, -EBUSY: nothing has happened; -EIO: it is another one, and some channel could
 * not be made again (a warning says which). */
int suspend_run(void);

uint32_t suspend_count(void);     /* how often it has come back as another domain */
uint32_t suspend_cancelled(void); /* and as the same one */

#endif

/* SPDX-License-Identifier: MIT */
/* The domain's ports on their way from one ABI to the other: evtchn_switch.c says when. Boot CPU;
 * but for ports_alloc() every vCPU is quiet. */
#ifndef DRIVERS_XEN_EVTCHN_CARRY_H
#define DRIVERS_XEN_EVTCHN_CARRY_H

#include <stdbool.h>

#include "drivers/xen/evtchn_abi.h"

/* A port on its way over. */
struct carried {
	struct evtchn_status s; /* EVTCHNSTAT_closed: nobody's */
	bool masked, pending;
	bool held; /* nobody's, taken so that the next one gets its number */
};

struct transition {
	const struct evtchn_abi *to;
	struct carried *ports;
	unsigned room;     /* that Xen has made for ports */
	unsigned nr_ports; /* one past the last port that is somebody's */
	unsigned pages;
	int err;
};

/* Memory for all ports that Xen has made room for. 0 or -ENOMEM. The caller frees it. */
int ports_alloc(struct transition *t);
/* What there is. 0; -ENODEV: it cannot be told whose the channels are; -EBUSY: a PIRQ, which does
 * not survive a reset; -ENOSPC: a port too high for the other ABI. */
int ports_read(struct transition *t);
/* After a reset: each port again, under the number it had. One that cannot be is nobody's from now
 * on, is said, and t->err = -EIO. */
void ports_make(struct transition *t);
/* In the ABI that is in use now: CPUs, priorities, what was pending; unmasked as before. */
void ports_restore(const struct transition *t);

#endif

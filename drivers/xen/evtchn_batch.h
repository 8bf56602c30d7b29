/* SPDX-License-Identifier: MIT */
/* Operations on event channels, many by one hypercall: Xen from 4.15.1 on offers multicalls to HVM
 * guests. Where there are none, each is a hypercall of its own. */
#ifndef DRIVERS_XEN_EVTCHN_BATCH_H
#define DRIVERS_XEN_EVTCHN_BATCH_H

#include "drivers/xen/hypercall.h"

#define EVTCHN_BATCH 64

struct evtchn_batch {
	unsigned count;
	struct evtchn_op ops[EVTCHN_BATCH];
	struct multicall_entry calls[EVTCHN_BATCH];
};

/* All of them, in their order, whatever the results. */
void evtchn_batch_run(struct evtchn_batch *b);
/* The place for one more. A full batch is run first, and begins anew, its results are gone. */
struct evtchn_op *evtchn_batch_add(struct evtchn_batch *b);

/* Of the i-th, after the run: 0 or -errno. */
static inline int evtchn_batch_error(const struct evtchn_batch *b, unsigned i)
{
	return (int)b->calls[i].result;
}

#endif

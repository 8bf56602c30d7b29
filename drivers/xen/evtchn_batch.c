/* SPDX-License-Identifier: MIT */
#include "drivers/xen/evtchn_batch.h"

#include "lib/errno.h"

#define NOT_DONE ((xen_ulong_t)-ENOSYS)

static void entry_prepare(struct multicall_entry *call, struct evtchn_op *op)
{
	*call = (struct multicall_entry){
	    .op = __HYPERVISOR_event_channel_op,
	    .result = NOT_DONE,
	    .args = {op->cmd, (uintptr_t)&op->u},
	};
}

void evtchn_batch_run(struct evtchn_batch *b)
{
	for (unsigned i = 0; i < b->count; i++)
		entry_prepare(&b->calls[i], &b->ops[i]);
	if (!b->count || !hypercall_multicall(b->calls, b->count))
		return;
	for (unsigned i = 0; i < b->count; i++)
		if (b->calls[i].result == NOT_DONE)
			b->calls[i].result =
			    hypercall_event_channel_op(b->ops[i].cmd, &b->ops[i].u);
}

struct evtchn_op *evtchn_batch_add(struct evtchn_batch *b)
{
	if (b->count == EVTCHN_BATCH) {
		evtchn_batch_run(b);
		b->count = 0;
	}
	return &b->ops[b->count++];
}

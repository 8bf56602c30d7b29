/* SPDX-License-Identifier: MIT */
#include "drivers/xen/console.h"

#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "drivers/xen/xencons.h"
#include "kernel/memory.h"
#include "lib/errno.h"

/* Ten seconds: this one is to have the panic screen, and its reader may be busy. */
static struct xencons primary = {.con.name = "xencons", .naps = 500, .shut = true};

uint32_t xen_console_dropped(void)
{
	return primary.dropped;
}

/* Where the toolstack says that the page is. */
static int console_map(volatile void **page)
{
	uint64_t frame = 0;
	int err = hypercall_hvm_get_param(HVM_PARAM_CONSOLE_PFN, &frame);

	if (err || !frame)
		return err ? err : -ENODEV;
	*page = (volatile void *)(frame << PAGE_SHIFT);
	return paging_map(frame << PAGE_SHIFT, PAGE_SIZE, MAP_WRITE);
}

int xen_console_init(void)
{
	volatile void *page;
	uint64_t channel = 0;
	int err = xen_shared_info ? console_map(&page) : -ENODEV;

	if (!err)
		err = hypercall_hvm_get_param(HVM_PARAM_CONSOLE_EVTCHN, &channel);
	if (!err)
		err = channel ? xencons_open(&primary, page, channel) : -ENODEV;
	if (!err)
		console_register(&primary.con);
	return err;
}

/* --- suspend --- */

evtchn_port_t xen_console_port(void)
{
	return primary.port;
}

void xen_console_resume(void)
{
	volatile void *page;
	uint64_t channel = 0;

	if (primary.shut)
		return;
	hypercall_hvm_get_param(HVM_PARAM_CONSOLE_EVTCHN, &channel);
	primary.port = channel;
	primary.shut = !channel || console_map(&page) || xencons_ring_open(&primary.ring, page);
}

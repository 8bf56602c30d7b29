/* SPDX-License-Identifier: MIT */
/* All devices at once: the machine is about to end, and their backends are to know it. */
#include "drivers/xen/xenbus_device.h"

#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/work.h"
#include "lib/errno.h"

#define LEAVE_NS (5 * NS_PER_SEC)

static bool bus_is_closed(void *ctx)
{
	bool closed = true;

	for (struct xenbus_device *dev = ((struct xenbus *)ctx)->devices; dev;
	     dev = dev->next) {
		if (dev->published) /* its watch is not served while work is held */
			xenbus_step(dev);
		closed &= !dev->published;
	}
	return closed;
}

int xenbus_close_all(struct xenbus *bus, uint64_t patience_ns)
{
	bool closed;

	work_hold();
	for (struct xenbus_device *dev = bus->devices; dev; dev = dev->next)
		if (dev->driver)
			xenbus_close(dev);
	closed = time_wait(bus_is_closed, bus, patience_ns);
	work_release();
	return closed ? 0 : -ETIMEDOUT;
}

void xenbus_leave(void)
{
	if (xenstore_usable() && xenbus_close_all(&xenbus_devices, LEAVE_NS))
		printk_warn("xenbus: a backend has not let go\n");
}

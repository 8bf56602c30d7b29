/* SPDX-License-Identifier: MIT */
/* Devices across a suspend: each directory is a new one, with a new backend. */
#include "drivers/xen/xenbus_device.h"

#include "kernel/work.h"

/* Its directory is there again, in the state that the toolstack has given it, with the same
 * domain at the other end; and its driver can go on with what it has. */
static bool device_goes_on(struct xenbus_device *dev)
{
	uint16_t backend_id = dev->backend_id;

	return dev->published && dev->driver->republish && !xenbus_device_read(dev) &&
	       dev->backend_id == backend_id && dev->view.mine == XenbusStateInitialising;
}

static void device_resume(struct xenbus_device *dev)
{
	if (!device_goes_on(dev)) {
		xenbus_device_remove(dev);
		return;
	}
	xenstore_unwatch(&dev->watch);
	dev->view.met = false;
	xenbus_device_watch(dev);
}

void xenbus_resume(void)
{
	struct xenbus_device *dev, *next;

	if (!xenstore_usable())
		return;
	work_hold(); /* watches fire, and would have the old devices write to the new ones */
	for (dev = xenbus_devices.devices; dev; dev = next) {
		next = dev->next;
		device_resume(dev);
	}
	xenbus_scan(&xenbus_devices);
	work_release();
}

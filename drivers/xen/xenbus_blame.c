/* SPDX-License-Identifier: MIT */
/* Backends that do what none may. Whoever notices is often a handler, and closing a device
 * takes a mainline: so the fault is kept with the device, and one piece of work looks at all of
 * them. */
#include "drivers/xen/xenbus_device.h"

#include "kernel/work.h"

static struct xenbus *buses;

static void device_look(struct xenbus_device *dev)
{
	int err = __atomic_load_n(&dev->fault.err, __ATOMIC_ACQUIRE);

	if (!err || !dev->fault.what || dev->fault.said || !dev->published)
		return;
	dev->fault.said = true;
	xenbus_report(dev, err, dev->fault.what);
	xenbus_down(dev, xenbus_has_chance(dev));
}

static void look(struct work *work)
{
	for (struct xenbus *bus = buses; bus; bus = bus->next)
		for (struct xenbus_device *dev = bus->devices; dev; dev = dev->next)
			device_look(dev);
}

static struct work look_work = {.fn = look};

void xenbus_blame(struct xenbus_device *dev, int err, const char *what)
{
	const char *none = NULL;

	if (!__atomic_compare_exchange_n(&dev->fault.what, &none, what, false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&dev->fault.err, err, __ATOMIC_RELEASE);
	work_queue(&look_work);
}

void xenbus_forgive(struct xenbus_device *dev)
{
	dev->fault.said = false;
	dev->fault.err = 0;
	__atomic_store_n(&dev->fault.what, NULL, __ATOMIC_RELEASE);
}

void xenbus_blame_open(struct xenbus *bus)
{
	bus->next = buses;
	buses = bus;
}

void xenbus_blame_shut(struct xenbus *bus)
{
	struct xenbus **at = &buses;

	while (*at && *at != bus)
		at = &(*at)->next;
	if (*at)
		*at = bus->next;
}

/* SPDX-License-Identifier: MIT */
/* Which devices there are: they are looked for again whenever something comes or goes. */
#include "drivers/xen/xenbus_device.h"

#include <xen/xen.h>

#include "kernel/machine.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/* Names below one directory, all together. */
#define NAMES_MAX 2048u

extern const struct xenbus_driver __start_set_xenbus_drivers[], __stop_set_xenbus_drivers[];

struct xenbus xenbus_devices = {.root = "device"};

static void device_changed(struct xenstore_watch *w, const char *path)
{
	xenbus_step(w->ctx);
}

/* --- one device comes or goes --- */

static void device_probe(struct xenbus_device *dev)
{
	const struct xenbus_driver *drv = __start_set_xenbus_drivers;
	int err = -ENODEV;

	for (; drv < __stop_set_xenbus_drivers && err == -ENODEV; drv++) {
		if (strcmp(drv->type, dev->type))
			continue;
		dev->driver = drv;
		dev->view.early = drv->early;
		err = drv->probe ? drv->probe(dev) : 0;
	}
	if (err)
		dev->driver = NULL;
	printk("xenbus: %s: backend %u, %s\n", dev->node, dev->backend_id,
	       dev->driver ? "has a driver" : "no driver");
	if (err && err != -ENODEV)
		xenbus_fail(dev, err, "probe");
}

int xenbus_device_read(struct xenbus_device *dev)
{
	static const char *const names[] = {"backend", "backend-id", "state"};
	char text[3][sizeof(dev->backend)];
	int n[3];
	uint64_t domid;

	xenstore_read_together(dev->node, names, 3, text[0], sizeof(text[0]), n);
	if (n[0] <= 0 || n[0] >= (int)sizeof(dev->backend) || n[1] <= 0 ||
	    str_to_u64(text[1], &domid) || domid >= DOMID_FIRST_RESERVED)
		return -ENOENT;
	str_copy(dev->backend, text[0], sizeof(dev->backend));
	dev->backend_id = domid;
	dev->view.mine = n[2] < 0 || n[2] >= (int)sizeof(text[2])
				 ? XenbusStateUnknown
				 : xenbus_parse_state(text[2], n[2]);
	return dev->view.mine == XenbusStateUnknown ? -ENOENT : 0;
}

void xenbus_device_watch(struct xenbus_device *dev)
{
	int err;

	fmt_snprintf(dev->state_path, sizeof(dev->state_path), "%s/state", dev->backend);
	dev->watch = (struct xenstore_watch){
		.path = dev->state_path, .changed = device_changed, .ctx = dev};
	err = xenstore_watch(&dev->watch);
	if (err)
		xenbus_fail(dev, err, "watch");
}

static void device_add(struct xenbus *bus, struct xenbus_device *dev)
{
	dev->bus = bus;
	dev->seen = true;
	dev->next = bus->devices;
	bus->devices = dev;
	/* What somebody before us has published, nobody knows any more. */
	if (dev->view.mine != XenbusStateInitialising)
		xenbus_set_state(dev, XenbusStateClosed);
	device_probe(dev);
	xenbus_device_watch(dev);
}

void xenbus_device_remove(struct xenbus_device *dev)
{
	struct xenbus_device **at = &dev->bus->devices;

	while (*at != dev)
		at = &(*at)->next;
	*at = dev->next;
	xenstore_unwatch(&dev->watch);
	xenbus_disconnect(dev);
	if (dev->driver && dev->driver->remove)
		dev->driver->remove(dev);
	printk("xenbus: %s is gone\n", dev->node);
	heap_free(dev);
}

static struct xenbus_device *device_find(const struct xenbus *bus, const char *node)
{
	struct xenbus_device *dev = bus->devices;

	while (dev && strcmp(dev->node, node))
		dev = dev->next;
	return dev;
}

/* A directory that may be a device. One that is known and has another backend now, or a state
 * that this side has not written, has been taken away and made anew between two looks. */
static void scan_node(struct xenbus *bus, const char *type, const char *id)
{
	struct xenbus_device *dev = heap_alloc(sizeof(*dev)), *known;

	if (!dev)
		return;
	if (str_copy(dev->type, type, sizeof(dev->type)) >= sizeof(dev->type) ||
	    fmt_snprintf(dev->node, sizeof(dev->node), "%s/%s/%s", bus->root, type, id) >=
		    (int)sizeof(dev->node) ||
	    xenbus_device_read(dev)) {
		heap_free(dev);
		return;
	}
	known = device_find(bus, dev->node);
	if (known && known->view.mine == dev->view.mine &&
	    !strcmp(known->backend, dev->backend)) {
		known->seen = true;
		heap_free(dev);
		return;
	}
	if (known)
		xenbus_device_remove(known);
	device_add(bus, dev);
}

/* --- all of them --- */

static int scan_type(struct xenbus *bus, const char *type, char *names)
{
	char path[64];
	int n = -EMSGSIZE;

	if (fmt_snprintf(path, sizeof(path), "%s/%s", bus->root, type) < (int)sizeof(path))
		n = xenstore_list(path, names, NAMES_MAX);
	for (; n > 0; n--, names += strlen(names) + 1)
		scan_node(bus, type, names);
	return n == -ENOENT ? 0 : n; /* gone since its name was read */
}

static int scan_types(struct xenbus *bus, char *types, char *names)
{
	int n = xenstore_list(bus->root, types, NAMES_MAX), err = 0;

	if (n == -ENOENT)
		return 0;
	if (n < 0)
		return n;
	for (; n && !err; n--, types += strlen(types) + 1)
		err = scan_type(bus, types, names);
	return err;
}

static void bus_remove_unseen(struct xenbus *bus)
{
	struct xenbus_device *dev = bus->devices, *next;

	for (; dev; dev = next) {
		next = dev->next;
		if (!dev->seen)
			xenbus_device_remove(dev);
	}
}

void xenbus_scan(struct xenbus *bus)
{
	char *names = heap_alloc(2 * NAMES_MAX);
	int err = names ? 0 : -ENOMEM;

	for (struct xenbus_device *dev = bus->devices; dev; dev = dev->next)
		dev->seen = false;
	if (!err)
		err = scan_types(bus, names, names + NAMES_MAX);
	if (err) /* what was not seen may be there all the same */
		printk_warn("xenbus: %s cannot be read (%d)\n", bus->root, err);
	else
		bus_remove_unseen(bus);
	heap_free(names);
	bus->scans++;
}

/* Keys of devices change all the time; what comes and goes is no deeper than root/type/id, and
 * a device that is being made is one when its backend is written. */
static void bus_changed(struct xenstore_watch *w, const char *path)
{
	struct xenbus *bus = w->ctx;
	const char *p = path + strnlen(bus->root, strlen(path)), *last = p;
	unsigned depth = 0;

	for (; *p; p++) {
		if (*p != '/')
			continue;
		depth++;
		last = p + 1;
	}
	if (depth <= 2 || !strcmp(last, "backend") || !strcmp(last, "backend-id"))
		xenbus_scan(bus);
}

static bool bus_is_scanned(void *ctx)
{
	return ((struct xenbus *)ctx)->scans;
}

int xenbus_open(struct xenbus *bus)
{
	int err;

	bus->watch =
		(struct xenstore_watch){.path = bus->root, .changed = bus_changed, .ctx = bus};
	xenbus_blame_open(bus);
	err = xenstore_watch(&bus->watch);
	/* Its first event looks around. Waited for, so that devices are there from the start.
	 */
	if (!err && !xenstore_wait(bus_is_scanned, bus, PATIENCE_NS))
		err = -ETIMEDOUT;
	return err;
}

void xenbus_shut(struct xenbus *bus)
{
	xenstore_unwatch(&bus->watch);
	xenbus_blame_shut(bus);
	while (bus->devices)
		xenbus_device_remove(bus->devices);
}

int xenbus_init(void)
{
	int err = xenstore_usable() ? xenbus_open(&xenbus_devices) : 0;

	machine_leave_register(xenbus_leave);
	if (err)
		printk_warn("xenbus: devices are not looked for (error %d)\n", err);
	return err;
}

void xenbus_dump(void)
{
	for (struct xenbus_device *dev = xenbus_devices.devices; dev; dev = dev->next)
		printk("xenbus: %s %s, backend %u %s %s, %u faults\n", dev->node,
		       xenbus_state_name(dev->view.mine), dev->backend_id, dev->backend,
		       xenbus_state_name(dev->view.theirs), dev->faults);
}

SHELL_COMMAND(devices, "", "paravirtual devices and their states")
{
	xenbus_dump();
	return 0;
}

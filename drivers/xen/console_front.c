/* SPDX-License-Identifier: MIT */
/* The further PV consoles, device/console/<id>: xl.cfg's channel= makes them. Only a device
 * model serves them (QEMU's hw/char/xen_console.c), not xenconsoled; in a pvh domain, too,
 * where it is there for this alone. It wants `port` and `ring-ref`, which is a grant here and
 * no frame, and looks for them whatever our state is, so both are written at once. */
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_resume.h"
#include "drivers/xen/grant.h"
#include "drivers/xen/xenbus.h"
#include "drivers/xen/xencons.h"
#include "kernel/memory.h"
#include "lib/errno.h"
#include "lib/printf.h"

/* A fifth of a second, once: nobody may be at the other end, and the whole machine waits. */
#define NAPS 10u

static struct front {
	struct front *next;
	struct xencons x;
	char name[16];
	void *page;
	int ref, port; /* 0: none */
	bool registered;
} * fronts;

static int front_probe(struct xenbus_device *dev)
{
	struct front *f = heap_alloc(sizeof(*f));

	if (!f)
		return -ENOMEM;
	/* xl.cfg's order gives the number; the toolstack begins with 1. */
	fmt_snprintf(f->name, sizeof(f->name), "xencons%s", xenbus_id(dev));
	f->x.con.name = f->name;
	f->x.con.from_now_on = true;
	f->x.naps = NAPS;
	dev->driver_data = f;
	f->next = fronts;
	fronts = f;
	return 0;
}

static int front_write_keys(struct xenstore_tx *tx, void *ctx)
{
	const struct xenbus_device *dev = ctx;
	const struct front *f = dev->driver_data;
	int err = xenbus_write_number(tx, dev, "ring-ref", f->ref);

	return err ? err : xenbus_write_number(tx, dev, "port", f->port);
}

static int front_republish(struct xenbus_device *dev)
{
	return xenstore_tx_run(front_write_keys, dev);
}

static int front_publish(struct xenbus_device *dev)
{
	struct front *f = dev->driver_data;
	int err;

	f->page = page_alloc();
	if (!f->page)
		return -ENOMEM;
	err = grant_access(dev->backend_id, f->page, false);
	if (err < 0)
		return err;
	f->ref = err;
	err = evtchn_alloc_unbound(dev->backend_id);
	if (err < 0)
		return err;
	f->port = err;
	return front_republish(dev);
}

static int front_connect(struct xenbus_device *dev)
{
	struct front *f = dev->driver_data;
	int err;

	if (f->registered)
		return 0;
	err = xencons_open(&f->x, f->page, f->port);
	if (err)
		return err;
	f->registered = true;
	console_register(&f->x.con);
	return 0;
}

static void front_disconnect(struct xenbus_device *dev)
{
	struct front *f = dev->driver_data;

	if (f->registered)
		console_unregister(&f->x.con);
	if (f->x.dropped)
		printk("%s: nobody took %u bytes\n", f->name, f->x.dropped);
	if (f->port)
		evtchn_close(f->port);
	if (f->ref)
		grant_end(f->ref, f->page);
	else if (f->page)
		pages_free(f->page, 1);
	f->page = NULL;
	f->port = f->ref = 0;
	f->x.dropped = 0;
	f->registered = false;
}

static void front_remove(struct xenbus_device *dev)
{
	struct front **at = &fronts;

	while (*at != dev->driver_data)
		at = &(*at)->next;
	*at = (*at)->next;
	heap_free(dev->driver_data);
}

EVTCHN_RENUMBERED(console_front)
{
	for (struct front *f = fronts; f; f = f->next)
		f->port = f->x.port = evtchn_renumbered(f->port);
}

XENBUS_DRIVER(console, .type = "console", .probe = front_probe, .publish = front_publish,
	      .republish = front_republish, .connect = front_connect,
	      .disconnect = front_disconnect, .remove = front_remove);

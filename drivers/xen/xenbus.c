/* SPDX-License-Identifier: MIT */
/* One device: its state machine, and its driver. Which devices there are: xenbus_scan.c. */
#include "drivers/xen/xenbus_device.h"

#include "kernel/printk.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define STEPS_MAX 16u /* at a time: a backend that changes all the time does not keep us */

/* --- keys --- */

static int key_path(char *path, size_t size, const char *directory, const char *key)
{
	int n = fmt_snprintf(path, size, "%s/%s", directory, key);

	return n < (int)size ? 0 : -EMSGSIZE;
}

static int key_read(const char *directory, const char *key, char *buf, size_t size)
{
	char path[192];
	int err = key_path(path, sizeof(path), directory, key);

	return err ? err : xenstore_read(path, buf, size);
}

int xenbus_read(const struct xenbus_device *dev, const char *key, char *buf, size_t size)
{
	return key_read(dev->node, key, buf, size);
}

int xenbus_read_backend(const struct xenbus_device *dev, const char *key, char *buf,
			size_t size)
{
	return key_read(dev->backend, key, buf, size);
}

int xenbus_write(const struct xenstore_tx *tx, const struct xenbus_device *dev, const char *key,
		 const char *value)
{
	char path[192];
	int err = key_path(path, sizeof(path), dev->node, key);

	return err ? err : xenstore_tx_write(tx, path, value);
}

enum xenbus_state xenbus_read_state(const char *directory)
{
	char text[8];
	int n = key_read(directory, "state", text, sizeof(text));

	if (n < 0 || n >= (int)sizeof(text))
		return XenbusStateUnknown;
	return xenbus_parse_state(text, n);
}

/* Where the toolstack has taken the directory away already, it does not let us make it again.
 */
void xenbus_set_state(struct xenbus_device *dev, enum xenbus_state state)
{
	char text[4];
	int err;

	fmt_snprintf(text, sizeof(text), "%u", state);
	dev->view.mine = state;
	err = xenbus_write(NULL, dev, "state", text);
	if (err && err != -ENOENT && err != -EACCES)
		printk_warn("xenbus: %s: its state cannot be written (%d)\n", dev->node, err);
}

/* --- the state machine --- */

void xenbus_disconnect(struct xenbus_device *dev)
{
	if (dev->published && dev->driver->disconnect)
		dev->driver->disconnect(dev);
	dev->published = dev->view.met = false;
}

/* The driver's part of a step. */
static int driver_do(struct xenbus_device *dev, int (*fn)(struct xenbus_device *dev),
		     const char *what)
{
	int err = fn ? fn(dev) : 0;

	if (err)
		xenbus_fail(dev, err, what);
	return err;
}

static void device_publish(struct xenbus_device *dev)
{
	bool again = dev->published;

	dev->published = true; /* whatever comes of it: disconnect undoes what there is */
	dev->view.met = false;
	if (!driver_do(dev, again ? dev->driver->republish : dev->driver->publish, "publish"))
		xenbus_set_state(dev, dev->driver->early ? XenbusStateConnected
							 : XenbusStateInitialised);
}

static void device_connect(struct xenbus_device *dev)
{
	if (dev->view.mine == XenbusStateReconfiguring)
		dev->view.want = XENBUS_WANT_UP; /* it has what it wanted */
	if (driver_do(dev, dev->driver->connect, "connect"))
		return;
	dev->view.met = true;
	if (dev->view.mine != XenbusStateConnected)
		xenbus_set_state(dev, XenbusStateConnected);
	printk("xenbus: %s is connected\n", dev->node);
}

/* False: there is nothing more to do for now. */
static bool device_act(struct xenbus_device *dev, enum xenbus_action action)
{
	switch (action) {
	case XENBUS_NOTHING:
		return false;
	case XENBUS_START:
		xenbus_set_state(dev, XenbusStateInitialising);
		break;
	case XENBUS_PUBLISH:
		if (!dev->driver)
			return false;
		device_publish(dev);
		break;
	case XENBUS_CONNECT:
		device_connect(dev);
		break;
	case XENBUS_ASK:
		xenbus_set_state(dev, XenbusStateReconfiguring);
		break;
	case XENBUS_RECONFIGURE:
		if (!driver_do(dev, dev->driver->reconfigure, "reconfigure"))
			xenbus_set_state(dev, XenbusStateReconfigured);
		break;
	case XENBUS_ANNOUNCE:
		xenbus_set_state(dev, XenbusStateClosing);
		break;
	case XENBUS_CLOSE:
		xenbus_disconnect(dev);
		xenbus_set_state(dev, XenbusStateClosed);
		break;
	}
	return true;
}

void xenbus_step(struct xenbus_device *dev)
{
	if (dev->stepping) /* a driver has called, in a step; which goes on */
		return;
	dev->stepping = true;
	work_hold(); /* in the middle of it the device does not go away */
	for (unsigned i = 0; i < STEPS_MAX; i++) {
		dev->view.theirs = xenbus_read_state(dev->backend);
		if (!device_act(dev, xenbus_decide(&dev->view)))
			break;
	}
	work_release();
	dev->stepping = false;
}

/* --- what a driver asks for --- */

static void device_want(struct xenbus_device *dev, enum xenbus_want want)
{
	dev->view.want = want;
	xenbus_step(dev);
}

void xenbus_fail(struct xenbus_device *dev, int err, const char *what)
{
	char path[192], text[64];

	printk("xenbus: %s: %s: error %d\n", dev->node, what, err);
	fmt_snprintf(text, sizeof(text), "%d %s", err, what);
	if (fmt_snprintf(path, sizeof(path), "error/%s/error", dev->node) < (int)sizeof(path))
		xenstore_write(path, text);
	device_want(dev, XENBUS_WANT_DOWN);
}

void xenbus_close(struct xenbus_device *dev)
{
	device_want(dev, XENBUS_WANT_DOWN);
}

void xenbus_reopen(struct xenbus_device *dev)
{
	device_want(dev, XENBUS_WANT_UP);
}

void xenbus_change(struct xenbus_device *dev)
{
	device_want(dev, XENBUS_WANT_CHANGE);
}

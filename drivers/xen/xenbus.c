/* SPDX-License-Identifier: MIT */
/* One device: its state machine, and its driver. Which devices there are: xenbus_scan.c. */
#include "drivers/xen/xenbus_device.h"

#include "drivers/xen/grant.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define STEPS_MAX 16u /* at a time: a backend that changes all the time does not keep us */

/* --- keys --- */

static int key_read(const char *directory, const char *key, char *buf, size_t size)
{
	char path[192];
	int err = xenstore_path(path, sizeof(path), directory, key);

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
	int err = xenstore_path(path, sizeof(path), dev->node, key);

	return err ? err : xenstore_tx_write(tx, path, value);
}

int xenbus_write_number(const struct xenstore_tx *tx, const struct xenbus_device *dev,
			const char *key, uint64_t value)
{
	char text[24];

	fmt_snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return xenbus_write(tx, dev, key, text);
}

int xenbus_rm(const struct xenstore_tx *tx, const struct xenbus_device *dev, const char *key)
{
	char path[192];
	int err = xenstore_path(path, sizeof(path), dev->node, key);

	return err ? err : xenstore_tx_rm(tx, path);
}

const char *xenbus_id(const struct xenbus_device *dev)
{
	const char *id = dev->node + strlen(dev->node);

	while (id > dev->node && id[-1] != '/')
		id--;
	return id;
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
	int err;

	dev->view.mine = state;
	err = xenbus_write_number(NULL, dev, "state", state);
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

/* Pages that backends do not let go of, set aside: one that begins anew again and again, and keeps
 * some each time, is not given all there are. */
#define KEPT_MAX      4096u /* of all disks: Linux's lets go of some 1056 of a ring's in its own time */
#define KEPT_FRACTION 8u

static bool too_much_is_kept(void)
{
	unsigned kept = grant_kept() ? grant_retry() : 0;

	return kept > KEPT_MAX || kept > pages_total_count() / KEPT_FRACTION;
}

static void device_publish(struct xenbus_device *dev)
{
	bool again = dev->published;

	xenbus_forgive(dev);
	if (too_much_is_kept()) {
		xenbus_fail(dev, -ENOMEM, "backends keep too many pages of before");
		return;
	}
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
	dev->view.again = false;
	if (dev->view.mine != XenbusStateConnected)
		xenbus_set_state(dev, XenbusStateConnected);
	printk("xenbus: %s is connected\n", dev->node);
}

/* Said and written; the device is closed by the step that follows, and opened again as after any
 * fault. */
static void device_note_fall(struct xenbus_device *dev)
{
	static const char *const said[] = {
		[XenbusStateUnknown] = "the backend's state is gone, or none",
		[XenbusStateInitialising] = "the backend went from Connected to Initialising",
		[XenbusStateInitWait] = "the backend went from Connected to InitWait",
		[XenbusStateInitialised] = "the backend went from Connected to Initialised",
	};

	if (!xenbus_fell_back(&dev->view))
		return;
	xenbus_report(dev, -EBADMSG, said[dev->view.theirs]);
	if (!xenbus_has_chance(dev))
		xenbus_down(dev, false);
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
		if (dev->view.again)
			dev->view.want = XENBUS_WANT_UP;
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
		device_note_fall(dev);
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

void xenbus_down(struct xenbus_device *dev, bool again)
{
	dev->view.again = again;
	device_want(dev, XENBUS_WANT_DOWN);
}

void xenbus_report(const struct xenbus_device *dev, int err, const char *what)
{
	char path[192], text[128];

	printk("xenbus: %s: %s: error %d\n", dev->node, what, err);
	fmt_snprintf(text, sizeof(text), "%d %s", err, what);
	if (fmt_snprintf(path, sizeof(path), "error/%s/error", dev->node) < (int)sizeof(path))
		xenstore_write(path, text);
}

void xenbus_fail(struct xenbus_device *dev, int err, const char *what)
{
	xenbus_report(dev, err, what);
	xenbus_down(dev, false);
}

void xenbus_close(struct xenbus_device *dev)
{
	xenbus_down(dev, false);
}

void xenbus_reopen(struct xenbus_device *dev)
{
	dev->faults = 0;
	dev->view.again =
		dev->view.mine == XenbusStateClosing || dev->view.mine == XenbusStateClosed;
	device_want(dev, XENBUS_WANT_UP);
}

void xenbus_change(struct xenbus_device *dev)
{
	device_want(dev, XENBUS_WANT_CHANGE);
}

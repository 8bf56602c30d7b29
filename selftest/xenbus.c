/* SPDX-License-Identifier: MIT */
/* xenbus with a bus of its own below data/, where this test plays the toolstack and the
 * backend. */
#include "arch/x86/cpu.h"
#include "drivers/xen/xenbus.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "selftest/needs.h"
#include "selftest/store_device.h"
#include "selftest/xenstore.h"

#define ROOT    "data/bus/device"
#define NODE    ROOT "/daisy/0"
#define BACKEND "data/bus/backend"

static struct {
	volatile uint32_t probes, publishes, connects, reconfigures, disconnects, removes;
	int publish_says;
	struct xenbus_device *dev;
} drv;

static int drv_probe(struct xenbus_device *dev)
{
	drv.probes++;
	drv.dev = dev;
	return 0;
}

static int drv_publish(struct xenbus_device *dev)
{
	drv.publishes++;
	return drv.publish_says ? drv.publish_says : xenbus_write(NULL, dev, "ring-ref", "8");
}

static int drv_connect(struct xenbus_device *dev)
{
	char text[8];

	drv.connects++;
	return xenbus_read_backend(dev, "feature", text, sizeof(text)) > 0 ? 0 : -EINVAL;
}

static int drv_reconfigure(struct xenbus_device *dev)
{
	drv.reconfigures++;
	return 0;
}

static void drv_disconnect(struct xenbus_device *dev)
{
	drv.disconnects++;
}

static void drv_remove(struct xenbus_device *dev)
{
	drv.removes++;
	drv.dev = NULL;
}

XENBUS_DRIVER(selftest, .type = "daisy", .probe = drv_probe, .publish = drv_publish,
	      .connect = drv_connect, .reconfigure = drv_reconfigure,
	      .disconnect = drv_disconnect, .remove = drv_remove);

/* --- the toolstack's part --- */

static int make_device(void)
{
	static const char *const keys[][2] = {{BACKEND "/feature", "1"}};
	struct store_device d = {.node = NODE,
				 .backend = BACKEND,
				 .backend_state = "1",
				 .keys = keys,
				 .nr_keys = 1};

	return store_device_make(&d);
}

static bool await(enum xenbus_state mine)
{
	return store_device_await(NODE, mine);
}

/* The backend's state, and the frontend's that is to follow. */
static void backend_says(enum xenbus_state theirs, enum xenbus_state mine)
{
	char digit[2] = {'0' + theirs};

	CHECK_EQ(xenstore_write(BACKEND "/state", digit), 0);
	if (!await(mine))
		selftest_fail("backend %s: not %s", xenbus_state_name(theirs),
			      xenbus_state_name(mine));
}

/* Straight from its beginning to Connected. */
static void backend_connects(void)
{
	backend_says(XenbusStateInitWait, XenbusStateInitialised);
	backend_says(XenbusStateConnected, XenbusStateConnected);
}

static bool bus_start(struct xenbus *bus)
{
	*bus = (struct xenbus){.root = ROOT};
	memset(&drv, 0, sizeof(drv));
	xenstore_rm("data/bus");
	CHECK_EQ(xenbus_open(bus), 0);
	CHECK(!bus->devices); /* nothing is there yet */
	CHECK_EQ(make_device(), 0);
	return CHECK(selftest_wait_count(&drv.probes, 1));
}

static void bus_stop(struct xenbus *bus)
{
	CHECK_EQ(xenstore_rm("data/bus/device/daisy"), 0); /* as the toolstack does it */
	CHECK(selftest_wait_count(&drv.removes, drv.probes));
	CHECK(!bus->devices);
	xenbus_shut(bus);
	xenstore_rm("data/bus");
}

/* Twice through the whole life. */
SELFTEST(xenbus_life)
{
	struct xenbus bus;

	NEEDS(store);
	if (!bus_start(&bus))
		return;
	for (unsigned life = 1; life <= 2; life++) {
		backend_says(XenbusStateInitWait, XenbusStateInitialised);
		CHECK_EQ(drv.publishes, life);
		CHECK_EQ(drv.connects, 2 * life - 2);
		backend_says(XenbusStateConnected, XenbusStateConnected);
		backend_says(XenbusStateReconfiguring, XenbusStateReconfigured);
		CHECK_EQ(drv.reconfigures, life);
		backend_says(XenbusStateConnected, XenbusStateConnected);
		CHECK_EQ(drv.connects, 2 * life);
		CHECK_EQ(drv.disconnects, life - 1);
		backend_says(XenbusStateClosing, XenbusStateClosed);
		CHECK_EQ(drv.disconnects, life);
		backend_says(XenbusStateClosed, XenbusStateClosed);
	}
	bus_stop(&bus);
	CHECK(drv.probes == 1 && drv.disconnects == 2);
}

/* States skipped, taken back, repeated, no states at all; then gone while connected. */
SELFTEST(xenbus_disorder)
{
	struct xenbus bus;

	NEEDS(store);
	if (!bus_start(&bus))
		return;
	backend_says(XenbusStateConnected, XenbusStateConnected);
	backend_says(XenbusStateConnected, XenbusStateConnected);
	CHECK(drv.publishes == 1 && drv.connects == 1);
	CHECK_EQ(xenstore_write(BACKEND "/state", "1"), 0); /* taken back: closed, begun anew */
	CHECK(selftest_wait_count(&drv.disconnects, 1) && await(XenbusStateInitialising));
	backend_connects();
	CHECK_EQ(xenstore_write(BACKEND "/state", "connected"), 0);
	CHECK(await(XenbusStateClosed));
	backend_connects();
	CHECK_EQ(xenstore_rm(BACKEND), 0);
	CHECK(await(XenbusStateClosed));
	CHECK_EQ(drv.disconnects, 3);
	CHECK_EQ(xenstore_write(BACKEND "/feature", "1"), 0);
	backend_connects();
	bus_stop(&bus);
	CHECK_EQ(drv.disconnects, 4);
}

/* The driver closes the device in order, opens it again, and asks for something new. */
SELFTEST(xenbus_wants)
{
	struct xenbus bus;

	NEEDS(store);
	if (!bus_start(&bus))
		return;
	backend_says(XenbusStateConnected, XenbusStateConnected);
	xenbus_change(drv.dev);
	CHECK(await(XenbusStateReconfiguring));
	backend_says(XenbusStateReconfigured, XenbusStateConnected);
	CHECK_EQ(drv.connects, 2);
	CHECK_EQ(xenstore_write(BACKEND "/state", "4"), 0);
	xenbus_close(drv.dev);
	CHECK(await(XenbusStateClosing));
	CHECK_EQ(drv.disconnects, 0); /* the backend has it still */
	backend_says(XenbusStateClosing, XenbusStateClosed);
	CHECK_EQ(drv.disconnects, 1);
	backend_says(XenbusStateInitWait, XenbusStateClosed);
	xenbus_reopen(drv.dev);
	CHECK(await(XenbusStateInitialised));
	bus_stop(&bus);
}

/* All at once, as at an orderly end: with a backend that does not let go, and with one that
 * has. */
SELFTEST(xenbus_close_all)
{
	struct xenbus bus;

	NEEDS(store);
	if (!bus_start(&bus))
		return;
	backend_says(XenbusStateConnected, XenbusStateConnected);
	CHECK_EQ(xenbus_close_all(&bus, NS_PER_MS), -ETIMEDOUT);
	CHECK(await(XenbusStateClosing) && !drv.disconnects);
	work_hold(); /* no watch tells of it */
	CHECK_EQ(xenstore_write(BACKEND "/state", "5"), 0);
	CHECK_EQ(xenbus_close_all(&bus, PATIENCE_NS), 0);
	work_release();
	CHECK(await(XenbusStateClosed) && drv.disconnects == 1);
	bus_stop(&bus);
}

/* A driver that fails: error/ says so, the device is closed, and works when it comes again. */
SELFTEST(xenbus_error)
{
	struct xenbus bus;
	char text[32];

	NEEDS(store);
	xenstore_rm("error/" ROOT);
	if (!bus_start(&bus))
		return;
	drv.publish_says = -ENOMEM;
	backend_says(XenbusStateInitWait, XenbusStateClosed);
	CHECK(xenstore_read("error/" NODE "/error", text, sizeof(text)) > 0);
	CHECK(!strcmp(text, "-12 publish"));
	CHECK_EQ(drv.disconnects, 1);
	drv.publish_says = 0;
	backend_says(XenbusStateInitWait, XenbusStateClosed);
	/* Taken away and made anew, so fast that nobody saw it gone. */
	CHECK_EQ(make_device(), 0);
	CHECK(selftest_wait_count(&drv.probes, 2));
	CHECK_EQ(drv.removes, 1);
	backend_says(XenbusStateConnected, XenbusStateConnected);
	bus_stop(&bus);
	xenstore_rm("error/data");
}

/* A backend at fault: from a handler's context, twice, and it is said once. It is opened again
 * when the backend has let go, as often as there are chances. */
SELFTEST(xenbus_blame)
{
	struct xenbus bus;
	char text[64];
	bool on;

	NEEDS(store);
	xenstore_rm("error/" ROOT);
	if (!bus_start(&bus))
		return;
	for (unsigned i = 0; i <= XENBUS_CHANCES; i++) {
		backend_connects();
		on = local_irq_save();
		xenbus_blame(drv.dev, -EILSEQ, "first");
		xenbus_blame(drv.dev, -ERANGE, "second");
		local_irq_restore(on);
		CHECK(await(XenbusStateClosing));
		CHECK_EQ(drv.disconnects, i); /* the backend has it still */
		backend_says(XenbusStateClosed,
			     i < XENBUS_CHANCES ? XenbusStateInitialising : XenbusStateClosed);
		CHECK_EQ(drv.dev->faults, i + 1);
	}
	CHECK(xenstore_read("error/" NODE "/error", text, sizeof(text)) > 0);
	CHECK(!strcmp(text, "-84 first"));
	backend_says(XenbusStateInitWait, XenbusStateClosed);
	xenbus_reopen(drv.dev);
	CHECK(await(XenbusStateInitialised));
	backend_says(XenbusStateConnected, XenbusStateConnected);
	bus_stop(&bus);
	xenstore_rm("error/data");
}

static bool device_count_is(void *ctx)
{
	unsigned n = 0;

	for (struct xenbus_device *dev = xenbus_devices.devices; dev; dev = dev->next)
		n++;
	return n == *(unsigned *)ctx;
}

/* Real devices that the toolstack attaches and detaches (tests/guest/test_xenbus.py); one at
 * first. */
SELFTEST(xenbus_hotplug)
{
	static const unsigned counts[] = {1, 2, 1, 0};
	char text[12];

	NEEDS(store);
	SKIP_UNLESS(xenstore_read("/daisy/xenbus", text, sizeof(text)) > 0, NO_DOM0);
	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		unsigned n = counts[i];

		printk("# waiting for %u devices\n", n);
		CHECK(time_wait(device_count_is, &n, 3 * PATIENCE_NS));
	}
}

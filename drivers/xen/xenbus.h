/* SPDX-License-Identifier: MIT */
/* xenbus: paravirtual devices, announced in xenstore. A device is a directory
 * device/<type>/<id> with the path of its backend in it; each side writes its state and watches
 * the other's. Devices come and go while running. All of this happens in the mainline: in
 * watches' callbacks. */
#ifndef DRIVERS_XEN_XENBUS_H
#define DRIVERS_XEN_XENBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/xen/xenstore.h"
#include "lib/xenbus_state.h"

struct xenbus_device;

/* What a driver does when. 0 or -errno, which closes the device and is written where the
 * toolstack looks for it. NULL: nothing is to be done. */
struct xenbus_driver {
	const char *type; /* as in device/<type> */
	bool early;       /* Connected, not Initialised, follows publish (network) */
	/* The device is there. -ENODEV: not this one. */
	int (*probe)(struct xenbus_device *dev);
	/* The backend waits: grant rings, allocate ports, write keys. */
	int (*publish)(struct xenbus_device *dev);
	/* The same after a suspend, over what there is already: channels have their irqs, and wait,
	 * unbound, for the new backend (EVTCHN_RENUMBERED), grants are what they were, the keys are
	 * not there. NULL: disconnect and remove come first, the irqs are given back. */
	int (*republish)(struct xenbus_device *dev);
	/* The backend is connected: read its keys. Also after the two have agreed on something
	 * new. */
	int (*connect)(struct xenbus_device *dev);
	/* The backend wants something new. NULL: whatever it is. */
	int (*reconfigure)(struct xenbus_device *dev);
	/* The backend has let go, or is gone: undo publish and connect. publish may follow
	 * again. */
	void (*disconnect)(struct xenbus_device *dev);
	/* The device is gone: undo probe. */
	void (*remove)(struct xenbus_device *dev);
};

/* Puts a driver into the set that devices are matched with. No order is promised. */
#define XENBUS_DRIVER(id, ...)                                               \
	static const struct xenbus_driver xenbus_driver_##id __attribute__(( \
		used, aligned(8), section("set_xenbus_drivers"))) = {__VA_ARGS__}

/* A directory of devices. */
struct xenbus {
	const char *root;
	struct xenbus_device *devices;
	struct xenstore_watch watch;
	struct xenbus *next; /* of those that are open */
	uint32_t scans;
};

struct xenbus_device {
	const struct xenbus_driver *driver; /* NULL: none knows it */
	void *driver_data;
	char type[24];
	char node[64];     /* "device/vif/0" */
	char backend[128]; /* the backend's directory */
	uint16_t backend_id;
	struct xenbus_view view;

	/* xenbus.c's own. */
	struct xenbus *bus;
	struct xenbus_device *next;
	struct xenstore_watch watch; /* of the backend's state, at ... */
	char state_path[136];
	bool seen, published, stepping;
	unsigned faults; /* that were the backend's */
	struct {
		const char *what; /* NULL: none since it was published */
		int err;          /* set after what */
		bool said;
	} fault;
};

/* Looks at device/ and waits for more, from then on. 0, or as xenstore_watch(). */
int xenbus_init(void);
/* The same for another directory: for tests. bus->root is set. Mainline, interrupts enabled. */
int xenbus_open(struct xenbus *bus);
/* Closes all its devices that have a driver, and waits for their backends. 0; -ETIMEDOUT: one has
 * not let go. Meanwhile no device comes or goes. For xenbus_devices an orderly end does it. */
int xenbus_close_all(struct xenbus *bus, uint64_t patience_ns);
/* All its devices are removed. */
void xenbus_shut(struct xenbus *bus);
/* After a suspend: the directories are new ones, whose names and states may be those of before.
 * Mainline, before anything else waits there. */
void xenbus_resume(void);
extern struct xenbus xenbus_devices; /* that of xenbus_init() */

/* --- for drivers --- */

/* A key of the device's own directory, or of the backend's. As xenstore_read(). */
int xenbus_read(const struct xenbus_device *dev, const char *key, char *buf, size_t size);
int xenbus_read_backend(const struct xenbus_device *dev, const char *key, char *buf,
			size_t size);
int xenbus_write(const struct xenstore_tx *tx, const struct xenbus_device *dev, const char *key,
		 const char *value);
int xenbus_write_number(const struct xenstore_tx *tx, const struct xenbus_device *dev,
			const char *key, uint64_t value);
int xenbus_rm(const struct xenstore_tx *tx, const struct xenbus_device *dev, const char *key);
/* The last part of its node: "0" of "device/vif/0". */
const char *xenbus_id(const struct xenbus_device *dev);

/* The driver cannot go on: says so, writes error/<node>/error, and closes the device, in order,
 * until it appears anew or is opened again. */
void xenbus_fail(struct xenbus_device *dev, int err, const char *what);
/* The backend did what none may. Any context, handlers too; of several the first counts. In the
 * mainline then: as xenbus_fail(), and when the backend has let go the device is opened again,
 * XENBUS_CHANCES times since it appeared or was reopened; then it stays closed. what: a sentence
 * that stays where it is. */
void xenbus_blame(struct xenbus_device *dev, int err, const char *what);
#define XENBUS_CHANCES 3u
/* Does what is to be done until the device waits for something; as the backend's state itself has
 * it done. For a driver whose other watch may be told first. */
void xenbus_step(struct xenbus_device *dev);
/* Closes the device in order; opens it again; agrees on something new with the backend. */
void xenbus_close(struct xenbus_device *dev);
void xenbus_reopen(struct xenbus_device *dev);
void xenbus_change(struct xenbus_device *dev);

/* A line for each device. */
void xenbus_dump(void);

#endif

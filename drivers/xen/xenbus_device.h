/* SPDX-License-Identifier: MIT */
/* Between the two halves of xenbus. */
#ifndef DRIVERS_XEN_XENBUS_DEVICE_H
#define DRIVERS_XEN_XENBUS_DEVICE_H

#include "drivers/xen/xenbus.h"

/* What there is of it in the store: the backend, its domain, the state. 0, or -ENOENT: it is no
 * device, or not yet. */
int xenbus_device_read(struct xenbus_device *dev);
/* Watches the backend's state; the first event takes the first step. */
void xenbus_device_watch(struct xenbus_device *dev);
void xenbus_device_remove(struct xenbus_device *dev);
/* Looks for devices that have come or gone. */
void xenbus_scan(struct xenbus *bus);
/* Does what is to be done until the device waits for something. */
void xenbus_step(struct xenbus_device *dev);
/* Has the driver undo what it has published, if it has. */
void xenbus_disconnect(struct xenbus_device *dev);
void xenbus_set_state(struct xenbus_device *dev, enum xenbus_state state);
/* xenbus_close_all() for machine_leave_register(). */
void xenbus_leave(void);
/* Of a directory's `state`; XenbusStateUnknown: there is none. */
enum xenbus_state xenbus_read_state(const char *directory);

#endif

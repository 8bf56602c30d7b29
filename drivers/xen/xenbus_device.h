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
/* Says what has gone wrong, and writes it into error/<node>/error. */
void xenbus_report(const struct xenbus_device *dev, int err, const char *what);
/* Counts a fault of the backend's: has it another chance? */
static inline bool xenbus_has_chance(struct xenbus_device *dev)
{
	return dev->faults++ < XENBUS_CHANCES;
}
/* Closes it in order; again: and opens it when the backend has let go. */
void xenbus_down(struct xenbus_device *dev, bool again);
/* A new beginning: the backend has done nothing yet. */
void xenbus_forgive(struct xenbus_device *dev);
/* Whose devices xenbus_blame() is for. */
void xenbus_blame_open(struct xenbus *bus);
void xenbus_blame_shut(struct xenbus *bus);
/* Has the driver undo what it has published, if it has. */
void xenbus_disconnect(struct xenbus_device *dev);
void xenbus_set_state(struct xenbus_device *dev, enum xenbus_state state);
/* xenbus_close_all() for machine_leave_register(). */
void xenbus_leave(void);
/* Of a directory's `state`; XenbusStateUnknown: there is none. */
enum xenbus_state xenbus_read_state(const char *directory);

#endif

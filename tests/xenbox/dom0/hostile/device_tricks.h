/* SPDX-License-Identifier: MIT */
/* Between device.c and the tricks that any type of device can play. */
#ifndef HOSTILE_DEVICE_TRICKS_H
#define HOSTILE_DEVICE_TRICKS_H

#include "device.h"

/* A key that this backend does not have otherwise; after those that it has. */
void device_play_key(struct device *d);
void device_play_state(struct device *d);
void device_play_rings(struct device *d);
/* Both directories. */
void device_remove(struct device *d);

#endif

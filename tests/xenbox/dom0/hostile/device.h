/* SPDX-License-Identifier: MIT */
/* A device's life: its states, its rings and channels, whatever its type is. */
#ifndef HOSTILE_DEVICE_H
#define HOSTILE_DEVICE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <xen/io/xenbus.h>
#include <xenevtchn.h>
#include <xengnttab.h>

#include "options.h"
#include "plan.h"
#include "ring.h"
#include "store.h"

#define RINGS_MAX 32u

struct device;

struct device_type {
	const char *name;
	/* The frontend has published its rings in this state. */
	enum xenbus_state published;
	/* More keys of the frontend's directory. */
	void (*make_front)(struct device *d);
	/* Keys before InitWait; keys before Connected. */
	void (*offer)(struct device *d);
	void (*describe)(struct device *d);
	/* Maps the rings that the frontend has published: 0, or it is said what is wrong. */
	int (*map)(struct device *d);
	/* What is waiting on one ring. */
	void (*serve)(struct device *d, struct ring *r);
	/* Some milliseconds have passed. NULL: they do not matter. */
	void (*tick)(struct device *d);
};

struct device {
	const struct device_type *type;
	const struct options *options;
	struct plan plan;
	struct store store;
	xengnttab_handle *gnttab;
	xenevtchn_handle *evtchn;
	struct ring rings[RINGS_MAX];
	unsigned nr_rings;
	enum xenbus_state state, front_state;
	bool connected, over, begin_anew;
	volatile sig_atomic_t asked_to_end; /* by a signal */
	uint64_t events;                    /* that have come in */
	void *own;                          /* of the type */
};

/* Makes both directories and begins. */
void device_open(struct device *d);
/* Something in xenstore has changed. */
void device_look(struct device *d);
/* An event has come, or might have. */
void device_serve(struct device *d);
/* Between two waits: tricks that wait for no event. */
void device_tick(struct device *d);
/* Takes its leave as a toolstack's detach does: closes, waits for the frontend, removes both.
 */
void device_close(struct device *d);

/* --- for types --- */

/* A key of the backend's; where that is the trick, with another value, or none. */
void device_key(struct device *d, const char *key, const char *value);
void device_key_number(struct device *d, const char *key, uint64_t value);
/* Maps the next of d->rings from the keys in DIRECTORY, NAME or NAME0, NAME1, ... and binds
 * CHANNEL. 0, or it is said what is wrong. */
int device_map_ring(struct device *d, const char *directory, const char *name, unsigned pages,
		    const char *channel, uint16_t slot);
void device_notify(struct device *d, struct ring *r);
/* Keeps one of the frontend's pages mapped until the program ends. */
void device_keep_grant(struct device *d, uint32_t ref, bool readonly);

#endif

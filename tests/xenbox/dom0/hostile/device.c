/* SPDX-License-Identifier: MIT */
/* The states, as Linux's and QEMU's backends go through them: see device_look. */
#include "device.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "device_tricks.h"
#include "say.h"

#define LEAVE_MS   10000
#define UNKNOWN_MS 500 /* of a frontend that has not begun: it may not know the device */

static const char *const state_names[] = {
	"gone",    "Initialising", "InitWait",      "Initialised",  "Connected",
	"Closing", "Closed",       "Reconfiguring", "Reconfigured",
};

static void device_set_state(struct device *d, enum xenbus_state state)
{
	char text[4];

	snprintf(text, sizeof(text), "%d", state);
	d->state = state;
	/* A trick may have removed it; made along with a key, the frontend could not read it.
	 */
	store_mkdir(&d->store, d->store.back, 0, d->store.domid);
	store_write(&d->store, d->store.back, "state", text);
}

/* --- beginning and end of a connection --- */

static void device_disconnect(struct device *d)
{
	bool keep = plan_on(&d->plan, TRICK_RING_KEPT);

	for (unsigned i = 0; i < d->nr_rings; i++)
		channel_unmap_ring(d, &d->rings[i], keep);
	if (d->connected)
		say("disconnected, %llu served", (unsigned long long)d->plan.served);
	d->nr_rings = 0;
	d->connected = false;
}

static void device_begin(struct device *d)
{
	device_disconnect(d);
	plan_begin(&d->plan);
	d->begin_anew = false;
	store_mkdir(&d->store, d->store.back, 0, d->store.domid);
	d->type->offer(d);
	device_play_key(d);
	device_set_state(d, XenbusStateInitWait);
	say("waits");
}

static void device_connect(struct device *d)
{
	if (d->type->map(d)) {
		device_disconnect(d);
		/* Rings that are gone are withdrawn: it may be as far again by the next look. */
		d->front_state = XenbusStateUnknown;
		return;
	}
	d->type->describe(d);
	device_play_key(d);
	d->connected = true;
	device_set_state(d, XenbusStateConnected);
	say("connected%s%s", *d->plan.word ? ", with a trick: " : "", d->plan.word);
}

/* --- what the frontend does --- */

static void device_front_closed(struct device *d)
{
	device_disconnect(d);
	if (d->over)
		return;
	device_set_state(d, XenbusStateClosed);
	/* Whoever closes by itself begins anew by itself. Else it is the frontend's turn. */
	if (d->begin_anew)
		device_begin(d);
}

static void device_front_changed(struct device *d)
{
	switch (d->front_state) {
	case XenbusStateInitialising:
		if (d->state == XenbusStateClosed || d->begin_anew)
			device_begin(d);
		break;
	case XenbusStateInitialised:
	case XenbusStateConnected:
		if (d->front_state != d->type->published)
			break;
		if (d->begin_anew) /* it was through with Closed before anybody looked */
			device_begin(d);
		if (d->state == XenbusStateInitWait)
			device_connect(d);
		break;
	case XenbusStateClosing:
		device_disconnect(
			d); /* the frontend may end its grants as soon as it sees it */
		device_set_state(d, XenbusStateClosing);
		break;
	case XenbusStateReconfigured:
		d->begin_anew = false;
		device_set_state(d, XenbusStateConnected);
		break;
	case XenbusStateClosed:
		device_front_closed(d);
		break;
	case XenbusStateUnknown:
		d->over = true;
		break;
	default:
		break;
	}
}

void device_look(struct device *d)
{
	long state = store_read_number(&d->store, d->store.front, "state");

	if (state < 0 || state > XenbusStateReconfigured)
		state = XenbusStateUnknown;
	if (d->front_state == (enum xenbus_state)state)
		return;
	d->front_state = (enum xenbus_state)state;
	say("frontend %s", state_names[state]);
	device_front_changed(d);
}

/* --- served --- */

void device_serve(struct device *d)
{
	for (unsigned i = 0; i < d->nr_rings && d->connected; i++)
		d->type->serve(d, &d->rings[i]);
}

void device_tick(struct device *d)
{
	if (!d->connected)
		return;
	device_play_state(d);
	if (d->type->tick)
		d->type->tick(d);
	device_play_rings(d);
}

/* --- the device itself --- */

static void device_make_front(struct device *d)
{
	struct store *s = &d->store;

	store_mkdir(s, s->front, s->domid, 0);
	store_write(s, s->front, "backend-id", "0");
	store_write(s, s->front, "state", "1");
	d->type->make_front(d);
	for (unsigned i = 0; i < d->options->nr_front; i++) {
		char key[64];
		const char *text = d->options->front[i], *value = strchr(text, '=') + 1;

		snprintf(key, sizeof(key), "%.*s", (int)(value - 1 - text), text);
		store_write(s, s->front, key, value);
	}
}

/* The frontend looks for `backend`, and so for the whole device, as soon as it is there. */
static void device_announce(struct device *d)
{
	bool elsewhere = false;

	for (unsigned i = 0; i < d->options->nr_front; i++)
		elsewhere |= !strncmp(d->options->front[i], "backend=", 8);
	if (!elsewhere)
		store_write(&d->store, d->store.front, "backend", d->store.back);
}

void device_open(struct device *d)
{
	char domid[12];

	snprintf(domid, sizeof(domid), "%u", d->store.domid);
	store_mkdir(&d->store, d->store.back, 0, d->store.domid);
	store_write(&d->store, d->store.back, "frontend", d->store.front);
	store_write(&d->store, d->store.back, "frontend-id", domid);
	store_write(&d->store, d->store.back, "online", "1");
	device_begin(d);
	device_make_front(d);
	store_watch(&d->store, d->store.front);
	device_announce(d);
}

void device_close(struct device *d)
{
	int patience = d->front_state == XenbusStateInitialising ? UNKNOWN_MS : LEAVE_MS;

	device_disconnect(d);
	if (!d->over) {
		store_write(&d->store, d->store.back, "online", "0");
		device_set_state(d, XenbusStateClosing);
	}
	d->over = true;
	for (int ms = 0; ms < patience && d->front_state != XenbusStateClosed &&
			 d->front_state != XenbusStateUnknown;
	     ms += 20) {
		poll(NULL, 0, 20);
		device_look(d);
	}
	if (d->front_state != XenbusStateClosed && d->front_state != XenbusStateUnknown)
		say("the frontend has not let go");
	device_remove(d);
	say("gone");
}

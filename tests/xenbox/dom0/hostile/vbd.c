/* SPDX-License-Identifier: MIT */
#include "vbd.h"

#include <stdio.h>
#include <stdlib.h>

#include <xen/io/protocols.h>

#include "say.h"

static void vbd_make_front(struct device *d)
{
	static struct vbd vbd;
	char text[12];

	snprintf(text, sizeof(text), "%u", d->options->devid);
	store_write(&d->store, d->store.front, "virtual-device", text);
	store_write(&d->store, d->store.front, "device-type", "disk");
	disk_open(&vbd.disk, d->options->sectors, d->options->seed);
	d->own = &vbd;
}

static void vbd_offer(struct device *d)
{
	const struct options *o = d->options;

	device_key_number(d, "max-ring-page-order", o->ring_order);
	device_key_number(d, "multi-queue-max-queues", o->queues);
	device_key_number(d, "feature-flush-cache", !o->barrier);
	device_key_number(d, "feature-barrier", o->barrier);
	device_key_number(d, "feature-discard", 1);
	device_key_number(d, "feature-persistent", o->persistent);
	device_key_number(d, "feature-max-indirect-segments", o->indirect);
}

static void vbd_describe(struct device *d)
{
	struct vbd *v = d->own;

	v->said = v->disk.sectors;
	v->answered = false;
	device_key_number(d, "sectors", v->said);
	device_key_number(d, "sector-size", d->options->sector_size);
	device_key_number(d, "info", 0);
}

/* A frontend that does not write them has one of it. */
static unsigned front_number(struct device *d, const char *key, unsigned otherwise)
{
	long value = store_read_number(&d->store, d->store.front, key);

	return value < 0 ? otherwise : (unsigned)value;
}

static int vbd_map(struct device *d)
{
	unsigned order = front_number(d, "ring-page-order", 0);
	unsigned queues = front_number(d, "multi-queue-num-queues", 0);
	uint16_t slot = sizeof(union blkif_sring_entry);
	int err = 0;

	if (order > 4 || queues > RINGS_MAX) {
		say("the frontend wants rings of order %u and %u queues", order, queues);
		return -1;
	}
	say("rings of %u pages, %u queues", 1u << order, queues ? queues : 1);
	if (!queues)
		return device_map_ring(d, d->store.front, "ring-ref", 1u << order,
				       "event-channel", slot);
	for (unsigned i = 0; i < queues && !err; i++) {
		char path[STORE_PATH + 20];

		snprintf(path, sizeof(path), "%s/queue-%u", d->store.front, i);
		err = device_map_ring(d, path, "ring-ref", 1u << order, "event-channel", slot);
	}
	return err;
}

/* A backend says so by its key, and by its state, whose watch the frontend has. */
static void vbd_tick(struct device *d)
{
	struct vbd *v = d->own;

	if (!plan_due(&d->plan, TRICK_SECTORS_LESS))
		return;
	v->said /= 2;
	device_key_number(d, "sectors", v->said);
	store_write(&d->store, d->store.back, "state", "4");
}

const struct device_type vbd_type = {
	.name = "vbd",
	.published = XenbusStateInitialised,
	.make_front = vbd_make_front,
	.offer = vbd_offer,
	.describe = vbd_describe,
	.map = vbd_map,
	.serve = vbd_serve,
	.tick = vbd_tick,
};

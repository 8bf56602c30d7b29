/* SPDX-License-Identifier: MIT */
#include "vif.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <xen/io/netif.h>

#include "channel.h"
#include "say.h"

#define MAC "\x02\0\0\0\0\x01" /* ours */

/* Who has that address? Asked by its neighbour. */
static void question_make(unsigned char *frame, const char *ip)
{
	struct in_addr target;

	if (!inet_aton(ip, &target))
		die("%s: not an address", ip);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, MAC, 6);
	memcpy(frame + 12, "\x08\x06\0\1\x08\0\6\4\0\1", 10);
	memcpy(frame + 22, MAC, 6);
	memcpy(frame + 28, &target, 4);
	frame[31] ^= 1;
	memset(frame + 32, 0, 6);
	memcpy(frame + 38, &target, 4);
}

static void vif_make_front(struct device *d)
{
	static struct vif vif;
	char text[32];

	question_make(vif.question, d->options->ip);
	snprintf(text, sizeof(text), "%u", d->options->devid);
	store_write(&d->store, d->store.front, "handle", text);
	snprintf(text, sizeof(text), "00:16:3e:00:00:%02x", d->options->devid & 0xff);
	store_write(&d->store, d->store.front, "mac", text);
	d->own = &vif;
}

static void vif_offer(struct device *d)
{
	device_key_number(d, "feature-rx-copy", 1);
	device_key_number(d, "feature-rx-flip", 0);
	device_key_number(d, "feature-sg", 1);
	device_key_number(d, "feature-split-event-channels", 1);
	device_key_number(d, "multi-queue-max-queues", d->options->queues);
}

static void vif_describe(struct device *d)
{
	struct vif *v = d->own;

	v->rx_answered = v->tx_answered = v->heard = false;
	v->extras = 0;
}

static int vif_map_queue(struct device *d, const char *directory)
{
	bool split = store_read_number(&d->store, directory, "event-channel-tx") >= 0;
	int err;

	err = device_map_ring(d, directory, "tx-ring-ref", 1,
			      split ? "event-channel-tx" : "event-channel",
			      sizeof(union netif_tx_sring_entry));
	if (err)
		return err;
	return device_map_ring(d, directory, "rx-ring-ref", 1,
			       split ? "event-channel-rx" : "event-channel",
			       sizeof(union netif_rx_sring_entry));
}

static int vif_map(struct device *d)
{
	long queues = store_read_number(&d->store, d->store.front, "multi-queue-num-queues");
	int err = 0;

	if (queues > (long)RINGS_MAX / 2) {
		say("the frontend wants %ld queues", queues);
		return -1;
	}
	if (queues <= 1) /* the keys of one queue lie where they lay before there were queues */
		return vif_map_queue(d, d->store.front);
	for (long i = 0; i < queues && !err; i++) {
		char path[STORE_PATH + 32];

		snprintf(path, sizeof(path), "%s/queue-%ld", d->store.front, i);
		err = vif_map_queue(d, path);
	}
	return err;
}

/* The other half of the rings is served when there is something to send. */
static void vif_serve(struct device *d, struct ring *r)
{
	if ((r - d->rings) % 2 == 0)
		vif_serve_tx(d, r);
}

static void vif_play_index(struct device *d)
{
	for (enum trick t = TRICK_RX_INDEX_AHEAD; t <= TRICK_RX_INDEX_BACK; t++) {
		if (!plan_due(&d->plan, t))
			continue;
		ring_play_index(vif_rx_ring(d), t);
		channel_notify(d, vif_rx_ring(d));
	}
}

static void vif_tick(struct device *d)
{
	static uint64_t last;
	struct vif *v = d->own;
	struct timespec t;
	uint64_t now;

	vif_play_index(d);
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
	if (!d->options->every || now - last < d->options->every)
		return;
	last = now;
	vif_send(d, vif_rx_ring(d), v->question, sizeof(v->question));
}

const struct device_type vif_type = {
	.name = "vif",
	.published = XenbusStateConnected,
	.make_front = vif_make_front,
	.offer = vif_offer,
	.describe = vif_describe,
	.map = vif_map,
	.serve = vif_serve,
	.tick = vif_tick,
};

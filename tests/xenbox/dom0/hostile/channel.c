/* SPDX-License-Identifier: MIT */
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "say.h"

#define STORM_BURST     256u
#define SCRIBBLE_ROUNDS 100u

static int read_refs(struct device *d, struct ring *r, const char *directory, const char *name)
{
	for (unsigned i = 0; i < r->pages; i++) {
		char key[32];
		long ref;

		snprintf(key, sizeof(key), r->pages > 1 ? "%s%u" : "%s", name, i);
		ref = store_read_number(&d->store, directory, key);
		if (ref < 0) {
			say("the frontend has no usable %s in %s", key, directory);
			return -ENOENT;
		}
		r->refs[i] = (uint32_t)ref;
	}
	return 0;
}

/* The two rings of a network queue may have one channel. */
static int channel_bind(struct device *d, struct ring *r)
{
	int port;

	for (struct ring *other = d->rings; other < r; other++) {
		if (other->remote != r->remote)
			continue;
		r->port = other->port;
		r->shares_port = true;
		return 0;
	}
	port = xenevtchn_bind_interdomain(d->evtchn, d->store.domid, r->remote);
	if (port < 0) {
		say("the frontend's port %u cannot be bound: %s", r->remote, strerror(errno));
		return -errno;
	}
	r->port = (evtchn_port_t)port;
	return 0;
}

int device_map_ring(struct device *d, const char *directory, const char *name, unsigned pages,
		    const char *channel, uint16_t slot)
{
	struct ring *r = &d->rings[d->nr_rings];
	long remote = store_read_number(&d->store, directory, channel);
	int err;

	if (d->nr_rings == RINGS_MAX || pages > RING_PAGES_MAX || remote < 0) {
		say("the frontend has no usable %s in %s", channel, directory);
		return -EINVAL;
	}
	*r = (struct ring){.pages = pages, .remote = (uint32_t)remote};
	err = read_refs(d, r, directory, name);
	if (!err)
		err = channel_bind(d, r);
	if (err)
		return err;
	d->nr_rings++;
	r->page = xengnttab_map_domain_grant_refs(d->gnttab, pages, d->store.domid, r->refs,
						  PROT_READ | PROT_WRITE);
	if (!r->page) {
		say("the frontend's ring cannot be mapped: %s", strerror(errno));
		return -errno;
	}
	ring_begin(r, slot);
	return 0;
}

void channel_unmap_ring(struct device *d, struct ring *r, bool keep)
{
	if (!r->shares_port)
		xenevtchn_unbind(d->evtchn, r->port);
	if (r->page && !keep)
		xengnttab_unmap(d->gnttab, r->page, r->pages);
	r->page = NULL;
}

void channel_notify(struct device *d, struct ring *r)
{
	xenevtchn_notify(d->evtchn, r->port);
}

void device_notify(struct device *d, struct ring *r)
{
	channel_notify(d, r);
}

void channel_receive(struct device *d)
{
	struct pollfd p = {.fd = xenevtchn_fd(d->evtchn), .events = POLLIN};

	while (poll(&p, 1, 0) > 0) {
		int port = xenevtchn_pending(d->evtchn);

		if (port < 0)
			return;
		d->events++;
		/* Before the rings are looked at: what comes after the look comes again. */
		xenevtchn_unmask(d->evtchn, (evtchn_port_t)port);
	}
}

void device_keep_grant(struct device *d, uint32_t ref, bool readonly)
{
	int prot = readonly ? PROT_READ : PROT_READ | PROT_WRITE;

	if (!xengnttab_map_grant_ref(d->gnttab, d->store.domid, ref, prot))
		say("reference %u cannot be mapped: %s", ref, strerror(errno));
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

void channel_storm(struct device *d, struct ring *r)
{
	uint64_t start = now_ms(), sent = 0, failed = 0, took = 0;

	while (took < d->options->seconds * 1000u && !failed && d->connected && !d->over &&
	       !d->asked_to_end) {
		for (unsigned i = 0; i < STORM_BURST && !failed; i++, sent++)
			failed = xenevtchn_notify(d->evtchn, r->port) != 0;
		channel_receive(d);
		device_serve(d);
		if (d->type->tick)
			d->type->tick(d);
		if (store_changed(&d->store)) /* the frontend may have had enough */
			device_look(d);
		took = now_ms() - start;
	}
	say("storm over: %llu events in %llu ms", (unsigned long long)sent,
	    (unsigned long long)took);
}

void channel_scribble(struct device *d, struct ring *r)
{
	for (unsigned i = 0; i < SCRIBBLE_ROUNDS; i++) {
		ring_scribble(r);
		channel_notify(d, r);
		poll(NULL, 0, 2);
	}
	say("scribbled %u times", SCRIBBLE_ROUNDS);
}

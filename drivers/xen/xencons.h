/* SPDX-License-Identifier: MIT */
/* A PV console, wherever its page and channel come from: console.c has the primary one,
 * console_front.c those of device/console. Output is polled; the channel gets an irq when
 * somebody wants what is typed. */
#ifndef DRIVERS_XEN_XENCONS_H
#define DRIVERS_XEN_XENCONS_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/event_channel.h>

#include "kernel/input.h"
#include "kernel/printk.h"
#include "lib/xencons_ring.h"

struct xencons {
	struct console con; /* con.name is set by the owner, and the irq's too */
	struct input input;
	struct xencons_ring ring;
	evtchn_port_t port;
	unsigned naps; /* how long a reader that takes nothing is waited for: see xencons.c */
	uint32_t dropped; /* bytes that nobody took in time */
	bool shut;        /* nothing goes in or out */
	bool deaf;        /* the reader took nothing for so long, and the ring is full since */
	bool listening;   /* the channel has an irq */
};

/* Takes the page and the channel over; the console can be registered then. 0 or -EINVAL. */
int xencons_open(struct xencons *x, volatile void *page, evtchn_port_t port);

#endif

/* SPDX-License-Identifier: MIT */
/* The domain's ports on their way: from one ABI to the other (evtchn_switch.c), or into the
 * domain that is to be this one after a suspend (evtchn_resume.c). Boot CPU; but for
 * ports_alloc() every vCPU is quiet. */
#ifndef DRIVERS_XEN_EVTCHN_CARRY_H
#define DRIVERS_XEN_EVTCHN_CARRY_H

#include <stdbool.h>

#include "drivers/xen/evtchn_abi.h"

struct channel;

/* A port on its way over. */
struct carried {
	struct evtchn_status s; /* EVTCHNSTAT_closed: nobody's */
	struct channel *ch;     /* NULL: it has none */
	evtchn_port_t now;      /* its number afterwards; 0: not made again (yet) */
	bool remote;            /* the other end is, or is to be, another domain's */
	bool masked, pending;
	evtchn_port_t held; /* taken in its place, so that the next one gets its number */
};

struct transition {
	const struct evtchn_abi *to;
	struct carried *ports;
	unsigned room;     /* that Xen has made for ports */
	unsigned nr_ports; /* one past the last port that is somebody's */
	unsigned pages;
	bool resumed; /* in another domain: the other ends of remote channels are gone */
	int err;
};

/* Memory for all ports that Xen has made room for. 0 or -ENOMEM. The caller frees it. */
int ports_alloc(struct transition *t);
/* What there is. 0; -EBUSY: more than there is memory for, ports have been made since. */
int ports_read(struct transition *t);
/* Where all are gone: each port again, under the number it had, unless that is taken: then
 * under another one. Those that have `now` are there already. One that cannot be made is
 * nobody's from now on, is said, and t->err = -EIO. */
void ports_make(struct transition *t);
/* In the ABI that is in use now: CPUs, priorities, what was pending; unmasked as before. */
void ports_restore(const struct transition *t);

#endif

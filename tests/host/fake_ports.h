/* SPDX-License-Identifier: MIT */
/* A fake Xen's event channels, in so far as they are made and closed: each gets the lowest free port, and
 * what is refused is what xen/common/event_channel.c refuses. */
#ifndef TESTS_HOST_FAKE_PORTS_H
#define TESTS_HOST_FAKE_PORTS_H

#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>

#define FAKE_PORTS	 256u
#define FAKE_VIRQ_GLOBAL 1 /* to be bound to vCPU 0; all others are per vCPU */

#define FAKE_DOM_GONE	 9 /* has no ports */

/* By port; EVTCHNSTAT_closed: free. */
extern struct evtchn_status fake_ports[FAKE_PORTS];
/* One past the last port that the domain may have. */
extern unsigned fake_ports_limit;

/* An EVTCHNOP_* that makes, moves or closes: 0 or -errno. Any other, and to close what is closed, fails the
 * test. */
long fake_ports_op(unsigned cmd, void *arg);

#endif

/* SPDX-License-Identifier: MIT */
/* A fake Xen: the hypervisor's side of the 2-level event channel ABI, in Xen's order, for one
 * domain. It is not the hypervisor; it does what public/xen.h says to the words it shares. */
#ifndef TESTS_HOST_FAKE_XEN_H
#define TESTS_HOST_FAKE_XEN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/evtchn_2l.h"

#define FAKE_VCPUS 3u

struct fake_vcpu {
	struct evtchn_2l_flags flags;
	unsigned upcalls; /* how often upcall_pending went from clear to set */
	unsigned pokes;   /* how often a scan asked for a scan here */
};

struct fake_xen {
	uint64_t pending[EVTCHN_2L_WORDS];
	uint64_t mask[EVTCHN_2L_WORDS];
	struct fake_vcpu vcpu[FAKE_VCPUS];
	uint8_t vcpu_of[EVTCHN_2L_PORTS];
	bool owed[EVTCHN_2L_PORTS]; /* a send made it pending, and no scan has taken it since */
	struct evtchn_2l e; /* the guest's view of the words */
	struct evtchn_2l_cpu cpu[FAKE_VCPUS];
};

/* Nothing pending, nothing masked, every port bound to vCPU 0 on both sides. */
void fake_init(struct fake_xen *x);
/* An event on a port: pending, and if that is news and the port not masked, the notification.
 */
void fake_send(struct fake_xen *x, unsigned port);
/* The same from a slow sender, who has looked up the port's vCPU some time ago. */
void fake_send_to(struct fake_xen *x, unsigned port, unsigned vcpu);
/* EVTCHNOP_unmask: notifies only when the mask bit was set and the port is pending. */
void fake_unmask(struct fake_xen *x, unsigned port);
/* EVTCHNOP_bind_vcpu and the guest's sets. It does not move an event that is pending. */
void fake_bind(struct fake_xen *x, unsigned port, unsigned vcpu);

#endif

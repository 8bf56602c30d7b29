/* SPDX-License-Identifier: MIT */
/* A fake Xen whose scans are watched: what was served, in which order, and whether it might be.
 */
#ifndef TESTS_HOST_WATCH_H
#define TESTS_HOST_WATCH_H

#include "tests/host/fake_xen.h"
#include "tests/host/test.h"

#define MAX_LOG 4096u

/* The callback lets the handler run, here `during`. */
struct watch {
	struct fake_xen x;
	unsigned vcpu;
	unsigned log[MAX_LOG];
	unsigned served;
	unsigned count[EVTCHN_2L_PORTS];
	void (*during)(struct watch *w, unsigned port);
	unsigned trigger, effect; /* for during */
	unsigned left;            /* likewise: how often it still acts */
};

/* Ports at the edges of words, of half words, and of everything. */
static const unsigned edge_ports[] = {0,   1,   31,   32,   33,   62,   63,   64,  65,
				      127, 128, 2047, 2048, 4031, 4032, 4094, 4095};

int watch_setup(void **state);
int watch_teardown(void **state);
/* One upcall on a vCPU; the log begins anew. Returns the number of ports served. */
unsigned watch_scan(struct watch *w, unsigned vcpu);
/* Fails unless the last scan served these ports in this order. */
void watch_expect(struct watch *w, const unsigned *ports, unsigned n);

#define WATCH_TEST(name) cmocka_unit_test_setup_teardown(name, watch_setup, watch_teardown)

#endif

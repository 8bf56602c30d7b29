/* SPDX-License-Identifier: MIT */
/* A channel of the domain to itself: what is sent on `far` arrives on `near`. */
#ifndef SELFTEST_LOOPBACK_H
#define SELFTEST_LOOPBACK_H

#include <stdbool.h>
#include <stdint.h>

struct loopback {
	int near, far;          /* ports; < 0: not bound */
	int irq;                /* of near; < 0: none */
	volatile uint32_t runs; /* of the handler */
	volatile uint32_t wrong; /* it ran with another irq, or with interrupts enabled */
	bool wanders;            /* daisy=off, and the route is switched: its irq is the upcall's */
	volatile uint64_t order; /* the value of loopback_clock at its last run */
};

/* Counts every run of every loopback's handler. */
extern volatile uint64_t loopback_clock;

/* Binds both ends and requests near's irq. True, or the running test has failed. */
bool loopback_open(struct loopback *lb, const char *name);
void loopback_close(struct loopback *lb);
/* Waits until the handler has run `runs` times in all. */
bool loopback_wait(struct loopback *lb, uint32_t runs);
/* Sends once and waits for the run. */
bool loopback_ping(struct loopback *lb);
/* Lets everything that is on its way arrive: some trips through the hypervisor with interrupts
 * enabled, each of which would inject what is pending. */
void loopback_settle(void);

#endif

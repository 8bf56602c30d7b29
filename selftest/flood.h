/* SPDX-License-Identifier: MIT */
/* Two channels of the domain to itself: one whose other end need not rest, and one that
 * behaves. */
#ifndef SELFTEST_FLOOD_H
#define SELFTEST_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/time.h"
#include "selftest/loopback.h"

#define WINDOW_NS (50 * NS_PER_MS) /* much longer than any budget's runs: the brake must bite \
				    */

/* What is counted in the handler of the flooded channel is what others measure time with. */
extern struct flood {
	int near, far, irq;
	volatile uint32_t runs, sent, seen; /* seen: `sent` as it was in the last run */
	volatile bool stop, self;           /* self: the handler itself sends again */
	uint32_t limit;                     /* runs after which it stops by itself */
	uint32_t first_pause;               /* its runs before the mainline went on */
	bool sender_done;
	uint64_t deadline;
} flood;

/* Behaves: it is sent one event at a time. */
extern struct calm {
	struct loopback lb;
	volatile uint32_t sent, served, at, delay_max,
		delay_sum; /* delays in runs of the flood */
	volatile uint32_t window_at;
	volatile uint32_t beyond; /* events behind more runs than fit into the windows passed */
} calm;

/* Binds and requests both, the flood's irq as IRQ_UNTRUSTED. False: the running test has
 * failed. Close in any case. */
bool flood_open(void);
void flood_close(void);
/* Everything at 0 for another one. budget 0: no brake. limit: in runs. self: it keeps itself
 * up. vector: both are re-delivered. */
void flood_prepare(uint32_t budget, uint32_t limit, bool self, bool vector);
/* The first send. */
void flood_begin(void);
void flood_send(void);
/* One event for the other channel, unless one is under way. With interrupts disabled, so that
 * no run of the flood comes between the note and the send. */
void calm_send(void);
/* Ends it, and checks that whatever was sent has been seen, on both. */
void flood_end(void);
/* A remark with its figures. */
void flood_report(const char *what);

#endif

/* SPDX-License-Identifier: MIT */
/* The oracle: from sequence numbers alone, was every event of a channel delivered, once, on the
 * right CPU, and in the right order? What Xen's ABI promises: a send to a port that is pending
 * already coalesces with it; after send n the handler begins once more, and sees n or more. So
 * runs never exceed the sends, but for those that are granted by name: a bind_interdomain marks
 * the port that binds.
 *
 * One CPU drives: it opens, counts sends, moves and judges. Handlers run anywhere, and handlers
 * and other CPUs may count sends too: these fields are atomic. */
#ifndef LIB_STORM_CHECK_H
#define LIB_STORM_CHECK_H

#include <stdbool.h>
#include <stdint.h>

enum storm_violation {
	STORM_FINE,
	STORM_LOST,      /* at rest, and the handler has not seen the last send */
	STORM_DOUBLE,    /* at rest, and it ran more often than was sent and granted */
	STORM_WRONG_CPU, /* it ran where the channel is not */
	STORM_CLOSED,    /* it ran while the channel was closed */
	STORM_TWICE,     /* it ran on two CPUs at once */
	STORM_DISORDER,  /* a less urgent one came before a more urgent one */
	STORM_FAILED,    /* a call that must succeed did not */
	NR_STORM_VIOLATIONS,
};

struct storm_account {
	uint32_t sent;    /* the last sequence number given out */
	uint32_t seen;    /* the highest that a run has seen */
	uint32_t runs;
	uint32_t granted; /* runs that may come beyond the sends */
	uint32_t rest_sent, rest_runs, rest_granted; /* the same when it last was at rest */
	uint32_t inside;  /* a handler is running */
	uint32_t order;   /* of the last run, on a clock that all channels share */
	unsigned cpu;     /* where it belongs */
	uint64_t also[2]; /* where it may arrive as well, for now: a bit per CPU */
	unsigned priority;
	bool open;
};

const char *storm_violation_name(enum storm_violation v); /* "lost event" */

/* The channel is there from now on, on a CPU (< 128), with so many runs granted. */
void storm_opened(struct storm_account *a, unsigned cpu, unsigned granted);
/* From now on a run is a violation. What was sent and has not been seen is forgotten. */
void storm_closed(struct storm_account *a);
/* Before a send; the sequence number. */
uint32_t storm_sending(struct storm_account *a);
/* Around a move: meanwhile it may run on either CPU. may_lag: what had been queued on the old one
 * may come there still, until the channel has been at rest. */
void storm_moving(struct storm_account *a, unsigned cpu);
void storm_moved(struct storm_account *a, unsigned cpu, bool may_lag);

/* By the handler, around what it does. order: ever higher. */
enum storm_violation storm_enter(struct storm_account *a, unsigned cpu, uint32_t order);
void storm_leave(struct storm_account *a);

/* Has the last send been seen? */
bool storm_has_seen_all(const struct storm_account *a);
/* To be called when the channel is at rest, unmasked and not pending, and no handler of it runs:
 * the judgement on all since it last was. */
enum storm_violation storm_judge(struct storm_account *a);

/* Both were pending on one CPU before its scan began, and have run once since. */
enum storm_violation storm_judge_order(const struct storm_account *a,
				       const struct storm_account *b);

#endif

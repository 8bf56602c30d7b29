/* SPDX-License-Identifier: MIT */
/* The storm: seeded random traffic on loopback channels, judged by sequence numbers. lib/storm.h
 * decides what a step does, lib/storm_check.h what is right; here it is done.
 *
 *   cell.c     one cell: a route and an ABI, from the first step to its result line
 *   step.c     what each kind of step does
 *   slot.c     one channel: opening, closing, the handler
 *   peer.c     an event of another domain's across a switch
 *   tour.c     which cells there are, and the way from one to the next
 *   dump.c     what is printed when something is missing
 *   results.c  the JSON document */
#ifndef STORM_STORM_H
#define STORM_STORM_H

#include "arch/x86/percpu.h"
#include "lib/json.h"
#include "lib/latency.h"
#include "lib/storm.h"
#include "lib/storm_check.h"

enum storm_mode { STORM_HERE, STORM_OFF, STORM_ALL }; /* storm= on the command line */

/* A channel of the domain to itself. */
struct storm_slot {
	struct storm_account account;
	int near;        /* the port that listens; < 0: not open */
	int far;         /* the port that is sent on */
	int irq;
	uint32_t resend; /* so often the handler sends to itself */
	uint64_t stamp;  /* the TSC at a send that is timed; 0: none */
};

struct storm_counts {
	uint32_t runs, sends, moves, reopened;
	uint32_t granted; /* runs that were allowed beyond the sends, by a bind's mark */
	uint32_t steps;
	uint32_t rests; /* drains that found every event where it belongs */
};

struct storm_state {
	struct storm_params params;
	struct storm_slot slots[STORM_CHANNELS];
	struct storm_counts counts; /* of this cell; runs and sends: see storm_count() */
	uint32_t runs_on[NR_CPUS_MAX]; /* each CPU counts its own */
	struct latency latency;     /* TSC ticks from a send to its handler */
	uint32_t clock;             /* orders runs */
	uint32_t step;              /* the step that is being done */
	bool fifo, reaches_all;     /* of this cell */
	enum storm_violation violation; /* the first one, with where it was: */
	unsigned bad_slot;
	uint32_t bad_step;
	unsigned bad_cpu;
};

extern struct storm_state storm;

/* The first violation is kept. May be called by handlers. */
void storm_violate(enum storm_violation v, const struct storm_slot *slot);

/* --- slot.c --- */

/* 0 or -errno. far_end: the end that binds to the other listens, and finds itself marked. */
int storm_open(struct storm_slot *slot, bool far_end);
/* in_flight: with a send after the irq has gone. 0 or -errno. */
int storm_close(struct storm_slot *slot, bool in_flight);
void storm_send(struct storm_slot *slot);
int storm_move(struct storm_slot *slot, unsigned cpu);

/* --- step.c --- */

void storm_do(const struct storm_step *step);
/* Everything is unmasked, arrives, and is judged. False: a violation. */
bool storm_drain(void);

/* --- peer.c --- */

/* The same as storm_leave_pending() for the store's channel: the selftest that runs fails when no
 * event is left there. Then, behind the switch: has it come? True where there is no store. */
void storm_peer_leave_pending(void);
bool storm_peer_arrive(void);

/* --- cell.c --- */

/* Runs a storm on the route and the ABI that are in use, with at least `events` runs, and leaves
 * its result. The channels are opened if they are not, and stay. */
void storm_cell(void);
int storm_close_all(void); /* 0, or not 0 */
/* From here on sends and runs are the next cell's: those on the way to it are, too. */
void storm_count_anew(void);
/* Around a switch: events wait on channels, masked and not; afterwards the channels are where the
 * new route reaches. */
void storm_leave_pending(void);
void storm_arrive(void);
const char *storm_cell_name(void); /* of the cell that is running */

/* The state of the machine, for the first few cells that fail since _begin(). */
void storm_dump(void);
void storm_dumps_begin(void);
/* Around a cell; then, once, the document. */
void storm_results_begin(void);
void storm_results_add(void);
void storm_results_print(void);
/* The same document for somebody else, as it is now: with no cells, perhaps. Mainline. */
void storm_results_write(json_emit_fn *emit, void *ctx);

#endif

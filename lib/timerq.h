/* SPDX-License-Identifier: MIT */
/* A queue of deadlines, the earliest first; equal ones in the order they came. A sorted list: there
 * are a few at a time, and all that is asked often is the first. The caller serialises. */
#ifndef LIB_TIMERQ_H
#define LIB_TIMERQ_H

#include <stdbool.h>
#include <stdint.h>

struct timerq_entry {
	uint64_t deadline;
	struct timerq_entry *next;
	bool queued;
};

struct timerq {
	struct timerq_entry *first;
};

/* Queues an entry that is in no queue. True: it is the first now. */
bool timerq_insert(struct timerq *q, struct timerq_entry *e, uint64_t deadline);
/* True when it was there. */
bool timerq_remove(struct timerq *q, struct timerq_entry *e);
/* Takes out the first entry if its deadline is not after now; NULL: there is none. */
struct timerq_entry *timerq_expire(struct timerq *q, uint64_t now);

#endif

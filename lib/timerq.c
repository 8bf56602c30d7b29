/* SPDX-License-Identifier: MIT */
#include "lib/timerq.h"

#include <stddef.h>

bool timerq_insert(struct timerq *q, struct timerq_entry *e, uint64_t deadline)
{
	struct timerq_entry **link = &q->first;

	while (*link && (*link)->deadline <= deadline)
		link = &(*link)->next;
	e->deadline = deadline;
	e->queued = true;
	e->next = *link;
	*link = e;
	return link == &q->first;
}

bool timerq_remove(struct timerq *q, struct timerq_entry *e)
{
	struct timerq_entry **link = &q->first;

	while (*link && *link != e)
		link = &(*link)->next;
	if (!*link)
		return false;
	*link = e->next;
	e->queued = false;
	return true;
}

struct timerq_entry *timerq_expire(struct timerq *q, uint64_t now)
{
	struct timerq_entry *e = q->first;

	if (!e || e->deadline > now)
		return NULL;
	q->first = e->next;
	e->queued = false;
	return e;
}

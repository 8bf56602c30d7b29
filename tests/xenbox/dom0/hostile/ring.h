/* SPDX-License-Identifier: MIT */
/* The backend's side of a ring (public/io/ring.h), and its channel. As honest as can be; what
 * is not lies in its last function. */
#ifndef HOSTILE_RING_H
#define HOSTILE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenevtchn.h>
#include <xengnttab.h>

#include "plan.h"

#define RING_PAGES_MAX 16u

/* The two halves of the frontend's word on a ring, and what is made of them. */
struct ring {
	uint32_t refs[RING_PAGES_MAX];
	unsigned pages;
	uint32_t remote; /* the frontend's port */
	void *page;      /* NULL: not mapped */
	evtchn_port_t port;
	bool shares_port; /* another ring has bound it */
	uint16_t slot;    /* bytes */
	uint32_t slots;
	uint32_t taken, put, pushed; /* requests, responses, those told of; run freely */
	bool broken;                 /* the frontend's index cannot be true */
	bool played;                 /* ours cannot, and stays as it is: until the ring begins anew */
};

/* Of the slots that fit behind the header, as many as the largest power of two. */
void ring_begin(struct ring *r, uint16_t slot);
/* Copies the next request. False: there is none now. */
bool ring_take(struct ring *r, void *request, size_t size);
/* Requests that are there and were not taken. */
uint32_t ring_waiting(const struct ring *r);
/* Asks for an event with the next request. True: one has come meanwhile. */
bool ring_await(struct ring *r);
/* The next response; nobody sees it before ring_push. */
void ring_put(struct ring *r, const void *response, size_t size);
/* True: the frontend wants an event. */
bool ring_push(struct ring *r);

/* What the tricks of that name do instead of an answer; the frontend is to be notified. */
void ring_play_index(struct ring *r, enum trick trick);
void ring_scribble(struct ring *r);

#endif

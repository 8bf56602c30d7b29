/* SPDX-License-Identifier: MIT */
/* The frontend's side of a shared ring (public/io/ring.h): requests go in, responses come out
 * of the same slots. Pure logic. The page belongs to both: our indices are kept here and never
 * read back, the backend's is read once and believed only as far as it can be true, a response
 * is copied before anybody looks at it. The caller serialises. */
#ifndef LIB_FRONT_RING_H
#define LIB_FRONT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a protocol, in bytes. */
struct front_ring_shape {
	uint16_t slot; /* the union of both */
	uint16_t request, response;
};

/* name is the first argument of the public header's DEFINE_RING_TYPES. */
#define FRONT_RING_SHAPE(name)                                            \
	{                                                                 \
		.slot = sizeof(union name##_sring_entry),                 \
		.request = sizeof(((union name##_sring_entry *)0)->req),  \
		.response = sizeof(((union name##_sring_entry *)0)->rsp), \
	}

#define FRONT_RING_BYTES_MAX (1u << 20)

struct front_ring {
	void *page; /* shared; several pages lie one behind the other */
	struct front_ring_shape shape;
	uint32_t slots; /* a power of two: the indices run freely */
	/* All private: put and pushed are req_prod, not yet and already told to the backend;
	 * taken is rsp_cons; seen is rsp_prod as it was read last. taken <= seen <= pushed <=
	 * put, and put - taken <= slots, all modulo 2^32. */
	uint32_t put, pushed, taken, seen;
	int err; /* what the backend did to it, for good; 0: it lives */
};

/* Clears the bytes of the ring, which no backend may know yet, and begins with indices of 0. 0;
 * -EINVAL: not a single slot fits, more than FRONT_RING_BYTES_MAX, or a shape that is none. */
int front_ring_begin(struct front_ring *r, void *page, size_t bytes,
		     const struct front_ring_shape *shape);

/* Requests that can be put before a response has to be taken. */
uint32_t front_ring_room(const struct front_ring *r);
/* A request of shape.request bytes is copied into the next slot; the backend does not see it
 * yet. 0; -ENOSPC: no room; what killed the ring. */
int front_ring_put(struct front_ring *r, const void *request);
/* The backend sees what was put. True: it sleeps, or says so, and is to be notified. */
bool front_ring_push(struct front_ring *r);

/* Copies the next response, shape.response bytes. 1; 0: there is none now, and nobody will
 * notify: see front_ring_await; or what killed the ring, now or earlier. Taking ends after as
 * many responses as there were requests, whatever the backend does. */
int front_ring_take(struct front_ring *r, void *response);
/* Asks to be notified of the next response, then looks whether it has come meanwhile. 1: there
 * is something to take; 0: a notification will come; or what killed the ring. */
int front_ring_await(struct front_ring *r);
/* What has been asked to be notified of moves on, until two thirds of what is out are answered:
 * answers that may wait for each other come in together. Whoever uses it looks by itself from
 * time to time, lest one that is late hold up the others. */
void front_ring_hold(struct front_ring *r);

/* What kills a ring, until it is begun anew with a backend that begins anew as well:
 * -EOVERFLOW: rsp_prod says that more was answered than was asked;
 * -EILSEQ: it went backwards;
 * -ERANGE: it jumped further than the ring is long, in either direction.
 * A sentence for each. */
const char *front_ring_error(int err);

#endif

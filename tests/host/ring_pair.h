/* SPDX-License-Identifier: MIT */
/* Both ends of a shared ring: the frontend's under test, and a backend by the header's macros.
 */
#ifndef TESTS_HOST_RING_PAIR_H
#define TESTS_HOST_RING_PAIR_H

#include "tests/host/test.h"

#define xen_mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#include <xen/io/ring.h>

#include "lib/front_ring.h"

/* b is ~a, and the answer is a + 1. */
struct message {
	uint64_t a, b;
};
struct reply {
	uint64_t a;
};
DEFINE_RING_TYPES(toy, struct message, struct reply);

extern const struct front_ring_shape toy_shape;

struct pair {
	struct front_ring front;
	toy_back_ring_t back;
	struct toy_sring *shared; /* allocated to the byte */
	unsigned notified;        /* the frontend was, so often */
};

struct pair *pair_new(size_t bytes);
void pair_free(struct pair *p);
/* As if so many messages had come and gone. */
void pair_set(struct pair *p, uint32_t at);
/* The backend answers up to max requests; true: it goes to sleep, there were no more. */
bool pair_serve(struct pair *p, unsigned max);
int pair_put(struct pair *p, uint64_t a);
/* As front_ring_take(). */
int pair_take(struct pair *p, uint64_t *a);

#endif

/* SPDX-License-Identifier: MIT */
/* Watch events between the interrupt that brings them and the mainline that looks at them: a
 * few paths in a fixed buffer. Pure logic; the caller serialises. */
#ifndef LIB_XS_QUEUE_H
#define LIB_XS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XS_QUEUE_SIZE 1024u

struct xs_queue {
	uint32_t length;
	char bytes[XS_QUEUE_SIZE]; /* an id, a path, a NUL, again and again */
};

/* False: there is no room for it, and nothing has changed. */
bool xs_queue_put(struct xs_queue *q, uint32_t id, const char *path);
/* The oldest one; path has XS_QUEUE_SIZE bytes. False: there is none. */
bool xs_queue_take(struct xs_queue *q, uint32_t *id, char *path);

#endif

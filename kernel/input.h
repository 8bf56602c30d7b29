/* SPDX-License-Identifier: MIT */
/* What is typed on a console: its driver's interrupt takes it into a small ring, and whoever reads
 * the ring makes room for more. While the ring is full the rest stays in the device. */
#ifndef KERNEL_INPUT_H
#define KERNEL_INPUT_H

#include <stdbool.h>

#include "kernel/spinlock.h"
#include "lib/byte_ring.h"

struct input {
	/* One byte from the device, false: it has none. Under the lock. */
	bool (*get)(struct input *in, char *byte);
	/* Bytes have been taken: the other side may have waited. Under the lock. NULL: nothing. */
	void (*taken)(struct input *in);
	/* Interrupts from now on, whose handler calls input_pull(). 0; -errno: there are none. */
	int (*start)(struct input *in);
	void (*stop)(struct input *in); /* after start() has said 0 */
	void *ctx; /* the driver's */
	struct byte_ring ring;
	struct spinlock lock;
	bool polled; /* nothing interrupts: somebody has to look */
};

/* Before input is read; and whoever wants the device's interrupts to be silent, or his, stops it
 * meanwhile: what is typed stays in the device. Interrupts must be enabled. */
void input_start(struct input *in);
void input_stop(struct input *in);
/* From the device into the ring; the reader is woken. */
void input_pull(struct input *in);
/* Looks at the device as well: an event of which nobody has told is not overlooked. */
bool input_is_waiting(struct input *in);
/* False: nothing has been typed. */
bool input_read(struct input *in, char *byte);

#endif

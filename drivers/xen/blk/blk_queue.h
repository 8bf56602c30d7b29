/* SPDX-License-Identifier: MIT */
/* The driver's own view of a disk and its queues. Each queue has a ring, a channel, an irq, its
 * pages, and one lock, which is all that an io takes on its way. */
#ifndef DRIVERS_XEN_BLK_BLK_QUEUE_H
#define DRIVERS_XEN_BLK_BLK_QUEUE_H

#include "drivers/xen/blk/blk_pool.h"
#include "drivers/xen/blk/blkfront.h"
#include "drivers/xen/xenbus.h"
#include "kernel/irq.h"
#include "kernel/spinlock.h"
#include "kernel/timer.h"
#include "lib/blk_layout.h"
#include "lib/blk_name.h"
#include "lib/blk_request.h"
#include "lib/front_ids.h"
#include "lib/front_ring.h"

#define BLK_RING_PAGES_MAX (1u << BLK_RING_ORDER_MAX)

/* Ios in the order in which they came. */
struct blk_ios {
	struct blkfront_io *first, *last;
};

/* A request without an answer. */
struct blk_slot {
	union blk_request request;
	struct blk_piece piece;
	struct blkfront_io *io;
	uint16_t pages; /* of the pool: one for each segment, then one for descriptors */
};

struct blk_queue {
	struct blkfront *disk;
	char name[BLK_NAME_SIZE + 8]; /* "xvda-q0" */
	int port, irq;                /* port 0: none */
	void *ring_pages;
	grant_ref_t ring_refs[BLK_RING_PAGES_MAX];

	/* All below under the lock. */
	struct spinlock lock;
	bool live; /* both ends are connected */
	struct front_ring ring;
	struct front_ids ids;
	struct front_ids_slot *id_slots;
	struct blk_slot *slots;
	struct blk_pool pool;
	bool wants;                         /* more pages, where there may be more */
	grant_ref_t refs[BLK_SEGMENTS_MAX]; /* of the request that is being made */
	struct blk_ios ios;                 /* not done yet */
	struct blkfront_io *unsent;         /* the first that is not all sent, or NULL */
	struct blkfront_counts counts;
	uint64_t answers, seen; /* taken; of these at the last tick of blk_stall.c */
	bool due;  /* the backend is to be notified, and has not been yet */
	bool late; /* some waited for others that did not come: none waits until all are in */
};

enum blk_state {
	BLK_DOWN,   /* not connected: nothing is taken */
	BLK_PARKED, /* on the way from one backend to the next: ios wait */
	BLK_LIVE,
};

struct blkfront {
	struct blkfront *next;
	struct xenbus_device *dev; /* NULL: it is gone, and only in use still */
	char name[BLK_NAME_SIZE];
	uint16_t handle;
	unsigned users;
	struct blk_layout layout;
	struct blk_disk disk;
	struct blk_queue *queues; /* layout.queues; NULL: none */
	uint32_t turn;            /* which queue is next */
	uint32_t roamed;          /* and whose irq: blkfront_roam() */
	bool broken;              /* the backend is at fault, until the next one */

	/* Under the lock. A state is read without it, and looked at again with it. */
	struct spinlock lock;
	enum blk_state state;
	struct blk_ios parked;

	struct xenstore_watch resize;
	char resize_path[140];

	struct timer timer;
	bool watched;                  /* the timer is on its way */
	uint32_t patience, idle_ticks; /* seconds */
	uint64_t seen_answers;
};

/* --- blk_queue.c: what a queue consists of --- */

/* Ring, pages, channel and irq of a queue that is all zeros but for disk. 0 or -errno; what
 * there is is to be closed then as well. Mainline. */
int blk_queue_open(struct blk_queue *q, unsigned index);
void blk_queue_close(struct blk_queue *q);
/* The queue's alone; NULL: it has none, or with daisy off shares the upcall's. */
struct irq *blk_queue_own_irq(const struct blk_queue *q);
/* Its irq moves on to the next CPU, where it has one of its own. Mainline. */
void blk_queue_roam(const struct blk_queue *q);
/* The ring as at the beginning, for another backend; nothing is out. 0 or -EINVAL. */
int blk_queue_begin(struct blk_queue *q);

/* --- blk_keys.c: what stands in the store --- */

uint32_t blk_keys_number(const struct xenbus_device *dev); /* device/vbd/<number> */
int blk_keys_read_transport(struct blkfront *disk, struct blk_transport *t);
int blk_keys_read_disk(struct blkfront *disk, struct blk_disk *d);
int blk_keys_write(struct blkfront *disk);

/* --- blk_ring.c: under the queue's lock --- */

/* Sends what there is room for, and notes in due whether the backend is to be notified. Ios that end
 * here are put into done. */
void blk_ring_send(struct blk_queue *q, struct blk_ios *done);
/* Takes all answers; ios that end by them are put into done. 0, or what the backend did, *what
 * a sentence. */
int blk_ring_take(struct blk_queue *q, struct blk_ios *done, const char **what);

/* --- blk_grow.c --- */

/* Under the queue's lock: its pool has been too small for what there is to send. */
void blk_queue_want(struct blk_queue *q);

/* --- blk_io.c --- */

/* The backend hears of what it does not know yet. No lock held. */
void blk_queue_notify(struct blk_queue *q);

irq_handler_fn blk_queue_irq;
/* Takes what has been answered. True: something was. */
bool blk_queue_receive(struct blk_queue *q);
/* Nothing of it is sent, from now on. 0, or why the disk cannot do it. */
int blk_io_begin(const struct blkfront *disk, struct blkfront_io *io);
/* To a queue, or to those that wait. 0 or -ENODEV. No lock held. */
int blk_io_add(struct blkfront *disk, struct blkfront_io *io);
void blk_ios_append(struct blk_ios *list, struct blkfront_io *io);
void blk_ios_remove(struct blk_ios *list, struct blkfront_io *io);
void blk_ios_move(struct blk_ios *to, struct blk_ios *from);
/* Each is done, with err unless that is 0. No lock held. */
void blk_ios_end(struct blk_ios *list, int err);

/* --- blk_state.c --- */

/* From now on ios go to the queues; those that waited first. */
void blk_go_live(struct blkfront *disk);
/* From now on ios wait; those that are out as well. */
void blk_go_parked(struct blkfront *disk);
/* From now on none is taken; those that there are end with -ENODEV. */
void blk_go_down(struct blkfront *disk);
/* The backend is at fault. Any context, no lock held. */
void blk_break(struct blkfront *disk, int err, const char *what);
/* Is there an io that is not done? */
bool blk_is_busy(struct blkfront *disk);

/* --- blk_resize.c: a disk of another size --- */

void blk_resize_watch(struct blkfront *disk);
void blk_resize_unwatch(struct blkfront *disk);
/* What the backend says now is looked at. */
void blk_resize(struct blkfront *disk);

/* --- blk_user.c: which disks there are --- */

extern struct blkfront *blk_disks;

/* --- blk_stall.c: a backend that does not answer --- */

void blk_stall_init(struct blkfront *disk);
/* An io is on its way. */
void blk_stall_watch(struct blkfront *disk);
/* Nobody looks any more, and the queues may go: until the next io. */
void blk_stall_end(struct blkfront *disk);

#endif

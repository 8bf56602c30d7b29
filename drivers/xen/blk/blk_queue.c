/* SPDX-License-Identifier: MIT */
/* What a queue consists of: a ring, pages for data, a channel, an irq. */
#include "drivers/xen/blk/blk_queue.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/grant.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/printf.h"

_Static_assert(sizeof(struct blk_slot) + sizeof(struct front_ids_slot) <= BLK_LAYOUT_SLOT,
	       "lib/blk_layout.h counts with less");

/* Runs that a fast disk may have; each takes answers, of which there are no more than requests.
 * What brakes a backend that makes events without answers is that they are spurious. */
#define BUDGET    1024u
#define WINDOW_NS (20 * NS_PER_MS)

static const struct front_ring_shape shape = FRONT_RING_SHAPE(blkif);

static unsigned ring_pages(const struct blk_queue *q)
{
	return 1u << q->disk->layout.ring_order;
}

int blk_queue_begin(struct blk_queue *q)
{
	int err = front_ring_begin(&q->ring, q->ring_pages, ring_pages(q) * PAGE_SIZE, &shape);

	blk_pool_reset(&q->pool);
	q->due = false;
	return err ? err : front_ids_init(&q->ids, q->id_slots, q->ring.slots, 64);
}

static int queue_open_ring(struct blk_queue *q)
{
	unsigned pages = ring_pages(q);
	int err;

	q->ring_pages = pages_alloc(pages);
	if (!q->ring_pages)
		return -ENOMEM;
	err = grant_access_pages(q->disk->dev->backend_id, q->ring_pages, pages, false,
				 q->ring_refs);
	if (err) {
		q->ring_pages = NULL;
		return err;
	}
	/* How many slots there are, the ring says; it is not more than fit without its header.
	 */
	q->slots = heap_alloc(pages * PAGE_SIZE / shape.slot * sizeof(*q->slots));
	q->id_slots = heap_alloc(pages * PAGE_SIZE / shape.slot * sizeof(*q->id_slots));
	return q->slots && q->id_slots ? blk_queue_begin(q) : -ENOMEM;
}

/* The backend may send as often as it likes: hence a brake, where the irq is the queue's own.
 */
static int queue_open_irq(struct blk_queue *q)
{
	int irq = evtchn_irq_request_flags((evtchn_port_t)q->port, blk_queue_irq, q,
					   evtchn_daisy() ? IRQ_UNTRUSTED : 0, q->name);

	q->irq = irq;
	if (irq < 0)
		return irq;
	if (evtchn_daisy())
		irq_set_brake((unsigned)irq, BUDGET, WINDOW_NS);
	return 0;
}

struct irq *blk_queue_own_irq(const struct blk_queue *q)
{
	return q->port && evtchn_daisy() ? irq_get((unsigned)q->irq) : NULL;
}

/* Each at home on another CPU, where the route reaches it: else it stays where it is. */
static void queue_spread(const struct blk_queue *q, unsigned index)
{
	unsigned cpu = index % nr_cpus;

	if (evtchn_daisy() && cpu_is_online(cpu))
		irq_set_affinity((unsigned)q->irq, cpu);
}

int blk_queue_open(struct blk_queue *q, unsigned index)
{
	int err = queue_open_ring(q);

	fmt_snprintf(q->name, sizeof(q->name), "%s-q%u", q->disk->name, index);
	if (!err)
		err = blk_pool_open(&q->pool, q->disk->dev->backend_id, q->disk->layout.pool);
	if (err)
		return err;
	err = evtchn_alloc_unbound(q->disk->dev->backend_id);
	if (err < 0)
		return err;
	q->port = err;
	err = queue_open_irq(q);
	if (!err)
		queue_spread(q, index);
	return err;
}

void blk_queue_roam(const struct blk_queue *q)
{
	struct irq *irq = blk_queue_own_irq(q);
	unsigned cpu = irq ? ((unsigned)irq_home(irq) + 1) % nr_cpus : 0;

	if (irq && cpu_is_online(cpu))
		irq_set_affinity(irq->number, cpu);
}

void blk_queue_close(struct blk_queue *q)
{
	if (q->port) {
		evtchn_irq_free_wait((evtchn_port_t)q->port, q);
		evtchn_close((evtchn_port_t)q->port);
	}
	if (q->ring_pages)
		grant_end_all(q->ring_refs, ring_pages(q), q->ring_pages);
	blk_pool_close(&q->pool);
	heap_free(q->slots);
	heap_free(q->id_slots);
	*q = (struct blk_queue){.disk = q->disk};
}

/* SPDX-License-Identifier: MIT */
/* Between ios and a ring: what is sent, and what comes of an answer. All of it under the
 * queue's lock. */
#include "drivers/xen/blk/blk_queue.h"

#include "lib/errno.h"
#include "lib/string.h"

_Static_assert(BLK_SEGMENTS_MAX * sizeof(struct blkif_request_segment) <= BLK_PAGE,
	       "one page of descriptors is enough");

/* --- data --- */

/* Segment by segment, between the buffer and the pages that are the backend's as well. */
static void piece_copy(struct blk_queue *q, const struct blk_slot *slot, bool out)
{
	uint16_t page = slot->pages;

	for (uint32_t i = 0; i < slot->piece.segments; i++, page = q->pool.next[page]) {
		struct blk_segment seg = blk_piece_segment(&slot->piece, i);
		size_t at = seg.first_sect * BLK_SECTOR;
		size_t bytes = (seg.last_sect - seg.first_sect + 1) * BLK_SECTOR;
		char *shared = (char *)blk_pool_page(&q->pool, page) + at;
		char *own = (char *)(uintptr_t)seg.page + at;

		memcpy(out ? shared : own, out ? own : shared, bytes);
	}
}

/* --- sending --- */

/* Pages for its segments and descriptors, and their grants. 0 or -ENOSPC: not now. */
static int piece_take_pages(struct blk_queue *q, struct blk_slot *slot)
{
	uint32_t count = slot->piece.segments + blk_indirect_pages(slot->piece.segments);
	uint16_t page = blk_pool_take(&q->pool, count);

	slot->pages = page;
	if (page == BLK_POOL_END) {
		blk_queue_want(q);
		return -ENOSPC;
	}
	for (uint32_t i = 0; i < slot->piece.segments; i++, page = q->pool.next[page])
		q->refs[i] = q->pool.refs[page];
	return 0;
}

static void piece_build(struct blk_queue *q, struct blk_slot *slot, struct blk_tag tag)
{
	uint16_t page = slot->pages;

	if (!blk_indirect_pages(slot->piece.segments)) {
		blk_request_direct(&slot->request, tag, &slot->piece, q->refs);
		return;
	}
	while (q->pool.next[page] != BLK_POOL_END)
		page = q->pool.next[page];
	blk_request_indirect(&slot->request, tag, &slot->piece, q->refs,
			     blk_pool_page(&q->pool, page), &q->pool.refs[page]);
}

/* The next piece of a read or write into a slot. */
static int slot_fill_piece(struct blk_queue *q, struct blk_slot *slot, struct blk_tag tag)
{
	struct blk_split rest = slot->io->split;
	int err;

	blk_split_next(&rest, &slot->piece);
	err = piece_take_pages(q, slot);
	if (err)
		return err;
	slot->io->split = rest;
	slot->io->unsent = rest.left.count;
	if (slot->piece.write)
		piece_copy(q, slot, true);
	piece_build(q, slot, tag);
	q->counts.bytes += (uint64_t)slot->piece.count * BLK_SECTOR;
	return 0;
}

static int slot_fill(struct blk_queue *q, struct blk_slot *slot, struct blk_tag tag)
{
	struct blkfront_io *io = slot->io;

	slot->pages = BLK_POOL_END;
	if (io->what == BLKFRONT_READ || io->what == BLKFRONT_WRITE)
		return slot_fill_piece(q, slot, tag);
	io->unsent = false;
	if (io->what == BLKFRONT_FLUSH)
		return blk_request_flush(&slot->request, tag, &q->disk->disk);
	return blk_request_discard(&slot->request, tag, &q->disk->disk, io->first, io->count,
				   false);
}

/* A request of an io that has one left. 0; -ENOSPC: no room now; else the io's error. */
static int io_send(struct blk_queue *q, struct blkfront_io *io)
{
	struct blk_tag tag = {.handle = q->disk->handle};
	int i, err;

	i = front_ids_take(&q->ids, &tag.id);
	if (i < 0)
		return -ENOSPC;
	q->slots[i].io = io;
	err = slot_fill(q, &q->slots[i], tag);
	if (!err) /* there are as many ids as slots: the ring has room */
		err = front_ring_put(&q->ring, &q->slots[i].request);
	if (err) {
		front_ids_answer(&q->ids, tag.id);
		return err;
	}
	io->out++;
	q->counts.requests++;
	return 0;
}

static void io_end_if_done(struct blk_queue *q, struct blkfront_io *io, struct blk_ios *done)
{
	if (io->unsent || io->out)
		return;
	if (q->unsent == io)
		q->unsent = io->next;
	blk_ios_remove(&q->ios, io);
	blk_ios_append(done, io);
}

static void io_fail(struct blkfront_io *io, int err)
{
	if (!io->result)
		io->result = err;
	io->unsent = false;
}

void blk_ring_send(struct blk_queue *q, struct blk_ios *done)
{
	struct blkfront_io *io;
	int err = 0;

	while (q->live && (io = q->unsent) && err != -ENOSPC) {
		if (!io->unsent) {
			q->unsent = io->next;
			continue;
		}
		err = io_send(q, io);
		if (err && err != -ENOSPC) {
			io_fail(io, err);
			io_end_if_done(q, io, done);
		}
	}
	if (!q->live)
		return;
	q->due |= front_ring_push(&q->ring);
	if (!__atomic_load_n(&q->late, __ATOMIC_RELAXED))
		front_ring_hold(&q->ring); /* blk_stall.c looks */
}

/* --- answers --- */

/* The disk does not do it, whatever it has announced: it is not asked for again. */
static void feature_off(struct blk_queue *q, const struct blk_slot *slot)
{
	struct blk_disk *d = &q->disk->disk;

	switch (slot->request.direct.operation) {
	case BLKIF_OP_FLUSH_DISKCACHE:
		d->flush = false;
		break;
	case BLKIF_OP_WRITE_BARRIER:
		d->barrier = false;
		break;
	case BLKIF_OP_DISCARD:
		d->discard = false;
		break;
	}
}

static void slot_end(struct blk_queue *q, struct blk_slot *slot, int result,
		     struct blk_ios *done)
{
	struct blkfront_io *io = slot->io;

	if (!result && io->what == BLKFRONT_READ)
		piece_copy(q, slot, false);
	blk_pool_put(&q->pool, slot->pages);
	if (result == -EOPNOTSUPP)
		feature_off(q, slot);
	if (result)
		io_fail(io, result);
	io->out--;
	io_end_if_done(q, io, done);
}

static int answer_take(struct blk_queue *q, const struct blkif_response *rsp,
		       struct blk_ios *done, const char **what)
{
	int slot, result, err;

	slot = front_ids_answer(&q->ids, rsp->id);
	if (slot < 0) {
		*what = front_ids_error(slot);
		return slot;
	}
	err = blk_response_check(rsp, &q->slots[slot].request, &result);
	if (err) {
		*what = blk_response_error(err);
		/* Its id is no longer out, its io is: it ends with the others. */
		return err;
	}
	q->answers++;
	slot_end(q, &q->slots[slot], result, done);
	return 0;
}

int blk_ring_take(struct blk_queue *q, struct blk_ios *done, const char **what)
{
	struct blkif_response rsp;
	int n, err = 0;

	do {
		while (!err && (n = front_ring_take(&q->ring, &rsp)) > 0)
			err = answer_take(q, &rsp, done, what);
		if (!err && !n)
			n = front_ring_await(&q->ring);
	} while (!err && n > 0);
	if (q->ring.taken == q->ring.pushed)
		__atomic_store_n(&q->late, false, __ATOMIC_RELAXED);
	if (!err && n < 0)
		*what = front_ring_error(err = n);
	return err;
}

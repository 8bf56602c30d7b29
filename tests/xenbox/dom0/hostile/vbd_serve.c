/* SPDX-License-Identifier: MIT */
/* Requests of a block device, and the tricks that lie in their answers. */
#include <stdint.h>

#include <xen/grant_table.h>

#include "say.h"
#include "vbd.h"

#define PAGE          4096u
#define SEGS_PER_PAGE (PAGE / sizeof(struct blkif_request_segment))
#define SEGS_MAX      (SEGS_PER_PAGE * BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST)

/* As long as the ring's slot, whatever its operation. */
union request {
	struct blkif_request direct;
	struct blkif_request_indirect indirect;
	struct blkif_request_discard discard;
};

/* --- answers --- */

static void vbd_answer(struct device *d, struct ring *r, const union request *req,
		       int16_t status)
{
	struct vbd *v = d->own;
	struct blkif_response rsp = {
		.id = req->direct.id, .operation = req->direct.operation, .status = status};

	if (plan_due(&d->plan, TRICK_ID_UNKNOWN))
		rsp.id = ~rsp.id;
	else if (v->answered && plan_due(&d->plan, TRICK_ID_TWICE))
		rsp.id = v->last;
	else if (plan_due(&d->plan, TRICK_OPERATION_WRONG))
		rsp.operation = 77;
	else if (plan_due(&d->plan, TRICK_STATUS_UNKNOWN))
		rsp.status = 5;
	else if (plan_due(&d->plan, TRICK_STATUS_ERROR))
		rsp.status = BLKIF_RSP_ERROR;
	else if (plan_due(&d->plan, TRICK_STATUS_UNSUPPORTED))
		rsp.status = BLKIF_RSP_EOPNOTSUPP;
	ring_put(r, &rsp, sizeof(rsp));
	v->last = req->direct.id;
	v->answered = true;
	d->plan.served++;
}

/* --- requests --- */

static int16_t vbd_io(struct device *d, const struct disk_io *io)
{
	struct vbd *v = d->own;

	if (io->count && plan_due(&d->plan, TRICK_GRANT_KEPT))
		device_keep_grant(d, io->seg[0].gref, io->write);
	return disk_do(&v->disk, d->gnttab, d->store.domid, io);
}

static int16_t vbd_direct(struct device *d, const union request *req)
{
	struct disk_io io = {
		.write = req->direct.operation != BLKIF_OP_READ,
		.sector = req->direct.sector_number,
		.seg = req->direct.seg,
		.count = req->direct.nr_segments,
	};

	if (!io.count || io.count > BLKIF_MAX_SEGMENTS_PER_REQUEST) {
		say("a request of %u segments", io.count);
		return BLKIF_RSP_ERROR;
	}
	return vbd_io(d, &io);
}

/* The descriptors' pages, copied before they are looked at. */
static int16_t vbd_indirect(struct device *d, const union request *req)
{
	static struct blkif_request_segment seg[SEGS_MAX];
	const struct blkif_request_indirect *in = &req->indirect;
	struct disk_io io = {.write = in->indirect_op == BLKIF_OP_WRITE,
			     .sector = in->sector_number,
			     .seg = seg,
			     .count = in->nr_segments};

	if (!io.count || io.count > d->options->indirect || io.count > SEGS_MAX) {
		say("an indirect request of %u segments", io.count);
		return BLKIF_RSP_ERROR;
	}
	for (unsigned i = 0; i * SEGS_PER_PAGE < io.count; i++) {
		xengnttab_grant_copy_segment_t copy = {
			.source.foreign = {.ref = in->indirect_grefs[i],
					   .domid = (uint16_t)d->store.domid},
			.dest.virt = seg + i * SEGS_PER_PAGE,
			.len = PAGE,
			.flags = GNTCOPY_source_gref,
		};

		if (xengnttab_grant_copy(d->gnttab, 1, &copy) || copy.status != GNTST_okay) {
			say("page %u of descriptors cannot be copied", i);
			return BLKIF_RSP_ERROR;
		}
	}
	return vbd_io(d, &io);
}

static int16_t vbd_do(struct device *d, const union request *req)
{
	struct vbd *v = d->own;

	switch (req->direct.operation) {
	case BLKIF_OP_WRITE_BARRIER:
		say("a barrier");
		return req->direct.nr_segments ? vbd_direct(d, req) : BLKIF_RSP_OKAY;
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
		return vbd_direct(d, req);
	case BLKIF_OP_INDIRECT:
		return vbd_indirect(d, req);
	case BLKIF_OP_FLUSH_DISKCACHE:
		say("a flush");
		return BLKIF_RSP_OKAY;
	case BLKIF_OP_DISCARD:
		return disk_clear(&v->disk, req->discard.sector_number,
				  req->discard.nr_sectors);
	default:
		say("operation %u is unknown", req->direct.operation);
		return BLKIF_RSP_EOPNOTSUPP;
	}
}

void vbd_serve(struct device *d, struct ring *r)
{
	union request req;

	do {
		while (ring_take(r, &req, sizeof(req))) {
			if (plan_on(&d->plan, TRICK_NEVER_ANSWERS))
				continue;
			vbd_answer(d, r, &req, vbd_do(d, &req));
		}
		if (ring_push(r))
			device_notify(d, r);
	} while (ring_await(r));
}

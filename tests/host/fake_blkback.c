/* SPDX-License-Identifier: MIT */
#include "tests/host/fake_blkback.h"

void blkback_connect(struct fake_blkback *b, void *page, size_t bytes)
{
	BACK_RING_INIT(&b->ring, (struct blkif_sring *)page, bytes);
	b->nr_done = 0;
}

/* NULL: nobody has granted that. */
static uint8_t *blkback_map(const struct fake_blkback *b, grant_ref_t ref)
{
	if (ref < GUEST_REF || ref - GUEST_REF >= b->guest_pages)
		return NULL;
	return b->guest + (size_t)(ref - GUEST_REF) * BLK_PAGE;
}

static bool blkback_move(struct fake_blkback *b, const struct blkif_request_segment *seg,
			 uint64_t sector, bool write)
{
	uint32_t count = seg->last_sect - seg->first_sect + 1u;
	uint8_t *page = blkback_map(b, seg->gref), *disk = b->bytes + sector * BLK_SECTOR;

	if (!page || seg->first_sect > seg->last_sect || seg->last_sect >= 8 ||
	    (sector | count) * BLK_SECTOR % b->disk.sector_size ||
	    sector + count > b->disk.sectors)
		return false;
	page += seg->first_sect * BLK_SECTOR;
	memcpy(write ? disk : page, write ? page : disk, count * BLK_SECTOR);
	return true;
}

/* The i-th segment, wherever it stands. NULL: nowhere. */
static const struct blkif_request_segment *
blkback_segment(const struct fake_blkback *b, const struct blkif_request *req, uint32_t i)
{
	const struct blkif_request_indirect *indirect = (const void *)req;
	const uint8_t *table;

	if (req->operation != BLKIF_OP_INDIRECT)
		return &req->seg[i];
	table = blkback_map(b, indirect->indirect_grefs[i / 512]);
	return table ? (const void *)(table + i % 512 * 8) : NULL;
}

/* What a response names as well, as Linux's does: of an indirect request the inner operation.
 */
static uint8_t request_operation(const struct blkif_request *req)
{
	const struct blkif_request_indirect *indirect = (const void *)req;

	return req->operation == BLKIF_OP_INDIRECT ? indirect->indirect_op : req->operation;
}

static bool blkback_transfer(struct fake_blkback *b, const struct blkif_request *req)
{
	const struct blkif_request_indirect *indirect = (const void *)req;
	bool is_indirect = req->operation == BLKIF_OP_INDIRECT;
	uint32_t n = is_indirect ? indirect->nr_segments : req->nr_segments;
	uint8_t operation = request_operation(req);
	uint64_t sector = req->sector_number;

	if (!n || n > (is_indirect ? b->disk.segments : BLKIF_MAX_SEGMENTS_PER_REQUEST) ||
	    operation > BLKIF_OP_WRITE)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		const struct blkif_request_segment *seg = blkback_segment(b, req, i);

		if (!seg || !blkback_move(b, seg, sector, operation == BLKIF_OP_WRITE))
			return false;
		sector += seg->last_sect - seg->first_sect + 1u;
	}
	return true;
}

static void blkback_answer(struct fake_blkback *b, unsigned i)
{
	int notify;

	*RING_GET_RESPONSE(&b->ring, b->ring.rsp_prod_pvt++) = b->done[i];
	b->done[i] = b->done[--b->nr_done];
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&b->ring, notify);
	(void)notify; /* this frontend looks without being asked */
}

void blkback_run(struct fake_blkback *b, bool all)
{
	while (RING_HAS_UNCONSUMED_REQUESTS(&b->ring)) {
		struct blkif_request req = *RING_GET_REQUEST(&b->ring, b->ring.req_cons++);
		bool ok = blkback_transfer(b, &req);

		b->requests++;
		b->indirect += req.operation == BLKIF_OP_INDIRECT;
		b->done[b->nr_done++] = (struct blkif_response){
			.id = req.id,
			.operation = request_operation(&req),
			.status = ok ? BLKIF_RSP_OKAY : BLKIF_RSP_ERROR,
		};
	}
	while (b->nr_done && (all || next_random(&b->seed) % 4))
		blkback_answer(b, next_random(&b->seed) % b->nr_done);
}

/* SPDX-License-Identifier: MIT */
#include "lib/blk_request.h"

#include <stddef.h>

#include "lib/errno.h"
#include "lib/string.h"

#define PER_TABLE (BLK_PAGE / sizeof(struct blkif_request_segment))

/* XEN_IO_PROTO_ABI_X86_64 as blkback has it, which may have been compiled for 32 bits. */
#define AT(type, field, offset)                                  \
	_Static_assert(offsetof(struct type, field) == (offset), \
		       #type "." #field " is at another place")
AT(blkif_request, nr_segments, 1);
AT(blkif_request, handle, 2);
AT(blkif_request, id, 8);
AT(blkif_request, sector_number, 16);
AT(blkif_request, seg, 24);
AT(blkif_request_indirect, indirect_op, 1);
AT(blkif_request_indirect, nr_segments, 2);
AT(blkif_request_indirect, id, 8);
AT(blkif_request_indirect, sector_number, 16);
AT(blkif_request_indirect, handle, 24);
AT(blkif_request_indirect, indirect_grefs, 28);
AT(blkif_request_discard, flag, 1);
AT(blkif_request_discard, handle, 2);
AT(blkif_request_discard, id, 8);
AT(blkif_request_discard, sector_number, 16);
AT(blkif_request_discard, nr_sectors, 24);
AT(blkif_response, operation, 8);
AT(blkif_response, status, 10);
_Static_assert(sizeof(struct blkif_request_segment) == 8, "512 in a page");
_Static_assert(sizeof(union blk_request) == sizeof(union blkif_sring_entry) &&
		       sizeof(union blk_request) == 112,
	       "32 slots in a page");
_Static_assert(sizeof(struct blkif_response) == 16, "id, operation, status, padding");

uint32_t blk_indirect_pages(uint32_t segments)
{
	if (segments <= BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return 0;
	return (segments + PER_TABLE - 1) / PER_TABLE;
}

static uint8_t piece_operation(const struct blk_piece *piece)
{
	return piece->write ? BLKIF_OP_WRITE : BLKIF_OP_READ;
}

static void segment_fill(struct blkif_request_segment *to, const struct blk_piece *piece,
			 uint32_t i, grant_ref_t ref)
{
	struct blk_segment seg = blk_piece_segment(piece, i);

	memset(to, 0, sizeof(*to));
	to->gref = ref;
	to->first_sect = seg.first_sect;
	to->last_sect = seg.last_sect;
}

static void request_begin(union blk_request *req, struct blk_tag tag, uint8_t operation)
{
	memset(req, 0, sizeof(*req));
	req->direct.operation = operation;
	req->direct.handle = tag.handle;
	req->direct.id = tag.id;
}

int blk_request_direct(union blk_request *req, struct blk_tag tag,
		       const struct blk_piece *piece, const grant_ref_t *refs)
{
	if (piece->segments > BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return -E2BIG;
	request_begin(req, tag, piece_operation(piece));
	req->direct.nr_segments = (uint8_t)piece->segments;
	req->direct.sector_number = piece->sector;
	for (uint32_t i = 0; i < piece->segments; i++)
		segment_fill(&req->direct.seg[i], piece, i, refs[i]);
	return 0;
}

int blk_request_indirect(union blk_request *req, struct blk_tag tag,
			 const struct blk_piece *piece, const grant_ref_t *refs,
			 struct blkif_request_segment *table, const grant_ref_t *table_refs)
{
	uint32_t pages = blk_indirect_pages(piece->segments);

	if (!pages)
		return -EINVAL;
	if (pages > BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST)
		return -E2BIG;
	memset(req, 0, sizeof(*req));
	req->indirect.operation = BLKIF_OP_INDIRECT;
	req->indirect.indirect_op = piece_operation(piece);
	req->indirect.nr_segments = (uint16_t)piece->segments;
	req->indirect.id = tag.id;
	req->indirect.sector_number = piece->sector;
	req->indirect.handle = tag.handle;
	for (uint32_t i = 0; i < pages; i++)
		req->indirect.indirect_grefs[i] = table_refs[i];
	for (uint32_t i = 0; i < piece->segments; i++)
		segment_fill(&table[i], piece, i, refs[i]);
	return 0;
}

int blk_request_flush(union blk_request *req, struct blk_tag tag, const struct blk_disk *disk)
{
	/* blkback takes it for a write. */
	if (disk->readonly)
		return -EROFS;
	if (!disk->flush && !disk->barrier)
		return -EOPNOTSUPP;
	request_begin(req, tag,
		      disk->flush ? BLKIF_OP_FLUSH_DISKCACHE : BLKIF_OP_WRITE_BARRIER);
	return 0;
}

int blk_request_discard(union blk_request *req, struct blk_tag tag, const struct blk_disk *disk,
			uint64_t first, uint64_t count, bool secure)
{
	int err = blk_range_check(disk, first, count);

	if (!disk->discard || (secure && !disk->discard_secure))
		return -EOPNOTSUPP;
	if (disk->readonly)
		return -EROFS;
	if (err)
		return err;
	request_begin(req, tag, BLKIF_OP_DISCARD);
	req->discard.flag = secure ? BLKIF_DISCARD_SECURE : 0;
	req->discard.sector_number = first;
	req->discard.nr_sectors = count;
	return 0;
}

/* "Copied from request", says the header; of an indirect one Linux copies the inner operation.
 */
static bool response_fits(const struct blkif_response *rsp, const union blk_request *req)
{
	if (rsp->operation == req->direct.operation)
		return true;
	return req->direct.operation == BLKIF_OP_INDIRECT &&
	       rsp->operation == req->indirect.indirect_op;
}

int blk_response_check(const struct blkif_response *rsp, const union blk_request *req,
		       int *result)
{
	/* At the same place in all of them: see above. */
	if (rsp->id != req->direct.id)
		return -ENOENT;
	if (!response_fits(rsp, req))
		return -EBADMSG;
	switch (rsp->status) {
	case BLKIF_RSP_OKAY:
		*result = 0;
		return 0;
	case BLKIF_RSP_ERROR:
		*result = -EIO;
		return 0;
	case BLKIF_RSP_EOPNOTSUPP:
		*result = -EOPNOTSUPP;
		return 0;
	default:
		return -ERANGE;
	}
}

const char *blk_response_error(int err)
{
	switch (err) {
	case -ENOENT:
		return "response to another request";
	case -EBADMSG:
		return "response to another operation";
	case -ERANGE:
		return "unknown status";
	default:
		return "no error of a response";
	}
}

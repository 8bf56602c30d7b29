/* SPDX-License-Identifier: MIT */
/* Block requests as they stand on the ring, and responses (public/io/blkif.h), in the layout of
 * x86-64: the frontend writes protocol = XEN_IO_PROTO_ABI_X86_64. Pure logic, on private
 * memory; lib/front_ring.h copies to and from the shared one. */
#ifndef LIB_BLK_REQUEST_H
#define LIB_BLK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/grant_table.h>
#include <xen/io/blkif.h>

#include "lib/blk_split.h"

/* A slot's contents. Kept by the frontend until it is answered: what the answer must be like,
 * and what is sent again after a suspend. All bytes are written by each of the functions below:
 * the backend sees nothing of what was there before. */
union blk_request {
	struct blkif_request direct;
	struct blkif_request_indirect indirect;
	struct blkif_request_discard discard;
};

/* What every request carries. */
struct blk_tag {
	uint64_t id;     /* lib/front_ids.h's */
	uint16_t handle; /* device/vbd/<handle>, what fits of it; backends go by the ring */
};

/* Pages of descriptors that a request of so many segments needs; 0: none, it is direct. */
uint32_t blk_indirect_pages(uint32_t segments);

/* A piece of at most 11 segments; refs[i]: the grant of its i-th segment's page, for reading by
 * the backend when it is a write, else for writing. -E2BIG: more segments. */
int blk_request_direct(union blk_request *req, struct blk_tag tag,
		       const struct blk_piece *piece, const grant_ref_t *refs);
/* Any piece. table: blk_indirect_pages() pages, one behind the other, which are filled, and
 * which table_refs grant, for reading. -E2BIG: more segments than 8 pages describe. -EINVAL: it
 * is to be direct (blkback refuses none, but nothing is gained). */
int blk_request_indirect(union blk_request *req, struct blk_tag tag,
			 const struct blk_piece *piece, const grant_ref_t *refs,
			 struct blkif_request_segment *table, const grant_ref_t *table_refs);
/* What was answered before is on the medium: a flush, or with a backend that knows only
 * barriers an empty one, which also keeps writes from passing it. -EOPNOTSUPP: it knows
 * neither; then every write is on the medium when it is answered. -EROFS: nothing was written.
 */
int blk_request_flush(union blk_request *req, struct blk_tag tag, const struct blk_disk *disk);
/* The range may be forgotten (see blk_discard_shrink); secure: must not be found again. 0; as
 * blk_range_check(); -EOPNOTSUPP; -EROFS. */
int blk_request_discard(union blk_request *req, struct blk_tag tag, const struct blk_disk *disk,
			uint64_t first, uint64_t count, bool secure);

/* Of a response to req, a private copy: 0, and *result is the request's: 0, -EIO, -EOPNOTSUPP.
 * Or it is none: -EBADMSG: it names another operation (to an indirect request it may name
 * either); -ERANGE: an unknown status; -ENOENT: another id (which the caller has looked up in
 * front_ids). */
int blk_response_check(const struct blkif_response *rsp, const union blk_request *req,
		       int *result);
const char *blk_response_error(int err);

#endif

/* SPDX-License-Identifier: MIT */
/* What a block backend announces, from the texts of its xenstore keys (public/io/blkif.h). Pure
 * logic. A backend writes what it likes: each number is checked on its own, and against the
 * others. Optional features are on or off; a key that says neither is an error, not a guess.
 *
 * Sectors are 512 bytes everywhere here, on the ring and in `sectors`, whatever the disk's own
 * sector size: so it is in Linux's blkback, and in blkif.h since Xen 4.20. The frontend does
 * not write feature-large-sector-size, upon which some older backends would count otherwise. */
#ifndef LIB_BLK_FEATURES_H
#define LIB_BLK_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#define BLK_SECTOR 512u
#define BLK_PAGE   4096u

/* Where the backend offers more, we do not take it. */
#define BLK_RING_ORDER_MAX 4u   /* 16 pages */
#define BLK_QUEUES_MAX     128u /* one for each CPU */
#define BLK_SEGMENTS_MAX   256u /* of an indirect request: 1 MiB, half a page of descriptors */

enum blk_key {
	/* Written before InitWait: blk_transport_parse. */
	BLK_MAX_RING_PAGE_ORDER,
	BLK_MAX_RING_PAGES,
	BLK_MAX_QUEUES,
	/* Written before Connected: blk_disk_parse. */
	BLK_SECTORS,
	BLK_SECTOR_SIZE,
	BLK_PHYSICAL_SECTOR_SIZE,
	BLK_INFO,
	BLK_FLUSH_CACHE,
	BLK_BARRIER,
	BLK_DISCARD,
	BLK_DISCARD_GRANULARITY,
	BLK_DISCARD_ALIGNMENT,
	BLK_DISCARD_SECURE,
	BLK_PERSISTENT,
	BLK_MAX_INDIRECT_SEGMENTS,
	BLK_NR_KEYS
};

/* Its name in the backend's directory. */
const char *blk_key_name(enum blk_key key);

/* What is agreed on before a ring is shared. */
struct blk_transport {
	uint8_t ring_order; /* at most; 0 to BLK_RING_ORDER_MAX */
	uint8_t queues;     /* at most; 1 to BLK_QUEUES_MAX */
};

struct blk_disk {
	uint64_t sectors; /* of 512 bytes; 0: no medium, for one */
	/* Bytes. What is read or written is whole sectors of sector_size, a power of two from
	 * 512 to 4096; physical_size, a multiple of it, is a hint. */
	uint32_t sector_size, physical_size;
	bool readonly, cdrom, removable;
	bool flush, barrier, persistent;
	bool discard, discard_secure;
	uint32_t discard_granularity, discard_alignment; /* bytes; 0 without discard */
	uint16_t segments; /* of one request: 11, or more by indirect descriptors */
};

/* text[key]: the value, NULL: the key is missing. 0; or, with *key set to the culprit, one of
 * -ENOENT: it is missing and has no default; -EINVAL: not a number; -EDOM: negative;
 * -EOVERFLOW: too large; -ERANGE: a number that the key cannot have; -EILSEQ: contradicts
 * another key; -EOPNOTSUPP: may be, but not with this frontend. The result is written on 0
 * only. */
int blk_transport_parse(const char *const text[BLK_NR_KEYS], struct blk_transport *out,
			enum blk_key *key);
int blk_disk_parse(const char *const text[BLK_NR_KEYS], struct blk_disk *out,
		   enum blk_key *key);
const char *blk_features_error(int err);

#endif

/* SPDX-License-Identifier: MIT */
/* A block backend with a disk in memory, which keeps to public/io/blkif.h, refuses what Linux's
 * blkback refuses, and answers in any order. A grant reference is a page of the guest's memory.
 */
#ifndef TESTS_HOST_FAKE_BLKBACK_H
#define TESTS_HOST_FAKE_BLKBACK_H

#include "tests/host/test.h"

#define xen_mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#include <xen/grant_table.h>
#include <xen/io/blkif.h>

#include "lib/blk_features.h"

#define GUEST_REF 1000u /* of the guest's page 0 */

struct fake_blkback {
	struct blk_disk disk; /* as announced */
	uint8_t *bytes;       /* the disk's, which are the test's to free, as all else here */
	uint8_t *guest;       /* the guest's memory, of so many pages */
	uint32_t guest_pages;

	blkif_back_ring_t ring;
	struct blkif_response done[512]; /* and not answered yet */
	unsigned nr_done;
	uint32_t seed;
	unsigned requests, indirect; /* ever */
};

/* Connects to a ring that the frontend has begun; what was not answered is forgotten. */
void blkback_connect(struct fake_blkback *b, void *page, size_t bytes);
/* Carries out what lies in the ring, and answers some of what is done, or all. */
void blkback_run(struct fake_blkback *b, bool all);

#endif

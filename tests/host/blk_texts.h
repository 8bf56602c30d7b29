/* SPDX-License-Identifier: MIT */
/* What backends announce. */
#ifndef TESTS_HOST_BLK_TEXTS_H
#define TESTS_HOST_BLK_TEXTS_H

#include "tests/host/test.h"
#include "lib/blk_features.h"

/* What Linux's blkback announces for a disk of 1 GiB; the least that is a disk. */
extern const char *const linux_text[BLK_NR_KEYS], *const least_text[BLK_NR_KEYS];

/* Linux's disk, with this text (NULL: missing) of one key: the result. An error must name the
 * key, and leave *d as it is. */
int disk_with(enum blk_key changed, const char *text, struct blk_disk *d);
/* Nothing but this key. */
int transport_with(enum blk_key changed, const char *text, struct blk_transport *t);

#endif

/* SPDX-License-Identifier: MIT */
/* A virtual block device's name, from its number (Xen's docs/man/xen-vbd-interface.7). Pure
 * logic. */
#ifndef LIB_BLK_NAME_H
#define LIB_BLK_NAME_H

#include <stdint.h>

#define BLK_NAME_SIZE 16u

/* "xvda", "xvdaa", "hdc", "sdb", with a partition's number behind it; "vbd4711": none of the
 * ranges that have a meaning. */
void blk_name(uint32_t number, char name[BLK_NAME_SIZE]);

#endif

/* SPDX-License-Identifier: MIT */
/* A disk in memory, and what is copied between it and the pages that a frontend grants. */
#ifndef HOSTILE_DISK_H
#define HOSTILE_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include <xengnttab.h>
#include <xen/io/blkif.h>

#define DISK_SECTOR 512u

struct disk {
	uint64_t sectors; /* that there are, whatever is said of them */
	unsigned char *bytes;
};

/* One request's data, as the frontend describes it. */
struct disk_io {
	bool write;
	uint64_t sector;
	const struct blkif_request_segment *seg;
	unsigned count;
};

/* Filled with the stream splitmix64 of that seed: 64 little-endian words in each sector. */
void disk_open(struct disk *disk, uint64_t sectors, uint64_t seed);
/* The ring's status: okay, or an error. */
int16_t disk_do(struct disk *disk, xengnttab_handle *gnttab, unsigned domid,
		const struct disk_io *io);
int16_t disk_clear(struct disk *disk, uint64_t sector, uint64_t count);

#endif

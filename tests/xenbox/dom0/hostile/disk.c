/* SPDX-License-Identifier: MIT */
#include "disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

#define WORDS (DISK_SECTOR / sizeof(uint64_t))

/* Sebastiano Vigna's generator (prng.di.unimi.it/splitmix64.c, public domain): the state's n-th
 * step and what is made of it. */
static uint64_t splitmix64(uint64_t seed, uint64_t n)
{
	uint64_t x = seed + (n + 1) * 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

void disk_open(struct disk *disk, uint64_t sectors, uint64_t seed)
{
	disk->sectors = sectors;
	disk->bytes = malloc(sectors ? sectors * DISK_SECTOR : 1);
	if (!disk->bytes)
		die("no memory for %llu sectors", (unsigned long long)sectors);
	for (uint64_t n = 0; n < sectors * WORDS; n++) {
		uint64_t word = splitmix64(seed, n);

		memcpy(disk->bytes + n * sizeof(word), &word, sizeof(word));
	}
}

static bool disk_has(const struct disk *disk, uint64_t sector, uint64_t count)
{
	return sector <= disk->sectors && count <= disk->sectors - sector;
}

static uint64_t seg_sectors(const struct blkif_request_segment *seg)
{
	return seg->last_sect < seg->first_sect ? 0 : seg->last_sect - seg->first_sect + 1u;
}

/* One segment as the grant copy that moves it. */
static void copy_describe(xengnttab_grant_copy_segment_t *copy, void *local, unsigned domid,
			  const struct blkif_request_segment *seg, bool write)
{
	union xengnttab_copy_ptr *near = write ? &copy->dest : &copy->source;
	union xengnttab_copy_ptr *far = write ? &copy->source : &copy->dest;

	near->virt = local;
	far->foreign.ref = seg->gref;
	far->foreign.offset = (uint16_t)(seg->first_sect * DISK_SECTOR);
	far->foreign.domid = (uint16_t)domid;
	copy->len = (uint16_t)(seg_sectors(seg) * DISK_SECTOR);
	copy->flags = write ? GNTCOPY_source_gref : GNTCOPY_dest_gref;
}

static int16_t copy_run(xengnttab_handle *gnttab, xengnttab_grant_copy_segment_t *copies,
			unsigned count)
{
	if (xengnttab_grant_copy(gnttab, count, copies)) {
		say("grants cannot be copied: %s", strerror(errno));
		return BLKIF_RSP_ERROR;
	}
	for (unsigned i = 0; i < count; i++)
		if (copies[i].status != GNTST_okay) {
			say("segment %u cannot be copied: status %d", i, copies[i].status);
			return BLKIF_RSP_ERROR;
		}
	return BLKIF_RSP_OKAY;
}

int16_t disk_do(struct disk *disk, xengnttab_handle *gnttab, unsigned domid,
		const struct disk_io *io)
{
	xengnttab_grant_copy_segment_t *copies = calloc(io->count, sizeof(*copies));
	uint64_t at = io->sector;
	int16_t status = BLKIF_RSP_ERROR;

	for (unsigned i = 0; i < io->count && copies; i++) {
		const struct blkif_request_segment *seg = &io->seg[i];
		uint64_t n = seg_sectors(seg);

		if (!n || seg->last_sect > 7 || !disk_has(disk, at, n)) {
			say("segment %u is sectors %u to %u of its page, at %llu of the disk",
			    i, seg->first_sect, seg->last_sect, (unsigned long long)at);
			goto out;
		}
		copy_describe(&copies[i], disk->bytes + at * DISK_SECTOR, domid, seg,
			      io->write);
		at += n;
	}
	status = copies ? copy_run(gnttab, copies, io->count) : BLKIF_RSP_ERROR;
out:
	free(copies);
	return status;
}

int16_t disk_clear(struct disk *disk, uint64_t sector, uint64_t count)
{
	if (!disk_has(disk, sector, count))
		return BLKIF_RSP_ERROR;
	memset(disk->bytes + sector * DISK_SECTOR, 0, count * DISK_SECTOR);
	return BLKIF_RSP_OKAY;
}

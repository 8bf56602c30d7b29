/* SPDX-License-Identifier: MIT */
/* A block device (public/io/blkif.h). */
#ifndef HOSTILE_VBD_H
#define HOSTILE_VBD_H

#include "device.h"
#include "disk.h"

extern const struct device_type vbd_type;

struct vbd {
	struct disk disk;
	uint64_t said; /* sectors that the backend's key says */
	uint64_t last; /* id that was answered last */
	bool answered; /* there is one */
};

/* What waits on one ring. */
void vbd_serve(struct device *d, struct ring *r);

#endif

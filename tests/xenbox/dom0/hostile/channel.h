/* SPDX-License-Identifier: MIT */
/* A ring's pages and its event channel, by Xen's libraries. */
#ifndef HOSTILE_CHANNEL_H
#define HOSTILE_CHANNEL_H

#include "device.h"

/* keep: the pages stay mapped. */
void channel_unmap_ring(struct device *d, struct ring *r, bool keep);
void channel_notify(struct device *d, struct ring *r);
/* The channel's events that have come; all are ready for the next ones. */
void channel_receive(struct device *d);
/* Events as fast as can be, and requests are served all the same. */
void channel_storm(struct device *d, struct ring *r);
/* The ring's bytes are others each time that the frontend looks. */
void channel_scribble(struct device *d, struct ring *r);

#endif

/* SPDX-License-Identifier: MIT */
/* Between switching.c, which goes from route to route, and switching_refused.c, which does not. */
#ifndef SELFTEST_SWITCHING_H
#define SELFTEST_SWITCHING_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/selftest.h"
#include "selftest/loopback.h"

/* A route and its chip, as upcall_switch() has them. */
struct stop {
	uint8_t choice, chip;
};

static inline struct stop stop_here(void)
{
	return (struct stop){upcall_route(), upcall_chip()};
}

/* Is the upcall there? */
static inline bool stop_reached(const struct stop *s)
{
	return upcall_route() == s->choice && (!s->chip || upcall_chip() == s->chip);
}

/* A switch there is refused with this error and, unless NULL, this sentence; everything is as
 * before, and one more event has come in on lb. */
void check_refused(struct loopback *lb, const struct stop *to, int err, const char *why);

#endif

/* SPDX-License-Identifier: MIT */
/* Channels across a suspend. The domain that resumes is a new one: its channels are made again,
 * as many as can under the numbers they had, and each takes its irq, its handler, its home,
 * priority and mask with it, and what was pending. drivers/xen/suspend.c says when. */
#ifndef DRIVERS_XEN_EVTCHN_RESUME_H
#define DRIVERS_XEN_EVTCHN_RESUME_H

#include <stdint.h>

#include <xen/event_channel.h>

/* EVTCHN_RENUMBERED(timer) { port = evtchn_renumbered(port); } for whoever keeps the number of
 * a port for long. All CPUs are quiet when it runs; the port is not to be used in it. */
#define EVTCHN_RENUMBERED(id)                                                              \
	static void evtchn_renumbered_##id(void);                                          \
	static void (*const evtchn_renumbered_at_##id)(void)                               \
		__attribute__((used, section("set_renumbered"))) = evtchn_renumbered_##id; \
	static void evtchn_renumbered_##id(void)

/* The number that a port has now; 0: it could not be made again, or was none. */
evtchn_port_t evtchn_renumbered(evtchn_port_t port);

/* --- for suspend.c, on the boot CPU, in this order --- */

/* Memory for what follows. 0 or -ENOMEM. */
int evtchn_suspend_prepare(void);
void evtchn_suspend_abandon(void); /* gives it back */
/* All CPUs are quiet: notes what there is. 0; -EBUSY: prepare again. */
int evtchn_suspend(void);
/* The ABI anew, for every CPU. FIFO on a Xen without it: 2-level, which is said. 0 or -errno:
 * no channels any more. */
int evtchn_resume_abi(void);
/* The toolstack has made this port again already, as `now`. */
void evtchn_resume_as(evtchn_port_t port, evtchn_port_t now);
/* All others. How many have another number now; -EIO: some could not be made, which is said. */
int evtchn_resume(void);

#endif

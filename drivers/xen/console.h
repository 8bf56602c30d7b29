/* SPDX-License-Identifier: MIT */
/* The primary paravirtual console, whose page and channel the toolstack has made for the domain
 * (HVM_PARAM_CONSOLE_PFN, _EVTCHN); xenconsoled is at the other end. */
#ifndef DRIVERS_XEN_CONSOLE_H
#define DRIVERS_XEN_CONSOLE_H

#include <stdint.h>

#include <xen/event_channel.h>

/* Maps the ring and registers the console. Needs xen_init(). 0; -ENODEV: the domain has none;
 * -errno. */
int xen_console_init(void);
evtchn_port_t xen_console_port(void); /* 0: there is none */
/* After a suspend, all CPUs quiet: another port, and new rings. Not before Xen's clock is
 * there. */
void xen_console_resume(void);
uint32_t xen_console_dropped(void); /* bytes that nobody took in time */

#endif

/* SPDX-License-Identifier: MIT */
/* EVTCHNOPs as Xen takes them, past drivers/xen/evtchn.h, which makes some mistakes impossible. */
#ifndef SELFTEST_EVTCHN_OPS_H
#define SELFTEST_EVTCHN_OPS_H

#include "drivers/xen/hypercall.h"
#include "kernel/selftest.h"
#include "lib/errno.h"

/* REFUSED(EINVAL, send, .port = 3): the running test fails unless Xen returns -EINVAL. */
#define REFUSED(error, name, ...)                                                             \
	evtchn_op_check(EVTCHNOP_##name, &(struct evtchn_##name){__VA_ARGS__}, -(error),      \
			__LINE__)
void evtchn_op_check(unsigned cmd, void *arg, int want, int line) __attribute__((noinline));

#define NR_EVTCHNOPS 15u /* the last, EVTCHNOP_reset_cont, is 14; the header keeps it to Xen */

#define DOMID_NOBODY 0x7fefu      /* the last number that a domain may have; too high to be one */
#define VCPU_NOBODY  4096u        /* no domain has so many */
#define PORT_BEYOND  (1u << 20)   /* no ABI has so many */
#define GFN_NOWHERE  (1ull << 35) /* of a page beyond what a domain can have */

/* For a moment a channel that is unbound, masked and nobody's: its number, which the next
 * binding gets as well, for Xen hands out the lowest. */
int evtchn_free_port(void);

#endif

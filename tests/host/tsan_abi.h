/* SPDX-License-Identifier: MIT */
/* The two event channel ABIs, each with a fake Xen that may run in a thread of its own, as
 * tsan_evtchn.c sees them: one vCPU, and the whole of each operation. */
#ifndef TESTS_HOST_TSAN_ABI_H
#define TESTS_HOST_TSAN_ABI_H

#include "lib/evtchn_2l.h" /* evtchn_serve_fn */

/* On both sides of a 2-level word and of a FIFO page. */
#define TSAN_PORTS                                \
	{                                         \
		1, 2, 62, 63, 64, 127, 1023, 1024 \
	}

struct tsan_abi {
	const char *name;
	void (*init)(void); /* every port is unmasked */
	void (*send)(unsigned port);
	void (*scan)(evtchn_serve_fn *serve); /* if there is an upcall */
	void (*mask)(unsigned port);
	void (*unmask)(unsigned port); /* with the hypercall, when it is needed */
	void (*clear)(unsigned port);
};

extern const struct tsan_abi tsan_abi_2l, tsan_abi_fifo;

#endif

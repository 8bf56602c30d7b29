/* SPDX-License-Identifier: MIT */
/* The 2-level event channel ABI as pure logic: public/xen.h (struct shared_info, struct
 * vcpu_info) says what the words are, xen/common/event_2l.c how the hypervisor sets them.
 *
 * Xen sets pending[port], then, if the port is not masked, the port's word in the vCPU's
 * selector, then the vCPU's upcall_pending. The guest takes them in the other order. */
#ifndef LIB_EVTCHN_2L_H
#define LIB_EVTCHN_2L_H

#include <stdbool.h>
#include <stdint.h>

#define EVTCHN_2L_WORDS 64u
#define EVTCHN_2L_PORTS (EVTCHN_2L_WORDS * 64u)

/* What the domain shares, as it lies in shared_info. */
struct evtchn_2l_words {
	uint64_t pending[EVTCHN_2L_WORDS];
	uint64_t mask[EVTCHN_2L_WORDS];
};

/* That; and, the guest's own, the ports that have been moved from one vCPU to another. */
struct evtchn_2l {
	struct evtchn_2l_words *words;
	volatile uint64_t moved[EVTCHN_2L_WORDS];
	/* A scan has met a port that is pending, unmasked and another vCPU's. Must see to it that
	 * the vCPU which has the port scans: evtchn_2l_notify(), and an interrupt if that says so.
	 * Is called with interrupts disabled, and not unless evtchn_2l_move() was. */
	void (*hand_over)(struct evtchn_2l *e, unsigned port);
};

/* What Xen tells a vCPU, as it lies in vcpu_info. */
struct evtchn_2l_flags {
	uint8_t upcall_pending, upcall_mask;
	uint64_t selector;
};

/* What one vCPU has: that, and the set of ports that are not bound to
 * it, but to others (without it two vCPUs would serve each other's events). */
struct evtchn_2l_cpu {
	uint64_t others[EVTCHN_2L_WORDS];
	volatile struct evtchn_2l_flags *flags;
	/* What a scan compares the result of serve with. EVTCHN_SERVED; EVTCHN_CHANGED if a port of
	 * this vCPU's has been masked or has left since: then what is still to be served is looked at
	 * again. So one comparison tells of that and of an event that nobody handled. */
	int expected;
};

/* Serves a port: EVTCHN_SERVED, or what its caller knows; never 1, for a FIFO scan compares it with
 * upcall_pending, and so asks two questions at once. */
typedef int evtchn_serve_fn(unsigned long port, void *ctx);
#define EVTCHN_SERVED  0
#define EVTCHN_CHANGED 3 /* never a result: struct evtchn_2l_cpu, expected */
/* What a scan does with the result of serve(port) if it is not EVTCHN_SERVED, and when an upcall finds
 * nothing ready; NULL: nothing. */
typedef void evtchn_odd_fn(int result, unsigned long port);
#define EVTCHN_NONE_READY (-1)

/* One upcall: takes upcall_pending and the selector, clears every port that is pending, unmasked
 * and bound to this vCPU, and calls serve for it. Repeats until upcall_pending stays clear.
 * Pending bits of masked ports are left alone. Returns the number of ports served: 0 is a
 * spurious upcall.
 *
 * What a handler masks, closes or moves is not served any more.
 *
 * One pass serves a port at most once: whatever keeps arriving waits for the next pass, behind
 * everything that was there before it, so no port starves another. Who puts a pending bit back
 * while the port is unmasked makes it silent: Xen sees it set and does not notify. */
unsigned evtchn_2l_scan(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, evtchn_serve_fn *serve,
			void *ctx);

/* The port goes from one vCPU's set to another's. from NULL: it is new. to NULL: it has been
 * closed, which waits for its senders. The caller has it masked, has told Xen, serialises moves of
 * one port, and lets Xen unmask it afterwards.
 *
 * Xen does not wait for senders: one that has looked the vCPU up before the move may notify the
 * old one after it, at any later time. So from its first move on, a scan that meets the port on a
 * vCPU whose it is not hands it over. It may be a port that its own vCPU is just coming to: that
 * one then finds the selector's bit a second time and nothing behind it. */
void evtchn_2l_move(struct evtchn_2l *e, unsigned port, struct evtchn_2l_cpu *from,
		    struct evtchn_2l_cpu *to);
/* Does to a vCPU what Xen does, but for upcall_pending: a selector bit that is set means to Xen
 * that a scan is on its way, so the caller must cause one. False: the bit was set, there is one. */
bool evtchn_2l_notify(struct evtchn_2l_cpu *cpu, unsigned port);

/* In all of these port < EVTCHN_2L_PORTS. Each is one atomic operation and a full barrier; the
 * two questions are plain loads. */
/* cpu: whose the port is. */
void evtchn_2l_mask(struct evtchn_2l *e, struct evtchn_2l_cpu *cpu, unsigned port);
bool evtchn_2l_is_masked(const struct evtchn_2l *e, unsigned port);
bool evtchn_2l_is_pending(const struct evtchn_2l *e, unsigned port);
/* Clears pending; true when it was set. */
bool evtchn_2l_clear(struct evtchn_2l *e, unsigned port);
void evtchn_2l_set_pending(struct evtchn_2l *e, unsigned port);

/* Unmasks a port that is bound to the calling vCPU. True: the port is pending, it has been left
 * masked, and the caller must make EVTCHNOP_unmask, which delivers it. (Xen's unmask notifies
 * only when it finds the mask bit set, so the bit is put back first.) A port of another vCPU is
 * always unmasked by the hypercall. */
bool evtchn_2l_unmask(struct evtchn_2l *e, unsigned port);

#endif

/* SPDX-License-Identifier: MIT */
/* Waiting for the store: its port is polled, and the irq masked meanwhile. The store sends two events for a
 * request, which it has read and which it has answered, and each would come as an interrupt, which is
 * another VM entry, and find a CPU that only waits for it. */
#include "drivers/xen/xenstore.h"
#include "drivers/xen/xenstore_ring.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/time.h"
#include "kernel/timer.h"

#define NAP_NS   (50 * NS_PER_MS)
#define NOTED_NS NS_PER_SEC /* xen_system_time_noted() */

#define xs xenstore_ring

static unsigned poller; /* the CPU that polls the port, plus 1: the irq is masked */
static bool quiet;      /* the last poll has ended without an event of the store's */

static bool polls_all(void)
{
	return __atomic_load_n(&time_poll_hook, __ATOMIC_RELAXED);
}

static bool is_poller(void)
{
	return __atomic_load_n(&poller, __ATOMIC_RELAXED) == this_cpu()->id + 1;
}

/* An event of an irq that somebody has masked is to stay pending. */
static bool is_held(void)
{
	return __atomic_load_n(&irq_get(xs.irq)->mask_reasons, __ATOMIC_RELAXED) & IRQ_MASK_EXPLICIT;
}

/* One CPU polls, and others yield: whoever clears the port takes its event from all. On the poll route a
 * CPU that waits looks for everybody's events; and with daisy=off the irq is everybody's. */
static bool poller_become(void)
{
	unsigned nobody = 0;

	if (xs.irq < 0 || !evtchn_daisy() || polls_all() || is_held() ||
	    !__atomic_compare_exchange_n(&poller, &nobody, this_cpu()->id + 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	quiet = false;
	irq_mask_for(irq_get(xs.irq), IRQ_MASK_TEMPORARY);
	return true;
}

static void poller_end(void)
{
	__atomic_store_n(&poller, 0, __ATOMIC_RELEASE);
	irq_unmask_for(irq_get(xs.irq), IRQ_MASK_TEMPORARY);
}

/* Without a look at the TSC the end of a poll is up to a second late. After one that came to its end the
 * store may be silent, and where nothing interrupts for timers they would wait as long. */
static uint64_t poll_end(void)
{
	if (quiet || !timer_has_clock())
		return xen_system_time() + NAP_NS;
	return xen_system_time_noted() + NOTED_NS + NAP_NS;
}

/* A poll ends at once if the port has become pending since it was cleared. It does not see what came in
 * otherwise just before it: a handler that was half way when the irq was masked, a wait within an interrupt
 * or on another CPU that received for all, work. That is found at its end. */
static void rest(void)
{
	evtchn_port_t port = xs.port;

	if (!is_poller() || polls_all() || hypercall_sched_poll(&port, 1, poll_end()))
		cpu_yield();
	else
		quiet = !evtchn_is_pending(port);
}

struct waiting {
	bool (*done)(void *ctx);
	void *ctx;
};

/* Whoever waits receives: no handler does, and the other side that begins anew may not send an event. The
 * port is cleared before the ring is looked at: what comes in between is pending again. */
static bool is_done(void *ctx)
{
	const struct waiting *w = ctx;

	if (is_poller() && evtchn_clear(xs.port))
		irq_count_polled(irq_get(xs.irq));
	xenstore_ring_receive();
	return w->done(w->ctx);
}

bool xenstore_wait(bool (*done)(void *ctx), void *ctx, uint64_t patience_ns)
{
	struct waiting w = {done, ctx};
	bool polls, ok;

	if (done(ctx)) /* as it mostly is for whoever sends: nothing is to be masked for that */
		return true;
	polls = poller_become();
	ok = time_wait_by(rest, is_done, &w, patience_ns);
	if (polls)
		poller_end();
	return ok;
}

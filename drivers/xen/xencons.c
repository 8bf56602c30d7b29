/* SPDX-License-Identifier: MIT */
#include "drivers/xen/xencons.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/time.h"
#include "lib/errno.h"

/* A full ring is waited for while its reader takes nothing: so many naps, and as long by the
 * clock, because a machine that stood still gave the reader no time either. */
#define NAP      (20 * NS_PER_MS)
#define NAPS_MAX 1000000u /* for a clock that stands still */

/* Without interrupts, as the panic screen must come out: masked or not, the port is polled. */
static void xencons_nap(struct xencons *x, uint32_t limit)
{
	/* A pending port would end the poll at once. Cleared first and looked at afterwards:
	 * what the reader does in between sets it again. That may also have been for something
	 * typed: so the shell, which looks at the ring itself, is not left asleep. */
	if (evtchn_clear(x->port) && x->listening && this_cpu()->id)
		cpu_poke(0);
	if (xencons_ring_left(&x->ring) > limit)
		hypercall_sched_poll(&x->port, 1, xen_system_time() + NAP);
}

/* Until no more than limit bytes are in the ring, or the reader sleeps. What is left only gets
 * less here: a reader cannot keep us for ever by what it says. */
static bool xencons_wait(struct xencons *x, uint32_t limit)
{
	uint32_t least = xencons_ring_left(&x->ring), left = least;
	uint64_t deadline = xen_system_time() + x->naps * NAP;

	for (unsigned naps = 0; !x->deaf && left > limit; naps++) {
		hypercall_evtchn_send(x->port);
		xencons_nap(x, limit);
		left = xencons_ring_left(&x->ring);
		if (left < least) {
			least = left;
			deadline = xen_system_time() + x->naps * NAP;
			naps = 0;
		} else if (naps > NAPS_MAX ||
			   (naps > x->naps && xen_system_time() > deadline)) {
			x->deaf = true;
		}
	}
	return left <= limit;
}

static void xencons_put(struct xencons *x, char byte)
{
	if (!xencons_ring_put(&x->ring, byte) &&
	    !(xencons_wait(x, XENCONS_OUT_SIZE / 2) && xencons_ring_put(&x->ring, byte)))
		x->dropped++;
	else
		x->deaf = false;
}

static void xencons_write(struct console *con, const char *text, size_t length)
{
	struct xencons *x = con->ctx;

	if (x->shut)
		return;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			xencons_put(x, '\r');
		xencons_put(x, text[i]);
	}
	hypercall_evtchn_send(x->port);
}

static void xencons_flush(struct console *con)
{
	struct xencons *x = con->ctx;

	if (!x->shut)
		xencons_wait(x, 0);
}

/* --- input --- */

static bool xencons_get(struct input *in, char *byte)
{
	struct xencons *x = in->ctx;

	return !x->shut && xencons_ring_get(&x->ring, byte);
}

static void xencons_taken(struct input *in)
{
	struct xencons *x = in->ctx;

	xencons_ring_release(&x->ring);
	hypercall_evtchn_send(x->port);
}

/* The reader's word that it has taken output comes here, too. */
static enum irq_result xencons_handler(struct irq *irq, void *ctx)
{
	input_pull(ctx);
	return IRQ_HANDLED;
}

static int xencons_start(struct input *in)
{
	struct xencons *x = in->ctx;
	int irq = evtchn_irq_request(x->port, xencons_handler, in, x->con.name);

	x->listening = irq >= 0;
	return x->listening ? 0 : irq;
}

static void xencons_stop(struct input *in)
{
	struct xencons *x = in->ctx;

	evtchn_irq_free_wait(x->port, in);
	x->listening = false;
}

int xencons_open(struct xencons *x, volatile void *page, evtchn_port_t port)
{
	int err = xencons_ring_open(&x->ring, page);

	if (err)
		return err;
	x->port = port;
	x->con.write = xencons_write;
	x->con.flush = xencons_flush;
	x->con.input = &x->input;
	x->con.ctx = x->input.ctx = x;
	x->input.get = xencons_get;
	x->input.taken = xencons_taken;
	x->input.start = xencons_start;
	x->input.stop = xencons_stop;
	x->shut = x->deaf = false;
	return 0;
}

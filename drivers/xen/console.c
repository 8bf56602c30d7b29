/* SPDX-License-Identifier: MIT */
#include "drivers/xen/console.h"

#include <stdbool.h>

#include <xen/io/console.h>

#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_resume.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/input.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "lib/errno.h"

#define RING_SIZE sizeof(((struct xencons_interface *)0)->out)
#define IN_SIZE   sizeof(((struct xencons_interface *)0)->in)
/* How long a full ring is waited for while the reader takes nothing: by the clock, and in naps,
 * because a machine that stood still gave the reader no time either. */
#define PATIENCE (10 * NS_PER_SEC)
#define NAP      (20 * NS_PER_MS)
#define NAPS     500u
#define NAPS_MAX 1000000u /* for a clock that stands still */

_Static_assert(RING_SIZE == 2048 && IN_SIZE == 1024, "MASK_XENCONS_IDX needs a power of two");

static volatile struct xencons_interface *ring;
static evtchn_port_t port;
static uint32_t dropped;
static bool deaf;         /* the reader took nothing for the whole of PATIENCE */
static bool listening;    /* the channel has an irq */
static uint32_t in_taken; /* in_cons, which is ours: not read back from the page */

uint32_t xen_console_dropped(void)
{
	return dropped;
}

static uint32_t console_used(void)
{
	return ring->out_prod - ring->out_cons;
}

/* Without interrupts, as the panic screen must come out: masked or not, the port is polled. */
static void console_nap(void)
{
	evtchn_port_t ports[] = {port};

	/* A pending port would end the poll at once. Cleared first and looked at afterwards:
	 * what the reader does in between sets it again. That may also have been for something
	 * typed: so the shell, which looks at the ring itself, is not left asleep. */
	if (evtchn_clear(port) && listening && this_cpu()->id)
		cpu_poke(0);
	if (console_used())
		hypercall_sched_poll(ports, 1, xen_system_time() + NAP);
}

/* Until no more than limit bytes are in the ring, or the reader sleeps. */
static bool console_wait(uint32_t limit)
{
	uint64_t deadline = xen_system_time() + PATIENCE;
	uint32_t seen = ring->out_cons, naps = 0;

	while (console_used() > limit) {
		if (ring->out_cons != seen) {
			seen = ring->out_cons;
			deadline = xen_system_time() + PATIENCE;
			deaf = false;
			naps = 0;
		} else if (deaf || ++naps > NAPS_MAX ||
			   (naps > NAPS && xen_system_time() > deadline)) {
			deaf = true;
			return false;
		}
		hypercall_evtchn_send(port);
		console_nap();
	}
	deaf = false;
	return true;
}

static void console_put(char c)
{
	if (console_used() >= RING_SIZE && !console_wait(RING_SIZE / 2)) {
		dropped++;
		return;
	}
	ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = c;
	/* The byte before the index that announces it; x86 keeps stores in order. */
	__atomic_store_n(&ring->out_prod, ring->out_prod + 1, __ATOMIC_RELEASE);
}

static void console_write(struct console *con, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			console_put('\r');
		console_put(text[i]);
	}
	hypercall_evtchn_send(port);
}

void xen_console_flush(void)
{
	if (ring && !deaf)
		console_wait(0);
}

/* --- input --- */

static bool console_get(struct input *in, char *byte)
{
	uint32_t put = __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE);

	return byte_ring_take_foreign(ring->in, IN_SIZE, put, &in_taken, byte);
}

static void console_taken(struct input *in)
{
	__atomic_store_n(&ring->in_cons, in_taken, __ATOMIC_RELEASE);
	hypercall_evtchn_send(port);
}

/* The reader's word that it has taken output comes here, too. */
static enum irq_result console_handler(struct irq *irq, void *ctx)
{
	input_pull(ctx);
	return IRQ_HANDLED;
}

static int console_start(struct input *in)
{
	int irq = evtchn_irq_request(port, console_handler, in, "xencons");

	listening = irq >= 0;
	return listening ? 0 : irq;
}

static bool console_try_free(void *ctx)
{
	return evtchn_irq_free(port, ctx) != -EBUSY;
}

static void console_stop(struct input *in)
{
	time_wait(console_try_free, in, PATIENCE_NS);
	listening = false;
}

EVTCHN_RENUMBERED(console)
{
	port = evtchn_renumbered(port);
}

evtchn_port_t xen_console_port(void)
{
	return ring ? port : 0;
}

void xen_console_resume(void)
{
	uint64_t frame = 0;

	if (!ring)
		return;
	hypercall_hvm_get_param(HVM_PARAM_CONSOLE_PFN, &frame);
	if (frame && !paging_map(frame << PAGE_SHIFT, PAGE_SIZE, MAP_WRITE))
		ring = (volatile struct xencons_interface *)(frame << PAGE_SHIFT);
	in_taken = ring->in_cons;
}

static struct input console_input = {
	.get = console_get,
	.taken = console_taken,
	.start = console_start,
	.stop = console_stop,
};

static struct console xen_console = {
	.name = "xencons",
	.write = console_write,
	.input = &console_input,
};

int xen_console_init(void)
{
	uint64_t frame = 0, channel = 0;
	int err;

	if (!xen_shared_info)
		return -ENODEV;
	err = hypercall_hvm_get_param(HVM_PARAM_CONSOLE_PFN, &frame);
	if (!err)
		err = hypercall_hvm_get_param(HVM_PARAM_CONSOLE_EVTCHN, &channel);
	if (err || !frame || !channel)
		return err ? err : -ENODEV;
	err = paging_map(frame << PAGE_SHIFT, PAGE_SIZE, MAP_WRITE);
	if (err)
		return err;
	port = channel;
	ring = (volatile struct xencons_interface *)(frame << PAGE_SHIFT);
	/* Indices that are further apart than the ring is long: nobody's console. */
	if (console_used() > RING_SIZE) {
		ring = NULL;
		return -EINVAL;
	}
	in_taken = ring->in_cons;
	console_register(&xen_console);
	return 0;
}

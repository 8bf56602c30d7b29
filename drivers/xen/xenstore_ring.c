/* SPDX-License-Identifier: MIT */
#include "drivers/xen/xenstore.h"
#include "drivers/xen/xenstore_ring.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "lib/errno.h"

struct xenstore_ring xenstore_ring = {.irq = -ENOENT};
#define xs xenstore_ring

/* --- under the lock --- */

void xenstore_ring_die(const char *why)
{
	xs.usable = false;
	printk_warn("xenstore: %s; it is not used any more\n", why);
	xs_conn_fail(&xs.conn, -EIO);
}

/* The other side has begun anew, or is about to: what was on its way is lost, and every watch.
 */
static void ring_restart(void)
{
	if (!xs.conn.lost)
		printk_warn("xenstore: the connection is begun anew\n");
	xs_conn_lose(&xs.conn);
	if (xs_conn_open(&xs.conn))
		return;
	xs.restarts++;
	xenstore_watch_forgotten();
}

void xenstore_ring_trouble(int err)
{
	if (err == -ENOTCONN) {
		ring_restart();
	} else if (err == -EIO) {
		xenstore_ring_die("the store reports an error on the ring");
	} else if (xs_conn_ask_reset(&xs.conn)) {
		xenstore_ring_die(err == -EMSGSIZE ? "a reply is longer than any may be"
						   : "the ring's indices are impossible");
	} else {
		ring_restart();
		evtchn_send(xs.port);
	}
}

static void ring_pull(void)
{
	uint32_t strays = xs.conn.strays;
	int n = xs_conn_pull(&xs.conn);

	if (xs.conn.strays != strays)
		printk_warn(
			"xenstore: %u messages that nobody waits for, the last of type %u\n",
			xs.conn.strays, xs.conn.header.type);
	if (n < 0) {
		xenstore_ring_trouble(n);
	} else if (n) {
		xs.silent = false;
		if (xs_conn_tell_room(&xs.conn))
			evtchn_send(xs.port);
	}
}

/* --- receiving: the store channel's handler, or whoever waits (xenstore_wait.c) --- */

void xenstore_ring_receive(void)
{
	bool on = spin_lock(&xs.lock);

	if (xs.usable)
		ring_pull();
	spin_unlock(&xs.lock, on);
}

static enum irq_result xs_handler(struct irq *irq, void *ctx)
{
	xenstore_ring_receive();
	return IRQ_HANDLED;
}

/* --- start --- */

static int xs_map(void)
{
	uint64_t frame = 0, port = 0;
	int err = hypercall_hvm_get_param(HVM_PARAM_STORE_PFN, &frame);

	if (!err)
		err = hypercall_hvm_get_param(HVM_PARAM_STORE_EVTCHN, &port);
	if (err)
		return err;
	/* All ones: the toolstack means to connect it later. */
	if (!frame || frame >= UINTPTR_MAX >> PAGE_SHIFT || !port)
		return -ENODEV;
	xs.port = port;
	xs.conn.ring = (struct xenstore_domain_interface *)(frame << PAGE_SHIFT);
	return paging_map(frame << PAGE_SHIFT, PAGE_SIZE, MAP_WRITE);
}

uint32_t xenstore_port(void)
{
	return xs.port;
}

/* The ring is empty, the store knows of nothing, and the port may be another: as if it had begun
 * anew. */
void xenstore_resume(void)
{
	bool on = spin_lock(&xs.lock);

	if (xs.usable && xs_map()) {
		xenstore_ring_die("the store is gone after a suspend");
	} else if (xs.usable) {
		xs_conn_lose(&xs.conn);
		ring_restart();
	}
	spin_unlock(&xs.lock, on);
}

static bool xs_opened(void *ctx)
{
	return !xs_conn_open(&xs.conn);
}

int xenstore_ring_open(void)
{
	int err = xs_map();

	if (err)
		return err;
	xs.conn.payload = heap_alloc(XENSTORE_PAYLOAD_MAX);
	if (!xs.conn.payload)
		return -ENOMEM;
	xs.conn.event = xenstore_watch_event;
	if (!xs_opened(NULL)) {
		evtchn_send(xs.port);
		if (!time_wait(xs_opened, NULL, PATIENCE_NS))
			return -ETIMEDOUT;
	}
	xs.usable = true; /* before the irq: what lies in the ring already is to be dropped */
	xs.irq = evtchn_irq_request(xs.port, xs_handler, &xs, "xenstore");
	if (xs.irq >= 0)
		return 0;
	xs.usable = false;
	return xs.irq;
}

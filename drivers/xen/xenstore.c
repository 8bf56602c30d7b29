/* SPDX-License-Identifier: MIT */
#include "drivers/xen/xenstore.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/xs_wire.h"

#define REQUEST_MAX 2048u

_Static_assert(__builtin_offsetof(struct xenstore_domain_interface, req_cons) ==
		   2 * XENSTORE_RING_SIZE,
	       "two rings, then the indices");

static struct {
	struct xenstore_domain_interface *ring; /* shared: every access to an index is atomic */
	evtchn_port_t port;
	int irq;
	bool usable;
	bool busy; /* a request runs */

	/* Of the request that runs. */
	uint32_t type, id;
	bool waiting;           /* for a reply */
	volatile bool answered; /* it lies in header and payload; nothing else is received */

	/* What is being received: so many bytes of header and payload are there. */
	struct xsd_sockmsg header;
	uint32_t received;
	bool wanted;   /* it answers the request */
	char *payload; /* XENSTORE_PAYLOAD_MAX bytes */
	char *request; /* REQUEST_MAX bytes */
	uint32_t bad_replies;
	char name[64];
} xs = {.irq = -ENOENT};

bool xenstore_usable(void)
{
	return xs.usable;
}

int xenstore_irq(void)
{
	return xs.irq;
}

const char *xenstore_name(void)
{
	return xs.name;
}

uint32_t xenstore_bad_replies(void)
{
	return xs.bad_replies;
}

static uint32_t index_read(const uint32_t *index)
{
	/* The other side wrote the bytes before the index: they are read after it. */
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void index_write(uint32_t *index, uint32_t value)
{
	/* The bytes have been written or read before the other side sees the index move. */
	__atomic_store_n(index, value, __ATOMIC_RELEASE);
}

static void xs_die(const char *why)
{
	xs.usable = false;
	printk_warn("xenstore: %s; it is not used any more\n", why);
}

/* --- receiving: the store channel's handler, or its place while interrupts are off --- */

static void xs_header_complete(void)
{
	if (xs.header.len > XENSTORE_PAYLOAD_MAX) {
		xs_die("a reply is longer than any may be"); /* where would the next begin? */
		return;
	}
	xs.wanted = xs.waiting && !xs_check_reply(&xs.header, xs.type, xs.id);
	if (xs.wanted || xs.header.type == XS_WATCH_EVENT)
		return;
	xs.bad_replies++;
	printk_warn("xenstore: reply of type %u to request %u, which nobody waits for\n",
		    xs.header.type, xs.header.req_id);
}

/* One piece of what is being received. The number of bytes taken; 0: there are none. */
static uint32_t xs_receive_piece(void)
{
	bool header = xs.received < sizeof(xs.header);
	char *to = header ? (char *)&xs.header + xs.received
			  : xs.payload + xs.received - sizeof(xs.header);
	uint32_t end = header ? sizeof(xs.header) : sizeof(xs.header) + xs.header.len;
	uint32_t cons = xs.ring->rsp_cons, n = end - xs.received;
	int used = xs_ring_used(cons, index_read(&xs.ring->rsp_prod));

	if (used < 0) {
		xs_die("the reply ring's indices are impossible");
		return 0;
	}
	if (n > (uint32_t)used)
		n = used;
	xs_ring_copy_out(xs.ring->rsp, cons, to, n);
	index_write(&xs.ring->rsp_cons, cons + n);
	xs.received += n;
	if (header && xs.received == sizeof(xs.header))
		xs_header_complete();
	return n;
}

static void xs_receive(void)
{
	uint32_t taken = 0, n = 1;

	while (xs.usable && !xs.answered && n) {
		n = xs_receive_piece();
		taken += n;
		if (!xs.usable || xs.received < sizeof(xs.header) ||
		    xs.received < sizeof(xs.header) + xs.header.len)
			continue;
		xs.received = 0;
		n = 1; /* a payload of no bytes is whole as well */
		xs.answered = xs.wanted;
	}
	if (taken)
		evtchn_send(xs.port); /* there is room: the store may have waited for it */
}

static enum irq_result xs_handler(struct irq *irq, void *ctx)
{
	xs_receive();
	return IRQ_HANDLED;
}

/* --- requests --- */

static bool xs_done(void *ctx)
{
	/* Before interrupts are on, and in a panic, no handler runs. */
	if (!(read_rflags() & RFLAGS_IF))
		xs_receive();
	return xs.answered || !xs.usable;
}

static bool xs_has_room(void *ctx)
{
	return xs_ring_free(index_read(&xs.ring->req_cons), xs.ring->req_prod);
}

static int xs_send(const char *bytes, uint32_t length)
{
	while (length) {
		uint32_t prod = xs.ring->req_prod, n = length;
		int room;

		if (!time_wait(xs_has_room, NULL, PATIENCE_NS))
			return -ETIMEDOUT;
		room = xs_ring_free(index_read(&xs.ring->req_cons), prod);
		if (room < 0)
			return room;
		if (n > (uint32_t)room)
			n = room;
		xs_ring_copy_in(xs.ring->req, prod, bytes, n);
		index_write(&xs.ring->req_prod, prod + n);
		evtchn_send(xs.port);
		bytes += n;
		length -= n;
	}
	return 0;
}

/* Sends what xs.request holds and waits. The reply's length, in xs.payload; or -errno. */
static int xs_exchange(uint32_t length)
{
	int err;

	/* In this order: the handler looks at answered first and at the others after it. */
	xs.waiting = true;
	xs.answered = false;
	err = xs_send(xs.request, length);
	if (!err && !time_wait(xs_done, NULL, PATIENCE_NS))
		err = -ETIMEDOUT;
	xs.waiting = false;
	if (err) {
		xs_die(err == -ETIMEDOUT ? "no reply"
					 : "the request ring's indices are impossible");
		return err;
	}
	if (!xs.answered)
		return -EIO;
	if (xs.header.type == XS_ERROR)
		return -xs_error_number(xs.payload, xs.header.len);
	return xs.header.len;
}

static int xs_begin(void)
{
	if (!xs.usable)
		return -EIO;
	return __atomic_test_and_set(&xs.busy, __ATOMIC_ACQUIRE) ? -EBUSY : 0;
}

static int xs_ask(uint32_t type, const char *path, const char *value)
{
	int length;

	xs.type = type;
	xs.id++;
	length = xs_build(xs.request, REQUEST_MAX, type, xs.id, 0, path, value,
			  value ? strlen(value) : 0);
	return length < 0 ? length : xs_exchange(length);
}

/* The buffers are free again, and what waits in the ring may be received into them. */
static void xs_end(void)
{
	bool on = local_irq_save();

	xs.answered = false;
	if (xs.usable)
		xs_receive();
	local_irq_restore(on);
	__atomic_clear(&xs.busy, __ATOMIC_RELEASE);
}

int xenstore_read(const char *path, char *buf, size_t size)
{
	int length = xs_begin();

	if (length)
		return length;
	length = xs_ask(XS_READ, path, NULL);
	if (length >= 0 && size) {
		size_t n = (size_t)length < size ? (size_t)length : size - 1;

		memcpy(buf, xs.payload, n);
		buf[n] = '\0';
	}
	xs_end();
	return length;
}

int xenstore_write(const char *path, const char *value)
{
	int length = xs_begin();

	if (length)
		return length;
	length = xs_ask(XS_WRITE, path, value);
	xs_end();
	return length < 0 ? length : 0;
}

/* --- start --- */

static int xs_map_ring(void)
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
	xs.ring = (struct xenstore_domain_interface *)(frame << PAGE_SHIFT);
	return paging_map(frame << PAGE_SHIFT, PAGE_SIZE, MAP_WRITE);
}

static bool xs_connected(void *ctx)
{
	return index_read(&xs.ring->connection) != XENSTORE_RECONNECT;
}

static int xs_connect(void)
{
	int err = xs_map_ring();

	if (err)
		return err;
	xs.payload = heap_alloc(XENSTORE_PAYLOAD_MAX);
	xs.request = heap_alloc(REQUEST_MAX);
	if (!xs.payload || !xs.request)
		return -ENOMEM;
	if (!xs_connected(NULL)) {
		evtchn_send(xs.port);
		if (!time_wait(xs_connected, NULL, PATIENCE_NS))
			return -ETIMEDOUT;
	}
	xs.usable = true; /* before the irq: what lies in the ring already is to be dropped */
	xs.irq = evtchn_irq_request(xs.port, xs_handler, &xs, "xenstore");
	if (xs.irq >= 0)
		return 0;
	xs.usable = false;
	return xs.irq;
}

static int xs_read_identity(void)
{
	char text[12];
	uint64_t domid;
	int n = xenstore_read("domid", text, sizeof(text));

	if (n < 0)
		return n;
	if (!str_to_u64(text, &domid))
		xen_set_domid(domid);
	n = xenstore_read("name", xs.name, sizeof(xs.name));
	return n < 0 ? n : 0;
}

int xenstore_init(void)
{
	int err = xs_connect();

	if (!err)
		err = xs_read_identity();
	if (err)
		printk_warn("xenstore: not to be had (error %d)\n", err);
	else
		printk("xenstore: domain %u \"%s\", irq %d\n", xen_domid(), xs.name, xs.irq);
	return err;
}

/* SPDX-License-Identifier: MIT */
/* A further console on a bus of its own, where this test is the toolstack and the backend: it
 * maps the ring, as a backend does, and is now an honest reader, now a lazy one, now a liar. */
#include <stdint.h>

#include <xen/io/console.h>

#include "drivers/xen/evtchn.h"
#include "drivers/xen/grant.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xenbus.h"
#include "drivers/xen/xencons.h"
#include "kernel/memory.h"
#include "kernel/time.h"
#include "lib/string.h"
#include "selftest/needs.h"
#include "selftest/store_device.h"
#include "selftest/xenstore.h"

#define ROOT    "data/consoles/device"
#define NODE    ROOT "/console/77"
#define BACKEND "data/consoles/backend"
#define NAME    "xencons77"

static volatile struct xencons_interface *ring;
static int port;       /* the backend's end */
static int front_port; /* the other */

static struct console *further_console(void)
{
	struct console *con = console_first();

	while (con && strcmp(con->name, NAME))
		con = con->next;
	return con;
}

static uint64_t read_number(const char *path)
{
	uint64_t value = 0;
	char text[12];

	CHECK(xenstore_read(path, text, sizeof(text)) > 0 && !str_to_u64(text, &value));
	return value;
}

/* What the reference gives is the ring. */
static void check_grant(grant_ref_t ref)
{
	struct gnttab_copy op = {.source = {.u.ref = ref, .domid = xen_domid()},
				 .dest.domid = DOMID_SELF,
				 .len = sizeof(*ring),
				 .flags = GNTCOPY_source_gref,
				 .status = GNTST_general_error};
	void *copy = page_alloc();

	op.dest.u.gmfn = (uintptr_t)copy >> PAGE_SHIFT;
	CHECK_EQ(hypercall3(__HYPERVISOR_grant_table_op, GNTTABOP_copy, (uintptr_t)&op, 1), 0);
	CHECK_EQ(op.status, GNTST_okay);
	CHECK(ring->out_prod && !memcmp(copy, (const void *)ring, sizeof(*ring)));
	pages_free(copy, 1);
}

/* The console; NULL: the test has failed. */
static struct console *backend_connect(void)
{
	struct console *con;

	CHECK(store_device_await(NODE, XenbusStateInitialised));
	front_port = (int)read_number(NODE "/port");
	port = evtchn_bind_interdomain(xen_domid(), front_port);
	CHECK(port > 0);
	CHECK_EQ(xenstore_write(BACKEND "/state", "4"), 0);
	CHECK(store_device_await(NODE, XenbusStateConnected));
	con = further_console();
	if (!CHECK(con != NULL))
		return NULL;
	ring = ((struct xencons *)con->ctx)->ring.page;
	CHECK(ring->out_prod < 100); /* not what was printed before */
	console_print(con, "begin", 5);
	check_grant(read_number(NODE "/ring-ref"));
	ring->out_cons = ring->out_prod;
	return con;
}

static void backend_close(void)
{
	struct evtchn_status status;

	CHECK_EQ(evtchn_close(port), 0);
	CHECK_EQ(xenstore_write(BACKEND "/state", "5"), 0);
	CHECK(store_device_await(NODE, XenbusStateClosed));
	CHECK(!further_console());
	CHECK_EQ(evtchn_status(DOMID_SELF, front_port, &status), 0);
	CHECK_EQ(status.status, EVTCHNSTAT_closed);
}

static void check_text(struct console *con)
{
	static const char text[] = "out\r\n";

	console_print(con, "out\n", 4);
	CHECK_EQ(ring->out_prod - ring->out_cons, sizeof(text) - 1);
	for (const char *p = text; *p; p++)
		CHECK_EQ(ring->out[MASK_XENCONS_IDX(ring->out_cons++, ring->out)], *p);
	CHECK(evtchn_is_pending(port)); /* it has been told */
}

static void check_keys(struct console *con)
{
	char byte = 0;

	CHECK(!input_is_waiting(con->input));
	ring->in[MASK_XENCONS_IDX(ring->in_prod, ring->in)] = 'k';
	ring->in_prod++;
	CHECK(input_read(con->input, &byte) && byte == 'k');
	CHECK_EQ(ring->in_cons, ring->in_prod);
	ring->in_prod += 5000; /* nobody's */
	CHECK(!input_read(con->input, &byte));
}

/* Nobody reads: what does not fit is dropped and counted, after some waiting, once. Then it
 * reads again, and says at last that it has read what was never written. */
static void check_reader(struct console *con)
{
	const struct xencons *x = con->ctx;
	uint32_t before = ring->out_prod;

	for (unsigned i = 0; i < XENCONS_OUT_SIZE + 9; i++)
		console_print(con, "z", 1);
	CHECK_EQ(x->dropped, 9);
	CHECK(x->deaf);
	CHECK_EQ(ring->out_prod, before + XENCONS_OUT_SIZE);
	ring->out_cons = ring->out_prod;
	console_print(con, "y", 1);
	CHECK(x->dropped == 9 && !x->deaf);
	ring->out_cons += 2;
	console_print(con, "x", 1);
	CHECK(x->dropped == 10 && x->deaf);
	CHECK_EQ(ring->out_prod, before + XENCONS_OUT_SIZE + 1);
}

SELFTEST(console_front)
{
	struct store_device device = {.node = NODE,
				      .backend = BACKEND,
				      .backend_state = "2",
				      .backend_id = xen_domid()};
	struct xenbus bus = {.root = ROOT};
	unsigned out = grant_out();
	struct console *con;

	NEEDS(store);
	xenstore_rm("data/consoles");
	CHECK_EQ(store_device_make(&device), 0);
	CHECK_EQ(xenbus_open(&bus), 0);
	con = backend_connect();
	if (con) {
		check_text(con);
		check_keys(con);
		check_reader(con);
	}
	backend_close();
	CHECK_EQ(xenstore_write(BACKEND "/state", "2"), 0); /* and once more */
	con = backend_connect();
	if (con)
		check_text(con);
	backend_close();
	CHECK_EQ(grant_out(), out);
	xenbus_shut(&bus);
	CHECK_EQ(xenstore_rm("data/consoles"), 0);
}

/* SPDX-License-Identifier: MIT */
/* The FIFO ABI's own calls, and the end of what a domain may have. Sources:
 * xen/common/event_fifo.c; evtchn_allocate_port() and get_free_port() in event_channel.c. */
#include "arch/x86/paging.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/xen.h"
#include "kernel/memory.h"
#include "lib/evtchn_fifo.h"
#include "lib/string.h"
#include "selftest/evtchn_ops.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define PORTS_TRIED   4096u /* a domain may be given more; filling them takes quadratic time */
#define CONTROL_LIMIT (PAGE_SIZE - sizeof(struct evtchn_fifo_control_block))

static bool is_fifo(void)
{
	return !strcmp(evtchn_abi_name(), "fifo");
}

/* With either ABI, and in this order: evtchn_fifo_init_control(). */
SELFTEST(calls_init_control)
{
	static struct evtchn_fifo_control_block block;
	uint64_t gfn = (uintptr_t)&block >> PAGE_SHIFT;

	NEEDS(xen);
	REFUSED(ENOENT, init_control, .vcpu = VCPU_NOBODY, .offset = PAGE_SIZE);
	REFUSED(EINVAL, init_control, .control_gfn = gfn, .offset = CONTROL_LIMIT + 8);
	REFUSED(EINVAL, init_control, .control_gfn = gfn, .offset = UINT32_MAX);
	REFUSED(EINVAL, init_control, .control_gfn = gfn, .offset = 4);
	/* With 2-level this begins to switch over, fails, and takes everything back. */
	REFUSED(EINVAL, init_control, .control_gfn = GFN_NOWHERE);
	/* A second block for a vCPU; with 2-level a right one would end that ABI. */
	if (is_fifo())
		REFUSED(EINVAL, init_control, .control_gfn = gfn,
			.offset = (uintptr_t)&block % PAGE_SIZE);
	REFUSED(is_fifo() ? EINVAL : EOPNOTSUPP, expand_array, .array_gfn = GFN_NOWHERE);
}

SELFTEST(calls_priority)
{
	bool fifo;
	int port;

	NEEDS(xen);
	fifo = is_fifo();
	port = evtchn_alloc_unbound(DOMID_SELF);
	for (unsigned p = EVTCHN_FIFO_PRIORITY_MAX; p <= EVTCHN_FIFO_PRIORITY_MIN; p++)
		REFUSED(fifo ? 0 : ENOSYS, set_priority, .port = port, .priority = p);
	REFUSED(fifo ? EINVAL : ENOSYS, set_priority, .port = port,
		.priority = EVTCHN_FIFO_PRIORITY_MIN + 1);
	REFUSED(fifo ? EINVAL : ENOSYS, set_priority, .port = port, .priority = UINT32_MAX);
	CHECK_EQ(evtchn_close(port), 0);
}

/* Until Xen has no more. ports[] gets what it handed out. */
static unsigned take_all(uint16_t *ports, int *err)
{
	unsigned taken = 0;

	*err = 0;
	while (taken < PORTS_TRIED && (*err = evtchn_alloc_unbound(DOMID_SELF)) > 0)
		ports[taken++] = *err;
	return taken;
}

static void give_all(const uint16_t *ports, unsigned count)
{
	struct evtchn_status st;

	for (unsigned i = 0; i < count; i++) {
		CHECK_EQ(evtchn_close(ports[i]), 0);
		CHECK_EQ(evtchn_status(DOMID_SELF, ports[i], &st), 0);
		CHECK_EQ(st.status, EVTCHNSTAT_closed);
	}
	CHECK_EQ(evtchn_free_port(), ports[0]); /* they come back, the lowest first */
}

/* The array of event words has 128 pages. Nobody needs the rest of them in a domain that cannot
 * have more ports than one page has words, so one page may stand for all, over and over; it
 * stays with Xen. */
static void fill_array(void)
{
	event_word_t *page = page_alloc();
	struct evtchn_expand_array op = {.array_gfn = (uintptr_t)page >> PAGE_SHIFT};
	unsigned added = 0;
	int err;

	CHECK(page);
	if (!page)
		return;
	evtchn_fifo_init_page(page);
	while (!(err = hypercall_event_channel_op(EVTCHNOP_expand_array, &op)))
		added++;
	CHECK_EQ(err, -ENOSPC);
	CHECK(added < EVTCHN_FIFO_PAGES);
	if (!added)
		pages_free(page, 1);
}

/* Every call that makes a channel ends in get_free_port(). */
static void check_no_port(void)
{
	REFUSED(ENOSPC, alloc_unbound, .dom = DOMID_SELF, .remote_dom = DOMID_SELF);
	REFUSED(ENOSPC, bind_interdomain, .remote_dom = DOMID_SELF, .remote_port = 1);
	REFUSED(ENOSPC, bind_ipi, .vcpu = 0);
	REFUSED(ENOSPC, bind_virq, .virq = VIRQ_XENPMU);
	REFUSED(ENOSPC, bind_pirq, .pirq = 17);
}

/* The highest ports are as good as any: the table of channels and FIFO's array grow for them. */
static unsigned use_highest(const uint16_t *ports, unsigned taken)
{
	struct loopback lb;

	for (unsigned i = 0; i < 2; i++)
		CHECK_EQ(evtchn_close(ports[--taken]), 0);
	if (loopback_open(&lb, "highest")) {
		CHECK(lb.near >= ports[taken]);
		CHECK(loopback_ping(&lb));
		CHECK(loopback_ping(&lb));
	}
	loopback_close(&lb);
	return taken;
}

SELFTEST(calls_all_ports)
{
	unsigned pages = PORTS_TRIED * sizeof(uint16_t) / PAGE_SIZE, taken;
	uint16_t *ports;
	int err;

	NEEDS(xen);
	ports = pages_alloc(pages);
	CHECK(ports);
	if (!ports)
		return;
	taken = take_all(ports, &err);
	if (err == -ENOSPC) {
		check_no_port();
		if (is_fifo() && ports[taken - 1] < EVTCHN_FIFO_PAGE_WORDS)
			fill_array();
		taken = use_highest(ports, taken);
	}
	give_all(ports, taken);
	pages_free(ports, pages);
	SKIP_UNLESS(err < 0, "the domain has more than %u ports", PORTS_TRIED);
}

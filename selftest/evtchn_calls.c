/* SPDX-License-Identifier: MIT */
/* What Xen refuses of the calls on a port, and with which error, by the port's state. The errors
 * are those of xen/common/event_channel.c; docs/calls.md has the table. */
#include "drivers/xen/evtchn.h"
#include "drivers/xen/xen.h"
#include "lib/string.h"
#include "selftest/evtchn_ops.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

void evtchn_op_check(unsigned cmd, void *arg, int want, int line)
{
	selftest_check_equal(hypercall_event_channel_op(cmd, arg), want, line);
}

int evtchn_free_port(void)
{
	int port = evtchn_alloc_unbound(DOMID_SELF);

	CHECK(port > 0);
	CHECK_EQ(evtchn_close(port), 0);
	return port;
}

static bool is_fifo(void)
{
	return !strcmp(evtchn_abi_name(), "fifo");
}

/* Where nothing is bound, or nothing of the guest's: only what changes nothing succeeds. */
static void check_unusable(evtchn_port_t port)
{
	REFUSED(EINVAL, send, .port = port);
	REFUSED(EINVAL, close, .port = port);
	REFUSED(EINVAL, bind_vcpu, .port = port);
	/* evtchn_port_unmask() and evtchn_port_set_priority() ask evtchn_usable(). */
	REFUSED(0, unmask, .port = port);
	REFUSED(is_fifo() ? EACCES : ENOSYS, set_priority, .port = port);
}

static void check_closed(evtchn_port_t port)
{
	struct evtchn_status st;

	check_unusable(port);
	CHECK_EQ(evtchn_status(DOMID_SELF, port, &st), 0);
	CHECK_EQ(st.status, EVTCHNSTAT_closed);
}

static void check_beyond(evtchn_port_t port)
{
	REFUSED(EINVAL, send, .port = port);
	REFUSED(EINVAL, close, .port = port);
	REFUSED(EINVAL, bind_vcpu, .port = port);
	REFUSED(EINVAL, unmask, .port = port);
	REFUSED(EINVAL, set_priority, .port = port);
	REFUSED(EINVAL, status, .dom = DOMID_SELF, .port = port);
	REFUSED(EINVAL, bind_interdomain, .remote_dom = DOMID_SELF, .remote_port = port);
}

SELFTEST(calls_no_channel)
{
	NEEDS(xen);
	check_closed(0); /* ECS_RESERVED: never handed out */
	check_closed(evtchn_free_port());
	check_beyond(PORT_BEYOND);
	check_beyond(UINT32_MAX);
}

/* Those of the device model end in Xen, which tells them apart in evtchn_status() up to 4.18. */
SELFTEST(calls_xen_channel)
{
	struct evtchn_status st;
	evtchn_port_t port = 1;
	int err;

	NEEDS(xen);
	SKIP_UNLESS(xen_version_number() < (4u << 16 | 19), "this Xen does not tell its own ports");
	while ((err = evtchn_status(DOMID_SELF, port, &st)) == 0)
		port++;
	SKIP_UNLESS(err == -EACCES, "no channel ends in Xen");
	check_unusable(port);
}

/* --- each state that a channel can be in --- */

SELFTEST(calls_unbound)
{
	int port;

	NEEDS(xen);
	port = evtchn_alloc_unbound(DOMID_SELF);
	CHECK_EQ(evtchn_send(port), 0); /* dropped */
	CHECK(!evtchn_is_pending(port));
	REFUSED(0, bind_vcpu, .port = port, .vcpu = xen_vcpu_id(0));
	REFUSED(ENOENT, bind_vcpu, .port = port, .vcpu = VCPU_NOBODY);
	REFUSED(ENOENT, bind_vcpu, .port = PORT_BEYOND, .vcpu = VCPU_NOBODY);
	CHECK_EQ(evtchn_close(port), 0);
	check_closed(port);
}

SELFTEST(calls_interdomain)
{
	struct evtchn_status st;
	struct loopback lb;
	int spare;

	NEEDS(xen);
	if (loopback_open(&lb, "calls")) {
		spare = evtchn_free_port();
		REFUSED(EINVAL, bind_interdomain, .remote_dom = DOMID_SELF, .remote_port = lb.near);
		CHECK_EQ(evtchn_free_port(), spare); /* the refused one has given its port back */
		CHECK_EQ(evtchn_status(DOMID_SELF, lb.near, &st), 0);
		CHECK_EQ(st.status, EVTCHNSTAT_interdomain);
		CHECK_EQ(st.u.interdomain.port, lb.far);
		CHECK_EQ(evtchn_close(lb.near), -EBUSY); /* Daisy's own: it has an irq */
		CHECK_EQ(evtchn_irq_request(lb.near, NULL, NULL, "second"), -EBUSY);
		/* The end that stays is unbound again, and may be bound anew. */
		CHECK_EQ(evtchn_close(lb.far), 0);
		CHECK_EQ(evtchn_status(DOMID_SELF, lb.near, &st), 0);
		CHECK_EQ(st.status, EVTCHNSTAT_unbound);
		CHECK_EQ(evtchn_send(lb.near), 0);
		lb.far = evtchn_bind_interdomain(DOMID_SELF, lb.near);
		CHECK(evtchn_is_pending(lb.far)); /* marked, for what may have been lost */
		CHECK(loopback_ping(&lb));
	}
	CHECK_EQ(evtchn_irq_free(PORT_BEYOND, NULL), -ENOENT);
	loopback_close(&lb);
}

/* A channel that sends to itself alone. */
static void check_own_kind(int port, unsigned status, int send)
{
	struct evtchn_status st;

	CHECK(port > 0);
	CHECK_EQ(evtchn_status(DOMID_SELF, port, &st), 0);
	CHECK_EQ(st.status, status);
	CHECK_EQ(evtchn_send(port), send);
	CHECK_EQ(evtchn_is_pending(port), send == 0);
	REFUSED(EINVAL, bind_interdomain, .remote_dom = DOMID_SELF, .remote_port = port);
}

static enum irq_result ipi_handler(struct irq *irq, void *ctx)
{
	++*(volatile uint32_t *)ctx;
	return IRQ_HANDLED;
}

/* Each send to oneself is one run and one count. */
static void deliver_ipi(int port)
{
	volatile uint32_t runs = 0;
	int number = evtchn_irq_request(port, ipi_handler, (void *)&runs, "ipi");
	uint32_t before = irq_count(irq_get(number));

	CHECK(number >= 0);
	for (uint32_t i = 1; i <= 5; i++) {
		CHECK_EQ(evtchn_send(port), 0);
		CHECK(selftest_wait_count(&runs, i));
	}
	loopback_settle();
	CHECK_EQ(runs, 5);
	if (evtchn_daisy())
		CHECK_EQ(irq_count(irq_get(number)) - before, 5);
	CHECK_EQ(evtchn_irq_free(port, (void *)&runs), 0);
}

SELFTEST(calls_ipi)
{
	int port;

	NEEDS(xen);
	port = evtchn_bind_ipi(xen_vcpu_id(0));
	check_own_kind(port, EVTCHNSTAT_ipi, 0);
	CHECK(evtchn_clear(port));
	deliver_ipi(port);
	REFUSED(EINVAL, bind_vcpu, .port = port, .vcpu = xen_vcpu_id(0));
	REFUSED(ENOENT, bind_ipi, .vcpu = VCPU_NOBODY);
	CHECK_EQ(evtchn_close(port), 0);
	check_closed(port);
}

/* For an hvm domain evtchn_bind_pirq() asks for a number within bounds, no more: the emulated
 * interrupt is tied to it by another call (selftest/pirq.c), which pvh does not have. */
SELFTEST(calls_pirq)
{
	const unsigned pirq = 17; /* a domain has 48 at least: Xen's own 16 gsis, and 32 */
	int port;

	NEEDS(xen);
	port = evtchn_bind_pirq(pirq, false);
	check_own_kind(port, EVTCHNSTAT_pirq, -EINVAL);
	REFUSED(EEXIST, bind_pirq, .pirq = pirq);
	REFUSED(EINVAL, bind_pirq, .pirq = PORT_BEYOND);
	REFUSED(0, bind_vcpu, .port = port, .vcpu = xen_vcpu_id(0));
	CHECK_EQ(evtchn_close(port), 0);
	check_closed(port);
}

/* --- other domains --- */

/* Domain 0 is there; what XSM_TARGET guards, include/xsm/dummy.h, is the domain's own. */
SELFTEST(calls_other_domain)
{
	int port;

	NEEDS(xen);
	REFUSED(ESRCH, alloc_unbound, .dom = DOMID_NOBODY, .remote_dom = DOMID_SELF);
	REFUSED(EPERM, alloc_unbound, .dom = 0, .remote_dom = DOMID_SELF);
	REFUSED(ESRCH, bind_interdomain, .remote_dom = DOMID_NOBODY, .remote_port = 1);
	REFUSED(EINVAL, bind_interdomain, .remote_dom = 0, .remote_port = 0);
	REFUSED(ESRCH, status, .dom = DOMID_NOBODY, .port = 1);
	REFUSED(EPERM, status, .dom = 0, .port = 1);
	REFUSED(EINVAL, status, .dom = 0, .port = PORT_BEYOND);
	REFUSED(ESRCH, reset, .dom = DOMID_NOBODY);
	REFUSED(EPERM, reset, .dom = 0);
	/* Nobody checks whether the remote exists; but it alone may bind. */
	port = evtchn_alloc_unbound(DOMID_NOBODY);
	CHECK(port > 0);
	REFUSED(EINVAL, bind_interdomain, .remote_dom = DOMID_SELF, .remote_port = port);
	CHECK_EQ(evtchn_close(port), 0);
}

/* --- what is wrong with the call itself --- */

SELFTEST(calls_bad_pointer)
{
	static const struct evtchn_alloc_unbound rodata = {.dom = DOMID_SELF,
							   .remote_dom = DOMID_SELF};
	struct evtchn_status st;
	int port;

	NEEDS(xen);
	for (unsigned cmd = 0; cmd < NR_EVTCHNOPS; cmd++)
		CHECK_EQ(hypercall_event_channel_op(cmd, NULL), -EFAULT); /* page 0 is absent */
	CHECK_EQ(hypercall_event_channel_op(NR_EVTCHNOPS, NULL), -ENOSYS);
	CHECK_EQ(hypercall_event_channel_op(UINT32_MAX, NULL), -ENOSYS);
	/* When the answer cannot be written the channel has been made ("a mess", says Xen). */
	port = evtchn_free_port();
	CHECK_EQ(hypercall_event_channel_op(EVTCHNOP_alloc_unbound, (void *)&rodata), -EFAULT);
	CHECK_EQ(evtchn_status(DOMID_SELF, port, &st), 0);
	CHECK_EQ(st.status, EVTCHNSTAT_unbound);
	CHECK_EQ(evtchn_close(port), 0);
}

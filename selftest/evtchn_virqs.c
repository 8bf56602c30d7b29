/* SPDX-License-Identifier: MIT */
/* VIRQs: which of them a guest may bind, and where. evtchn_bind_virq() in
 * xen/common/event_channel.c; virq_is_global() there says which are per vCPU. */
#include "drivers/xen/evtchn.h"
#include "drivers/xen/xen.h"
#include "selftest/evtchn_ops.h"
#include "selftest/needs.h"

/* From 4.21 on, get_virq_type() keeps some of them for the domain that handles them: -EBUSY. */
#define OPEN_TO_ALL (xen_version_number() < (4u << 16 | 21))

static bool is_per_vcpu(unsigned virq)
{
	return virq == VIRQ_TIMER || virq == VIRQ_DEBUG || virq == VIRQ_XENOPROF ||
	       virq == VIRQ_XENPMU;
}

/* By Daisy itself, for good. */
static bool is_bound(unsigned virq)
{
	struct evtchn_status st;
	int err;

	for (evtchn_port_t port = 1; (err = evtchn_status(DOMID_SELF, port, &st)) != -EINVAL;
	     port++) {
		if (!err && st.status == EVTCHNSTAT_virq && st.u.virq == virq &&
		    st.vcpu == xen_vcpu_id(0))
			return true;
	}
	return false;
}

static void check_virq(unsigned virq)
{
	bool global = !is_per_vcpu(virq);
	int port = evtchn_bind_virq(virq, xen_vcpu_id(0));

	if (port == -EEXIST) {
		CHECK(is_bound(virq));
		return;
	}
	CHECK(port > 0);
	REFUSED(EEXIST, bind_virq, .virq = virq);
	REFUSED(EINVAL, send, .port = port); /* only Xen raises it */
	CHECK(!evtchn_is_pending(port));
	REFUSED(global ? 0 : EINVAL, bind_vcpu, .port = port, .vcpu = xen_vcpu_id(0));
	REFUSED(EINVAL, bind_interdomain, .remote_dom = DOMID_SELF, .remote_port = port);
	CHECK_EQ(evtchn_close(port), 0);
	REFUSED(EINVAL, close, .port = port);
}

SELFTEST(calls_virq)
{
	NEEDS(xen);
	for (unsigned virq = 0; virq < NR_VIRQS; virq++) {
		REFUSED(is_per_vcpu(virq) ? ENOENT : EINVAL, bind_virq, .virq = virq,
			.vcpu = VCPU_NOBODY);
		if (is_per_vcpu(virq) || OPEN_TO_ALL)
			check_virq(virq);
	}
	REFUSED(EINVAL, bind_virq, .virq = NR_VIRQS);
	REFUSED(EINVAL, bind_virq, .virq = UINT32_MAX);
}

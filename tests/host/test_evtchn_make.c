/* SPDX-License-Identifier: MIT */
/* Ports made again (drivers/xen/evtchn_make.c), against a fake Xen behind the gate, which gives the lowest
 * free port and checks as xen/common/event_channel.c does: with and without multicalls, with numbers that
 * are taken, and with no more ports than are needed. */
#include "tests/host/test.h"
#include "tests/host/fake_ports.h"

#define ARCH_X86_HYPERCALL_H /* the gate is this file's */
static long hypercall2(unsigned nr, uintptr_t a1, uintptr_t a2);
long hypercall3(unsigned nr, uintptr_t a1, uintptr_t a2, uintptr_t a3); /* not called here */

#include "drivers/xen/evtchn_batch.c"
#include "drivers/xen/evtchn_make.c"

#define US      DOMID_SELF
#define BACKEND 0
#define VCPUS   4u

/* --- the gate --- */

static bool multicalls;
static unsigned calls; /* hypercalls, each multicall one */

/* As a debug build does: only the result is left of an entry. */
static long fake_multicall(struct multicall_entry *entry, unsigned count)
{
	for (; count; count--, entry++) {
		xen_ulong_t result = fake_ports_op(entry->args[0], (void *)entry->args[1]);

		assert_int_equal(entry->op, __HYPERVISOR_event_channel_op);
		memset(entry, 0xaa, sizeof(*entry));
		entry->result = result;
	}
	return 0;
}

static long hypercall2(unsigned nr, uintptr_t a1, uintptr_t a2)
{
	calls++;
	if (nr == __HYPERVISOR_event_channel_op)
		return fake_ports_op(a1, (void *)a2);
	assert_int_equal(nr, __HYPERVISOR_multicall);
	return multicalls ? fake_multicall((void *)a1, a2) : -ENOSYS;
}

/* --- what else evtchn_make.c calls --- */

static unsigned warnings;

int evtchn_alloc_unbound(domid_t remote)
{
	struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = remote};
	int err = hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	return err ? err : (int)op.port;
}

void printk_warn(const char *format, ...)
{
	(void)format;
	warnings++;
}

/* --- a domain's ports --- */

static struct carried carried[FAKE_PORTS];
static struct transition t;

static struct carried *carry(unsigned port, unsigned status, unsigned vcpu)
{
	carried[port].s = (struct evtchn_status){.port = port, .status = status, .vcpu = vcpu};
	if (port >= t.nr_ports)
		t.nr_ports = port + 1;
	return &carried[port];
}

static void carry_peer(unsigned port, domid_t dom, unsigned peer)
{
	struct carried *c = carry(port, EVTCHNSTAT_interdomain, port % VCPUS);

	c->s.u.interdomain.dom = dom;
	c->s.u.interdomain.port = peer;
	c->remote = dom != US;
}

/* From `first` on: channels of the domain to itself, with their ends side by side and far apart, one to
 * a backend, an IPI and a VIRQ for each vCPU, one VIRQ that has been moved; a gap after each. */
static void carry_crowd(unsigned first)
{
	unsigned port = first;

	for (unsigned i = 0; i < 60; i++, port += 2) {
		carry_peer(port, US, port + 1);
		carry_peer(port + 1, US, port);
	}
	for (unsigned i = 0; i < 10; i++) {
		carry_peer(port + i, US, port + 20 - i);
		carry_peer(port + 20 - i, US, port + i);
	}
	port += 22; /* one in the middle of those is free, and the next */
	carry_peer(port, BACKEND, 77);
	carry(port + 2, EVTCHNSTAT_unbound, 1)->s.u.unbound.dom = US;
	for (unsigned vcpu = 0; vcpu < VCPUS; vcpu++, port += 2) {
		carry(port + 4, EVTCHNSTAT_ipi, vcpu);
		carry(port + 5, EVTCHNSTAT_virq, vcpu);
	}
	carry(port + 5, EVTCHNSTAT_virq, 2)->s.u.virq = FAKE_VIRQ_GLOBAL;
}

static void begin(bool resumed, bool with_multicalls)
{
	memset(fake_ports, 0, sizeof(fake_ports));
	memset(carried, 0, sizeof(carried));
	for (unsigned port = 0; port < FAKE_PORTS; port++)
		carried[port].s.port = port;
	t = (struct transition){.ports = carried, .room = FAKE_PORTS, .nr_ports = 1, .resumed = resumed};
	fake_ports_limit = FAKE_PORTS;
	multicalls = with_multicalls;
	calls = warnings = 0;
}

static unsigned status_now(const struct carried *c)
{
	return c->remote && t.resumed ? EVTCHNSTAT_unbound : c->s.status;
}

static void check_port(const struct carried *c)
{
	const struct evtchn_status *s = &fake_ports[c->now];

	assert_int_not_equal(c->now, 0);
	assert_int_equal(s->status, status_now(c));
	assert_int_equal(s->vcpu, c->s.vcpu);
	if (s->status == EVTCHNSTAT_virq)
		assert_int_equal(s->u.virq, c->s.u.virq);
	if (s->status != EVTCHNSTAT_interdomain)
		return;
	assert_int_equal(s->u.interdomain.dom, c->s.u.interdomain.dom);
	assert_int_equal(s->u.interdomain.port,
			 c->remote ? c->s.u.interdomain.port
				   : carried[c->s.u.interdomain.port].now);
}

/* All there, nothing else beside what was taken before; the number of those that have another number. */
static unsigned check(unsigned taken)
{
	unsigned found = 0, wanted = taken, others = 0;

	assert_int_equal(t.err, 0);
	assert_int_equal(warnings, 0);
	for (unsigned port = 1; port < FAKE_PORTS; port++) {
		found += fake_ports[port].status != EVTCHNSTAT_closed;
		if (carried[port].s.status == EVTCHNSTAT_closed)
			continue;
		check_port(&carried[port]);
		others += carried[port].now != port;
		wanted++;
	}
	assert_int_equal(found, wanted);
	return others;
}

static void test_each_in_its_place(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 4; way++) {
		begin(way & 1, way & 2);
		carry_crowd(1);
		ports_make(&t);
		assert_int_equal(check(0), 0);
	}
}

/* 64 by one hypercall, but where the VIRQ that is not per vCPU has been moved: there one by one. */
static void test_together(void **state)
{
	(void)state;
	begin(true, true);
	for (unsigned port = 1; port < 193; port += 2) {
		carry_peer(port, US, port + 1);
		carry_peer(port + 1, US, port);
		carried[port].s.vcpu = carried[port + 1].s.vcpu = 0;
	}
	ports_make(&t);
	assert_int_equal(check(0), 0);
	assert_int_equal(calls, 192 / EVTCHN_BATCH);
}

/* What the toolstack takes, somewhere, and does not tell. */
static void test_taken(void **state)
{
	(void)state;
	for (unsigned taken = 1; taken < 160; taken += 3)
		for (unsigned way = 0; way < 4; way++) {
			begin(way & 1, way & 2);
			fake_ports[taken].status = EVTCHNSTAT_unbound;
			carry_crowd(1);
			ports_make(&t);
			assert_true(check(1) <= 1);
		}
}

static void toolstack_has(unsigned port, unsigned now)
{
	struct carried *c = carry(port, EVTCHNSTAT_unbound, 0);

	c->s.u.unbound.dom = BACKEND;
	c->remote = true;
	c->now = now;
	fake_ports[now] = (struct evtchn_status){.status = EVTCHNSTAT_unbound};
}

/* What it tells of, where it was or elsewhere. */
static void test_toolstacks_own(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 2; way++) {
		begin(true, way);
		carry_crowd(10);
		toolstack_has(1, 1);
		toolstack_has(2, 5); /* 2 is free, and held for a while */
		ports_make(&t);
		assert_int_equal(check(0), 1);
	}
}

/* The domain has as many ports as it needs, the last of which is taken: what is held is needed. */
static void test_no_port_to_spare(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 4; way++) {
		begin(way & 1, way & 2);
		carry_crowd(1);
		fake_ports_limit = t.nr_ports;
		fake_ports[t.nr_ports - 1].status = EVTCHNSTAT_unbound;
		ports_make(&t);
		assert_int_equal(check(1), 1);
	}
}

/* A port whose other end is gone: that one is lost, and said; the others have their numbers. */
static void test_refused(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 2; way++) {
		begin(false, way);
		carry_crowd(2);
		carry_peer(1, FAKE_DOM_GONE, 7);
		ports_make(&t);
		assert_int_equal(t.err, -EIO);
		assert_int_equal(warnings, 1);
		assert_int_equal(carried[1].s.status, EVTCHNSTAT_closed);
		t.err = warnings = 0;
		assert_int_equal(check(0), 0);
	}
}

/* No port at all is left for one. */
static void test_one_too_many(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 2; way++) {
		begin(true, way);
		for (unsigned port = 1; port < 100; port++)
			carry(port, EVTCHNSTAT_ipi, 1);
		fake_ports_limit = 99;
		ports_make(&t);
		assert_int_equal(t.err, -EIO);
		assert_int_equal(warnings, 1);
		assert_int_equal(carried[99].s.status, EVTCHNSTAT_closed);
		assert_int_equal(fake_ports[98].status, EVTCHNSTAT_ipi);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_in_its_place),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_toolstacks_own),
		cmocka_unit_test(test_no_port_to_spare),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_one_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

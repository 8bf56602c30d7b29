/* SPDX-License-Identifier: MIT */
/* Typed hypercalls on top of the raw gate in arch/x86/hypercall.h. Each returns what Xen
 * returns: 0 or a value >= 0, or a negative errno. Structures and numbers: Xen's public
 * headers. None may be made before xen_detect() has found Xen and filled the gate. */
#ifndef DRIVERS_XEN_HYPERCALL_H
#define DRIVERS_XEN_HYPERCALL_H

#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "arch/x86/hypercall.h"

/* EVTCHNOP_*: arg is the operation's own structure (public/event_channel.h). */
static inline int hypercall_event_channel_op(unsigned cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_event_channel_op, cmd, (uintptr_t)arg);
}

static inline int hypercall_evtchn_send(evtchn_port_t port)
{
	struct evtchn_send op = {.port = port};

	return hypercall_event_channel_op(EVTCHNOP_send, &op);
}

static inline int hypercall_evtchn_unmask(evtchn_port_t port)
{
	struct evtchn_unmask op = {.port = port};

	return hypercall_event_channel_op(EVTCHNOP_unmask, &op);
}

static inline int hypercall_evtchn_close(evtchn_port_t port)
{
	struct evtchn_close op = {.port = port};

	return hypercall_event_channel_op(EVTCHNOP_close, &op);
}

/* -EINVAL for IPIs and per-vCPU VIRQs; does not move an event that is already pending. */
static inline int hypercall_evtchn_bind_vcpu(evtchn_port_t port, uint32_t vcpu)
{
	struct evtchn_bind_vcpu op = {.port = port, .vcpu = vcpu};

	return hypercall_event_channel_op(EVTCHNOP_bind_vcpu, &op);
}

/* Each call's result is its own (public/xen.h); of the others of its words nothing is left to rely
 * on. -ENOSYS, and none is done: before 4.16, and 4.15.1, Xen has none for HVM guests. */
static inline int hypercall_multicall(struct multicall_entry *calls, unsigned count)
{
	return hypercall2(__HYPERVISOR_multicall, (uintptr_t)calls, count);
}

/* PHYSDEVOP_*: public/physdev.h. */
static inline int hypercall_physdev_op(unsigned cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_physdev_op, cmd, (uintptr_t)arg);
}

static inline int hypercall_hvm_op(unsigned cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_hvm_op, cmd, (uintptr_t)arg);
}

/* HVM_PARAM_* of this domain. *value is written on success only. */
static inline int hypercall_hvm_get_param(uint32_t index, uint64_t *value)
{
	struct xen_hvm_param op = {.domid = DOMID_SELF, .index = index};
	int err = hypercall_hvm_op(HVMOP_get_param, &op);

	if (!err)
		*value = op.value;
	return err;
}

static inline int hypercall_hvm_set_param(uint32_t index, uint64_t value)
{
	struct xen_hvm_param op = {.domid = DOMID_SELF, .index = index, .value = value};

	return hypercall_hvm_op(HVMOP_set_param, &op);
}

/* The vCPU's upcalls arrive on this vector through its local APIC, from now on and for ever:
 * xen/arch/x86/hvm/hvm.c refuses vectors below 0x10, and nothing else clears the field. */
static inline int hypercall_hvm_set_upcall_vector(uint32_t vcpu, uint8_t vector)
{
	struct xen_hvm_evtchn_upcall_vector op = {.vcpu = vcpu, .vector = vector};

	return hypercall_hvm_op(HVMOP_set_evtchn_upcall_vector, &op);
}

/* Puts a record of the guest class into Xen's trace buffer: up to 28 bytes of text or data. */
static inline int hypercall_hvm_xentrace(uint16_t event, const void *extra, uint16_t length)
{
	struct xen_hvm_xentrace op = {.event = event};

	if (length > sizeof(op.extra))
		length = sizeof(op.extra);
	op.extra_bytes = length;
	for (uint16_t i = 0; i < length; i++)
		op.extra[i] = ((const uint8_t *)extra)[i];
	return hypercall_hvm_op(HVMOP_xentrace, &op);
}

/* Puts frame idx of a XENMAPSPACE_* at guest frame gfn. */
static inline int hypercall_memory_add_to_physmap(unsigned space, uintptr_t idx, uintptr_t gfn)
{
	struct xen_add_to_physmap op = {
	    .domid = DOMID_SELF,
	    .space = space,
	    .idx = idx,
	    .gpfn = gfn,
	};

	return hypercall2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uintptr_t)&op);
}

/* SHUTDOWN_* of public/sched.h. Returns for SHUTDOWN_suspend only. */
static inline int hypercall_sched_shutdown(unsigned reason)
{
	struct sched_shutdown op = {.reason = reason};

	return hypercall2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&op);
}

/* Sleeps until one of the ports is pending (masked or not), or until Xen's system time reaches
 * timeout_ns (0: no timeout), or an interrupt can be taken. */
static inline int hypercall_sched_poll(evtchn_port_t *ports, unsigned count,
				       uint64_t timeout_ns)
{
	struct sched_poll op = {.nr_ports = count, .timeout = timeout_ns};

	set_xen_guest_handle(op.ports, ports);
	return hypercall2(__HYPERVISOR_sched_op, SCHEDOP_poll, (uintptr_t)&op);
}

/* Ends the domain with SHUTDOWN_watchdog after so many seconds. id 0: a new one, returns its id;
 * else that one starts anew, or with seconds 0 ends. -ENOSPC: Xen has two for each domain. */
static inline int hypercall_sched_watchdog(uint32_t id, uint32_t seconds)
{
	struct sched_watchdog op = {.id = id, .timeout = seconds};

	return hypercall2(__HYPERVISOR_sched_op, SCHEDOP_watchdog, (uintptr_t)&op);
}

static inline int hypercall_sched_yield(void)
{
	return hypercall2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

/* Sleeps until an event; as hlt, it wants interrupts to be deliverable. */
static inline int hypercall_sched_block(void)
{
	return hypercall2(__HYPERVISOR_sched_op, SCHEDOP_block, 0);
}

/* XENVER_*: public/version.h. Also the null hypercall, as XENVER_version with arg NULL. */
static inline long hypercall_xen_version(unsigned cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_xen_version, cmd, (uintptr_t)arg);
}

static inline int hypercall_vcpu_op(unsigned cmd, uint32_t vcpu, void *arg)
{
	return hypercall3(__HYPERVISOR_vcpu_op, cmd, vcpu, (uintptr_t)arg);
}

#endif

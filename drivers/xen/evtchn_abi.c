/* SPDX-License-Identifier: MIT */
/* The 2-level ABI: lib/evtchn_2l.h on the words in shared_info and vcpu_info. */
#include "drivers/xen/evtchn_abi.h"

#include <stddef.h>

#include "arch/x86/percpu.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/fault.h"
#include "lib/string.h"

_Static_assert(sizeof(xen_ulong_t) == 8, "the words of the 64-bit ABI");
_Static_assert(sizeof(((struct shared_info *)0)->evtchn_pending) == EVTCHN_2L_WORDS * 8,
	       "64 words of 64 channels");
_Static_assert(sizeof(((struct shared_info *)0)->evtchn_mask) == EVTCHN_2L_WORDS * 8,
	       "64 words of 64 channels");

static struct evtchn_2l shared;
static struct evtchn_2l_cpu *states[NR_CPUS_MAX];

static int abi_2l_init(void)
{
	shared.pending = xen_shared_info->evtchn_pending;
	shared.mask = xen_shared_info->evtchn_mask;
	for (unsigned word = 0; word < EVTCHN_2L_WORDS; word++)
		shared.mask[word] = ~0ull;
	return 0;
}

static struct evtchn_2l_cpu *abi_2l_cpu(unsigned cpu)
{
	if (!states[cpu])
		states[cpu] = heap_alloc(sizeof(*states[cpu]));
	return states[cpu];
}

static int abi_2l_prepare(unsigned ports)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		if (!abi_2l_cpu(cpu))
			return -ENOMEM;
	return 0;
}

static int abi_2l_init_cpu(unsigned cpu)
{
	struct vcpu_info *vi = xen_vcpu_info(cpu);
	struct evtchn_2l_cpu *state = vi ? abi_2l_cpu(cpu) : NULL;

	if (!state)
		return vi ? -ENOMEM : -EINVAL;
	state->upcall_pending = &vi->evtchn_upcall_pending;
	state->selector = &vi->evtchn_pending_sel;
	/* Xen binds a new port to vCPU 0, and a closed one returns there. */
	memset(state->bound, cpu == 0 ? 0xff : 0, sizeof(state->bound));
	return 0;
}

static int abi_2l_setup(evtchn_port_t port)
{
	return port < EVTCHN_2L_PORTS ? 0 : -ENOSPC;
}

static unsigned abi_2l_scan(evtchn_serve_fn *serve, void *ctx)
{
	return evtchn_2l_scan(&shared, states[this_cpu()->id], serve, ctx);
}

static bool abi_2l_take(void)
{
	struct evtchn_2l_cpu *state = states[this_cpu()->id];

	*state->upcall_pending = 0;
	/* A full barrier: what becomes pending after it finds upcall_pending clear and raises
	 * the upcall anew; what came before is seen by whoever looks at the ports next. */
	return __atomic_exchange_n(state->selector, 0, __ATOMIC_SEQ_CST);
}

static void abi_2l_mask(evtchn_port_t port)
{
	evtchn_2l_mask(&shared, port);
}

static bool abi_2l_bound_to(evtchn_port_t port, unsigned cpu)
{
	return states[cpu] && bitmap_test(states[cpu]->bound, port);
}

static void abi_2l_unmask(evtchn_port_t port)
{
	/* Only the vCPU that the port notifies may do without Xen: another one's selector and
	 * upcall_pending are not ours to look at. */
	if (!abi_2l_bound_to(port, this_cpu()->id) || evtchn_2l_unmask(&shared, port))
		hypercall_evtchn_unmask(port);
}

static bool abi_2l_clear(evtchn_port_t port)
{
	return evtchn_2l_clear(&shared, port);
}

static void abi_2l_set_pending(evtchn_port_t port)
{
	evtchn_2l_set_pending(&shared, port);
}

static bool abi_2l_is_pending(evtchn_port_t port)
{
	return evtchn_2l_is_pending(&shared, port);
}

static bool abi_2l_is_masked(evtchn_port_t port)
{
	return evtchn_2l_is_masked(&shared, port);
}

static void abi_2l_bind_cpu(evtchn_port_t port, unsigned cpu)
{
	uint64_t bit = 1ull << port % 64;

	/* Atomic, because other CPUs may be binding ports of the same word. The new CPU first:
	 * a port that is in two sets for a moment is served twice at worst, in none it is lost.
	 */
	__atomic_fetch_or(&states[cpu]->bound[port / 64], bit, __ATOMIC_SEQ_CST);
	for (unsigned other = 0; other < NR_CPUS_MAX; other++) {
		if (other != cpu && states[other] && !FAULT(wrong_set))
			__atomic_fetch_and(&states[other]->bound[port / 64], ~bit,
					   __ATOMIC_SEQ_CST);
	}
}

static unsigned abi_2l_bound_cpu(evtchn_port_t port)
{
	for (unsigned cpu = 0; cpu < NR_CPUS_MAX; cpu++) {
		if (abi_2l_bound_to(port, cpu))
			return cpu;
	}
	return 0;
}

static void abi_2l_dump(unsigned cpu)
{
	const struct evtchn_2l_cpu *state = states[cpu];

	if (state)
		printk("evtchn: cpu %u upcall_pending %u selector %016lx\n", cpu,
		       *state->upcall_pending, *state->selector);
}

const struct evtchn_abi evtchn_abi_2l = {
	.name = "2-level",
	.max_ports = EVTCHN_2L_PORTS,
	.prepare = abi_2l_prepare,
	.init = abi_2l_init,
	.init_cpu = abi_2l_init_cpu,
	.setup = abi_2l_setup,
	.scan = abi_2l_scan,
	.take = abi_2l_take,
	.mask = abi_2l_mask,
	.unmask = abi_2l_unmask,
	.clear = abi_2l_clear,
	.set_pending = abi_2l_set_pending,
	.is_pending = abi_2l_is_pending,
	.is_masked = abi_2l_is_masked,
	.bind_cpu = abi_2l_bind_cpu,
	.bound_cpu = abi_2l_bound_cpu,
	.dump = abi_2l_dump,
};

/* SPDX-License-Identifier: MIT */
/* The 2-level ABI: lib/evtchn_2l.h on the words in shared_info and vcpu_info. */
/* A scan is of this CPU's own: without a register that would have to be saved. */
struct evtchn_2l_cpu;
static struct evtchn_2l_cpu *abi_2l_mine(void);
#define EVTCHN_SPACE	     __seg_gs
#define EVTCHN_2L_PLAIN(cpu) abi_2l_mine()

#include "drivers/xen/evtchn_abi.h"

#include <stddef.h>

#include "arch/x86/percpu.h"
#include "drivers/xen/evtchn_gate.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_serve.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/evtchn_2l_scan.h"
#include "lib/string.h"

_Static_assert(sizeof(xen_ulong_t) == 8, "the words of the 64-bit ABI");
_Static_assert(offsetof(struct vcpu_info, evtchn_upcall_pending) ==
			       offsetof(struct evtchn_2l_flags, upcall_pending) &&
		       offsetof(struct vcpu_info, evtchn_pending_sel) ==
			       offsetof(struct evtchn_2l_flags, selector),
	       "the flags as they lie in vcpu_info");
_Static_assert(sizeof(((struct shared_info *)0)->evtchn_pending) == EVTCHN_2L_WORDS * 8,
	       "64 words of 64 channels");
_Static_assert(offsetof(struct shared_info, evtchn_mask) -
			       offsetof(struct shared_info, evtchn_pending) ==
		       offsetof(struct evtchn_2l_words, mask),
	       "the mask lies behind the pending bits");

/* Constants. FLAGS is this CPU's own vcpu_info: where Xen has refused it, a scan goes by its pointer. */
#define FLAGS ((volatile struct evtchn_2l_flags __seg_gs *)offsetof(struct cpu, shared))
#define WORDS ((struct evtchn_2l_words *)((struct shared_info *)xen_shared_info_page)->evtchn_pending)

static struct evtchn_2l shared;
static uint8_t homes[EVTCHN_2L_PORTS]; /* the CPU in whose set a port is */

_Static_assert(NR_CPUS_MAX <= 256, "a CPU in a byte");

static struct evtchn_2l_cpu *cpu_of(unsigned cpu)
{
	return &cpus[cpu]->evtchn_2l;
}

COLD static struct evtchn_2l_cpu *abi_2l_mine(void)
{
	return &this_cpu()->evtchn_2l;
}

static void abi_2l_hand_over(struct evtchn_2l *e, unsigned port)
{
	unsigned cpu = homes[port];

	if (evtchn_2l_notify(cpu_of(cpu), port))
		cpu_poke(cpu);
}

/* This CPU has been poked. With upcall_pending set, the upcall is on its way. */
static void abi_2l_poked(void)
{
	const struct evtchn_2l_cpu *state = &this_cpu()->evtchn_2l;

	if (state->flags && state->flags->selector && !state->flags->upcall_pending)
		evtchn_upcall();
}

static int abi_2l_init(void)
{
	memset(homes, 0, sizeof(homes));
	shared.hand_over = abi_2l_hand_over;
	cpu_poked = abi_2l_poked;
	shared.words = WORDS;
	for (unsigned word = 0; word < EVTCHN_2L_WORDS; word++) {
		shared.words->mask[word] = ~0ull;
		shared.moved[word] = 0;
	}
	return 0;
}

static int abi_2l_init_cpu(unsigned cpu)
{
	struct vcpu_info *vi = xen_vcpu_info(cpu);
	struct evtchn_2l_cpu *state = cpu_of(cpu);

	if (!vi)
		return -EINVAL;
	state->flags = (volatile struct evtchn_2l_flags *)vi;
	/* Xen binds a new port to vCPU 0, and a closed one returns there. */
	for (unsigned word = 0; word < EVTCHN_2L_WORDS; word++)
		state->others[word] = cpu == 0 ? 0 : ~0ull;
	return 0;
}

static int abi_2l_setup(evtchn_port_t port)
{
	return port < EVTCHN_2L_PORTS ? 0 : -ENOSPC;
}

/* Closing waits for senders: none is left that could tell a CPU where the port was before. */
static void abi_2l_closing(evtchn_port_t port)
{
	evtchn_2l_move(&shared, port, cpu_of(homes[port]), NULL);
	evtchn_2l_move(&shared, port, NULL, cpu_of(0));
	homes[port] = 0;
}

COLD static unsigned abi_2l_sweep(unsigned cpu)
{
	return evtchn_2l_scan(&shared, cpu_of(cpu), evtchn_serve_any, NULL);
}

static inline __attribute__((always_inline)) unsigned abi_2l_pass(void)
{
	return evtchn_2l_pass(&shared, WORDS, &CPU_OWN->evtchn_2l, FLAGS, evtchn_serve, evtchn_odd,
			      NULL);
}

EVTCHN_SCANS(abi_2l, FLAGS->upcall_pending)

static bool abi_2l_take(void)
{
	struct evtchn_2l_cpu *state = &this_cpu()->evtchn_2l;

	state->flags->upcall_pending = 0;
	/* A full barrier: what becomes pending after it finds upcall_pending clear and raises
	 * the upcall anew; what came before is seen by whoever looks at the ports next. */
	return __atomic_exchange_n(&state->flags->selector, 0, __ATOMIC_SEQ_CST);
}

static void abi_2l_mask(evtchn_port_t port)
{
	evtchn_2l_mask(&shared, cpu_of(homes[port]), port);
}

static void abi_2l_unmask(evtchn_port_t port)
{
	/* Only the vCPU that the port notifies may do without Xen: another one's selector and
	 * upcall_pending are not ours to look at. */
	if (homes[port] != this_cpu()->id || evtchn_2l_unmask(&shared, port))
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
	struct evtchn_2l_cpu *from = cpu_of(homes[port]);

	homes[port] = (uint8_t)cpu; /* before anybody can hand it over */
	evtchn_2l_move(&shared, port, from, cpu_of(cpu));
}

static unsigned abi_2l_bound_cpu(evtchn_port_t port)
{
	return homes[port];
}

static void abi_2l_dump(unsigned cpu)
{
	const struct evtchn_2l_cpu *state = cpu_of(cpu);

	if (state->flags)
		printk("evtchn: cpu %u upcall_pending %u selector %016lx\n", cpu,
		       state->flags->upcall_pending, state->flags->selector);
}

const struct evtchn_abi evtchn_abi_2l = {
	.name = "2-level",
	.max_ports = EVTCHN_2L_PORTS,
	.init = abi_2l_init,
	.init_cpu = abi_2l_init_cpu,
	.setup = abi_2l_setup,
	.closing = abi_2l_closing,
	.scan = abi_2l_scan,
	.sweep = abi_2l_sweep,
	.gates = EVTCHN_GATES_OF(abi_2l),
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

/* SPDX-License-Identifier: MIT */
/* The FIFO ABI: lib/evtchn_fifo.h on event words and control blocks in Daisy's own memory,
 * which Xen is told of. Up to 131072 ports, 16 priorities. */
/* A scan is of this CPU's own: without a register that would have to be saved. */
#define EVTCHN_SPACE __seg_gs

#include "drivers/xen/evtchn_abi.h"

#include <stddef.h>

#include "arch/x86/paging.h"
#include "drivers/xen/evtchn_gate.h"
#include "drivers/xen/evtchn_serve.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "lib/errno.h"
#include "lib/evtchn_fifo_scan.h"
#include "lib/string.h"

/* This CPU's own: where Xen has refused it, a scan goes by its pointer. */
#define UPCALL_PENDING                                                                        \
	((volatile uint8_t __seg_gs *)offsetof(struct cpu, shared) +                         \
	 offsetof(struct vcpu_info, evtchn_upcall_pending))

static struct evtchn_fifo shared = {.word = EVTCHN_WORDS};
static event_word_t *pages[EVTCHN_FIFO_PAGES]; /* of the words, as Xen knows them */
static uint8_t *homes[EVTCHN_FIFO_PAGES]; /* which CPU a port is bound to, page by page */
static struct spinlock growth_lock;

static int fifo_init(void)
{
	shared.words = 0; /* the pages stay, for fifo_add_page() */
	return 0;         /* init_cpu() of the first CPU switches the domain over */
}

/* A heap slot is aligned to its size, so it does not cross a page. */
static struct evtchn_fifo_control_block *fifo_control(struct evtchn_fifo_cpu *state)
{
	if (!state->control)
		state->control = heap_alloc(sizeof(*state->control));
	return state->control;
}

static int fifo_init_cpu(unsigned cpu)
{
	struct evtchn_init_control op = {.vcpu = xen_vcpu_id(cpu)};
	struct evtchn_fifo_cpu *state = &cpus[cpu]->evtchn_fifo;

	if (!xen_vcpu_info(cpu) || !fifo_control(state))
		return -ENOMEM;
	/* Before Xen can raise an upcall for it. */
	evtchn_fifo_init_cpu(state, &xen_vcpu_info(cpu)->evtchn_upcall_pending, state->control);
	op.control_gfn = (uintptr_t)state->control >> PAGE_SHIFT;
	op.offset = (uintptr_t)state->control % PAGE_SIZE;
	return hypercall_event_channel_op(EVTCHNOP_init_control, &op);
}

/* A slot's event words and homes; both stay when Xen has given the words up. */
static int fifo_fill_slot(unsigned slot)
{
	if (!homes[slot])
		homes[slot] = heap_alloc(EVTCHN_FIFO_PAGE_WORDS);
	if (!pages[slot])
		pages[slot] = page_alloc_flat(&shared.word[slot * EVTCHN_FIFO_PAGE_WORDS]);
	return homes[slot] && pages[slot] ? 0 : -ENOMEM;
}

static int fifo_prepare(unsigned ports)
{
	int err = 0;

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		if (!fifo_control(&cpus[cpu]->evtchn_fifo))
			return -ENOMEM;
	err = channels_grow(evtchn_fifo_words_needed(ports - 1) - 1);
	for (unsigned slot = 0; !err && slot * EVTCHN_FIFO_PAGE_WORDS < ports; slot++)
		err = fifo_fill_slot(slot);
	return err;
}

/* In this order: Xen may set bits in the page from the hypercall on. */
static int fifo_add_page(void)
{
	unsigned slot = shared.words / EVTCHN_FIFO_PAGE_WORDS;
	struct evtchn_expand_array op = {0};
	int err = fifo_fill_slot(slot);

	if (err)
		return err;
	evtchn_fifo_init_page(pages[slot]);
	memset(homes[slot], 0, EVTCHN_FIFO_PAGE_WORDS);
	op.array_gfn = (uintptr_t)pages[slot] >> PAGE_SHIFT;
	err = hypercall_event_channel_op(EVTCHNOP_expand_array, &op);
	return err ? err : evtchn_fifo_add_page(&shared);
}

static int fifo_setup(evtchn_port_t port)
{
	bool on;
	int err = 0;

	if (port >= EVTCHN_FIFO_PORTS)
		return -ENOSPC;
	/* A scan takes whatever Xen links in these words to have a place there. */
	err = channels_grow(evtchn_fifo_words_needed(port) - 1);
	if (err)
		return err;
	on = spin_lock(&growth_lock);
	while (!err && shared.words < evtchn_fifo_words_needed(port))
		err = fifo_add_page();
	spin_unlock(&growth_lock, on);
	return err;
}

COLD static unsigned fifo_sweep(unsigned cpu)
{
	return evtchn_fifo_scan(&shared, &cpus[cpu]->evtchn_fifo, evtchn_serve_any, NULL);
}

static inline __attribute__((always_inline)) unsigned fifo_pass(void)
{
	return evtchn_fifo_pass(EVTCHN_WORDS, &CPU_OWN->evtchn_fifo, UPCALL_PENDING, evtchn_serve,
				evtchn_odd, NULL);
}

EVTCHN_SCANS(fifo, *UPCALL_PENDING)

static bool fifo_take(void)
{
	return evtchn_fifo_take(&shared, &this_cpu()->evtchn_fifo);
}

static void fifo_mask(evtchn_port_t port)
{
	evtchn_fifo_mask(&shared, port);
}

static void fifo_unmask(evtchn_port_t port)
{
	if (evtchn_fifo_unmask(&shared, port))
		hypercall_evtchn_unmask(port);
}

static bool fifo_clear(evtchn_port_t port)
{
	return evtchn_fifo_clear(&shared, port);
}

static void fifo_set_pending(evtchn_port_t port)
{
	evtchn_fifo_set_pending(&shared, port);
}

static bool fifo_is_pending(evtchn_port_t port)
{
	return evtchn_fifo_is_pending(&shared, port);
}

static bool fifo_is_masked(evtchn_port_t port)
{
	return evtchn_fifo_is_masked(&shared, port);
}

/* Xen links a port to its vCPU's own queues: nothing else decides who serves it. */
static void fifo_bind_cpu(evtchn_port_t port, unsigned cpu)
{
	if (port < shared.words)
		homes[port / EVTCHN_FIFO_PAGE_WORDS][port % EVTCHN_FIFO_PAGE_WORDS] = cpu;
}

static unsigned fifo_bound_cpu(evtchn_port_t port)
{
	if (port >= shared.words)
		return 0;
	return homes[port / EVTCHN_FIFO_PAGE_WORDS][port % EVTCHN_FIFO_PAGE_WORDS];
}

/* A queue's head is the CPU's own once it has begun to empty it, and Xen's word before. */
static void fifo_dump(unsigned cpu)
{
	const struct evtchn_fifo_cpu *state = &cpus[cpu]->evtchn_fifo;

	if (!state->upcall_pending)
		return;
	printk("evtchn: cpu %u upcall_pending %u ready %04x broken %u\n", cpu,
	       *state->upcall_pending, state->control->ready, state->broken);
	for (unsigned q = 0; q < EVTCHN_FIFO_MAX_QUEUES; q++) {
		bool ready = state->control->ready >> q & 1;

		if (ready || state->begun >> q & 1)
			printk("evtchn: cpu %u queue %u head %u, xen's head %u\n", cpu, q,
			       state->head[q], state->control->head[q]);
	}
}

const struct evtchn_abi evtchn_abi_fifo = {
	.name = "fifo",
	.max_ports = EVTCHN_FIFO_PORTS,
	.prepare = fifo_prepare,
	.init = fifo_init,
	.init_cpu = fifo_init_cpu,
	.setup = fifo_setup,
	.scan = fifo_scan,
	.sweep = fifo_sweep,
	.gates = EVTCHN_GATES_OF(fifo),
	.take = fifo_take,
	.mask = fifo_mask,
	.unmask = fifo_unmask,
	.clear = fifo_clear,
	.set_pending = fifo_set_pending,
	.is_pending = fifo_is_pending,
	.is_masked = fifo_is_masked,
	.bind_cpu = fifo_bind_cpu,
	.bound_cpu = fifo_bound_cpu,
	.dump = fifo_dump,
};

/* SPDX-License-Identifier: MIT */
/* What an event costs, by the route and the channel ABI in use: one at a time, from before the
 * send until its handler runs. In ticks of the TSC: in emulation these are elastic, and what is
 * to be compared exactly is in docs/exits.md. */
#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/latency.h"
#include "lib/printf.h"

#define COUNT_DEFAULT 1000
#define COUNT_MAX     1000000u
#define SPINS         1000u /* an event to oneself is there by then; another CPU wants its turn */

/* One at a time: the shell is one. */
static struct bench {
	struct latency latency;
	evtchn_port_t port;  /* of this CPU */
	evtchn_port_t there; /* of another one */
	struct irq *irq;     /* of port */
	volatile uint64_t arrived;
	volatile uint32_t runs;
	uint32_t count;
} bench;

static enum irq_result bench_handler(struct irq *irq, void *ctx)
{
	bench.arrived = rdtsc();
	bench.runs++;
	return IRQ_HANDLED;
}

static enum irq_result there_handler(struct irq *irq, void *ctx)
{
	evtchn_send(bench.port);
	return IRQ_HANDLED;
}

/* --- one of each --- */

static bool null_step(void)
{
	hypercall_xen_version(XENVER_version, NULL);
	bench.arrived = rdtsc();
	bench.runs++;
	return true;
}

static bool polled_step(void)
{
	evtchn_send(bench.port);
	hypercall_sched_poll(&bench.port, 1, 0);
	if (!evtchn_clear(bench.port))
		return false;
	bench.arrived = rdtsc();
	bench.runs++;
	return true;
}

static bool event_wait(evtchn_port_t port)
{
	uint64_t deadline = time_now_ns() + PATIENCE_NS;
	uint32_t before = bench.runs;

	evtchn_send(port);
	for (unsigned spins = 0; bench.runs == before; spins++) {
		upcall_poll();
		if (spins < SPINS)
			continue;
		cpu_yield();
		if (time_now_ns() > deadline)
			return false;
	}
	return true;
}

static bool event_step(void)
{
	return event_wait(bench.port);
}

static bool cross_step(void)
{
	return event_wait(bench.there);
}

/* --- many of them --- */

static void bench_print(const char *what, uint32_t events, uint32_t upcalls)
{
	const struct latency *l = &bench.latency;

	printk("%-22s %7u %11llu %11llu %11llu %6u.%02u\n", what, events,
	       (unsigned long long)l->min, (unsigned long long)latency_quantile(l, 500),
	       (unsigned long long)l->max, upcalls / bench.count,
	       (uint32_t)(upcalls * 100ull / bench.count % 100));
}

/* What the irq has counted where there is one, or the handler's runs. */
static uint32_t bench_events(void)
{
	return bench.irq && evtchn_daisy() ? irq_count(bench.irq) : bench.runs;
}

static void bench_run(const char *what, bool (*step)(void))
{
	uint32_t events = bench_events(), upcalls = upcall_count(), i;

	latency_reset(&bench.latency);
	for (i = 0; i < bench.count; i++) {
		uint64_t start = rdtsc();

		if (!step()) {
			printk("%-22s no event after %u\n", what, i);
			return;
		}
		latency_record(&bench.latency, bench.arrived - start);
	}
	bench_print(what, bench_events() - events, upcall_count() - upcalls);
}

static void bench_redelivery(int irq)
{
	if (!evtchn_daisy()) {
		bench_run("event, shared irq", event_step);
		return;
	}
	if (!irq_set_redelivery(irq, false))
		bench_run("event, irq by call", event_step);
	if (!irq_set_redelivery(irq, true))
		bench_run("event, irq by vector", event_step);
	irq_set_redelivery(irq, false);
}

static void bench_cross(unsigned cpu)
{
	int port = upcall_reaches_all() ? evtchn_bind_ipi(xen_vcpu_id(cpu)) : -ENODEV, irq;
	char what[24];

	fmt_snprintf(what, sizeof(what), "to CPU%u and back", cpu);
	if (port < 0) {
		printk("%-22s no event gets there\n", what);
		return;
	}
	bench.there = port;
	irq = evtchn_irq_request(port, there_handler, &bench.there, "bench");
	if (irq >= 0) {
		bench_run(what, cross_step);
		evtchn_irq_free(port, &bench.there);
	}
	evtchn_close(port);
}

static int bench_channel(void)
{
	int irq = evtchn_irq_request(bench.port, bench_handler, &bench, "bench");

	if (irq < 0)
		return irq;
	bench.irq = irq_get(irq);
	bench_redelivery(irq);
	for_each_other_cpu(id)
		if (cpu_is_online(id)) {
			bench_cross(id);
			break;
		}
	bench.irq = NULL;
	return evtchn_irq_free(bench.port, &bench);
}

SHELL_COMMAND(bench, "[COUNT]", "what an event costs here, in ticks")
{
	int n = count == 2 ? shell_number(words[1], COUNT_MAX + 1) : COUNT_DEFAULT;
	int port, err;

	if (count > 2 || n < 1)
		return -EINVAL;
	port = xen_present() ? evtchn_bind_ipi(xen_vcpu_id(this_cpu()->id)) : -ENODEV;
	if (port < 0)
		return port;
	evtchn_mask(bench.port = port);
	bench.count = n;
	printk("bench: route %s, %s, CPU%u; ticks at %llu kHz, elastic in emulation\n",
	       upcall_route_name(), evtchn_abi_name(), this_cpu()->id,
	       (unsigned long long)time_tsc_hz() / 1000);
	printk("%-22s %7s %11s %11s %11s %9s\n", "one at a time", "events", "min", "median",
	       "max", "upcalls");
	bench_run("null hypercall", null_step);
	bench_run("event, masked, polled", polled_step);
	err = bench_channel();
	evtchn_close(port);
	return err;
}

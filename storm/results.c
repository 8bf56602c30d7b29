/* SPDX-License-Identifier: MIT */
/* The storms' results as one JSON document, in lines "# json: PIECE" ahead of the KTAP report.
 * docs/results.md has the schema. */
#include "storm/storm.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/irq_late.h"
#include "kernel/options.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "lib/json.h"
#include "lib/string.h"

#define MAX_RESULTS 20u
#define SCHEMA      "daisy-results-1"

static struct result {
	const char *cell, *route, *chip, *abi;
	struct storm_counts counts;
	uint64_t ticks[4]; /* minimum, median, 99th percentile, maximum */
	uint64_t tsc_hz;   /* then: another host's may have another */
	uint32_t samples, upcalls, spurious_upcalls;
	enum storm_violation violation;
	uint32_t runs_on[NR_CPUS_MAX];
} results[MAX_RESULTS];

static unsigned nr_results;
static uint32_t upcalls_before, spurious_before;

void storm_results_begin(void)
{
	upcalls_before = upcall_count();
	spurious_before = upcall_spurious();
}

void storm_results_add(void)
{
	const struct latency *l = &storm.latency;

	if (nr_results == MAX_RESULTS)
		return;
	results[nr_results++] = (struct result){
		.cell = storm_cell_name(),
		.route = upcall_route_name(),
		.chip = upcall_chip_name(),
		.abi = evtchn_abi_name(),
		.counts = storm.counts,
		.ticks = {l->count ? l->min : 0, latency_quantile(l, 500),
			  latency_quantile(l, 990), l->max},
		.tsc_hz = time_tsc_hz(),
		.samples = l->count,
		.upcalls = upcall_count() - upcalls_before,
		.spurious_upcalls = upcall_spurious() - spurious_before,
		.violation = storm.violation,
	};
	memcpy(results[nr_results - 1].runs_on, storm.runs_on, sizeof(storm.runs_on));
}

static uint64_t to_ns(uint64_t ticks, uint64_t hz)
{
	return ticks / hz * NS_PER_SEC + ticks % hz * NS_PER_SEC / hz;
}

static void put_latency(struct json *j, const struct result *r)
{
	static const char *const names[] = {"min", "median", "p99", "max"};

	json_object(j, "latency");
	json_u64(j, "samples", r->samples);
	for (unsigned ns = 0; ns < 2; ns++) {
		json_object(j, ns ? "ns" : "ticks");
		for (unsigned i = 0; i < 4; i++)
			json_u64(j, names[i], ns ? to_ns(r->ticks[i], r->tsc_hz) : r->ticks[i]);
		json_close(j);
	}
	json_close(j);
}

static void put_cell(struct json *j, const struct result *r)
{
	const struct storm_counts *c = &r->counts;

	json_object(j, NULL);
	json_string(j, "cell", r->cell);
	json_string(j, "route", r->route);
	json_string(j, "chip", r->chip);
	json_string(j, "abi", r->abi);
	json_string(j, "result", r->violation ? storm_violation_name(r->violation) : "pass");
	json_u64(j, "runs", c->runs);
	json_u64(j, "sends", c->sends);
	json_u64(j, "moves", c->moves);
	json_u64(j, "reopened", c->reopened);
	json_u64(j, "spurious", c->granted);
	json_u64(j, "steps", c->steps);
	json_u64(j, "upcalls", r->upcalls);
	json_u64(j, "spurious_upcalls", r->spurious_upcalls);
	json_array(j, "runs_on");
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		json_u64(j, NULL, r->runs_on[cpu]);
	json_close(j);
	put_latency(j, r);
	json_close(j);
}

/* The sums of every cell on one route, behind its first one. */
static void put_route(struct json *j, const char *route)
{
	uint64_t runs = 0, sends = 0, upcalls = 0, spurious = 0;

	for (unsigned i = 0; i < nr_results; i++) {
		const struct result *r = &results[i];

		if (strcmp(r->route, route))
			continue;
		runs += r->counts.runs;
		sends += r->counts.sends;
		upcalls += r->upcalls;
		spurious += r->spurious_upcalls;
	}
	json_object(j, NULL);
	json_string(j, "route", route);
	json_u64(j, "runs", runs);
	json_u64(j, "sends", sends);
	json_u64(j, "upcalls", upcalls);
	json_u64(j, "spurious_upcalls", spurious);
	json_close(j);
}

static bool route_is_new(unsigned result)
{
	for (unsigned i = 0; i < result; i++)
		if (!strcmp(results[i].route, results[result].route))
			return false;
	return true;
}

static void put_routes(struct json *j)
{
	json_array(j, "routes");
	for (unsigned i = 0; i < nr_results; i++)
		if (route_is_new(i))
			put_route(j, results[i].route);
	json_close(j);
}

static void put_irqs(struct json *j)
{
	json_array(j, "irqs");
	for (unsigned n = 0; n < irq_limit; n++) {
		const struct irq *irq = irq_get(n);

		if (!irq || !irq_count(irq))
			continue;
		json_object(j, NULL);
		json_u64(j, "irq", n);
		json_string(j, "chip", irq->chip ? irq->chip->name : "none");
		json_string(j, "name", irq->actions ? irq->actions->name : irq->name);
		json_array(j, "counts");
		for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
			json_u64(j, NULL, irq_count_on(irq, cpu));
		json_close(j);
		if (irq->late) {
			json_u64(j, "braked", irq->late->braked);
			json_u64(j, "spurious", irq->late->spurious);
		}
		json_close(j);
	}
	json_close(j);
}

static void put_line(const char *piece, void *ctx)
{
	printk("# json: %s\n", piece);
}

void storm_results_write(json_emit_fn *emit, void *ctx)
{
	static struct json j;

	json_begin(&j, emit, ctx);
	json_string(&j, "schema", SCHEMA);
	json_u64(&j, "vcpus", nr_cpus);
	json_u64(&j, "seed", options.seed);
	json_u64(&j, "tsc_hz", time_tsc_hz());
	json_array(&j, "cells");
	for (unsigned i = 0; i < nr_results; i++)
		put_cell(&j, &results[i]);
	json_close(&j);
	put_routes(&j);
	put_irqs(&j);
	json_end(&j);
}

void storm_results_print(void)
{
	if (nr_results)
		storm_results_write(put_line, NULL);
}

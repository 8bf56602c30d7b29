/* SPDX-License-Identifier: MIT */
#include "drivers/timer/lapic_timer.h"

#include "arch/x86/cpu.h"
#include "drivers/irqchip/lapic.h"
#include "kernel/cpu_call.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/vector.h"
#include "lib/errno.h"
#include "lib/printf.h"

#define DIVIDE_BY_1 0xb /* SDM 3, figure "Divide Configuration Register" */
#define MEASURE_NS  (2 * NS_PER_MS)
#define READINGS    8

static struct irq *timer_irq;
static uint64_t timer_hz;
static uint32_t timer_mode; /* LAPIC_LVT_PERIODIC or 0 */

static void timer_write_lvt(uint32_t mask)
{
	lapic_ops->write(LAPIC_LVT_TIMER, timer_irq->vector | timer_mode | mask);
}

static void timer_mask(struct irq *irq)
{
	timer_write_lvt(LAPIC_LVT_MASKED);
}

static void timer_unmask(struct irq *irq)
{
	timer_write_lvt(0);
}

static void timer_describe(const struct irq *irq, char *buf, size_t size)
{
	fmt_snprintf(buf, size, "lvt timer vec 0x%x", irq->vector);
}

static const struct irq_chip timer_chip = {
	.name = "lapic",
	.mask = timer_mask,
	.unmask = timer_unmask,
	.ack = lapic_ack,
	.describe = timer_describe,
};

struct reading {
	uint64_t ns;
	uint32_t left;
};

/* Both clocks at one moment. A hypervisor may take the processor away between the one and the
 * other, for longer than is measured: the narrowest of several tries counts. */
static struct reading timer_read(void)
{
	struct reading best = {0};
	uint64_t narrowest = UINT64_MAX;

	for (int i = 0; i < READINGS; i++) {
		uint64_t before = time_now_ns();
		uint32_t left = lapic_ops->read(LAPIC_TIMER_CURRENT);
		uint64_t width = time_now_ns() - before;

		if (width < narrowest) {
			narrowest = width;
			best = (struct reading){before + width / 2, left};
		}
	}
	return best;
}

static uint64_t timer_measure(void)
{
	bool on = local_irq_save();
	struct reading first, last;

	lapic_ops->write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
	lapic_ops->write(LAPIC_TIMER_INITIAL, UINT32_MAX);
	first = timer_read();
	do
		last = timer_read();
	while (last.ns - first.ns < MEASURE_NS);
	lapic_ops->write(LAPIC_TIMER_INITIAL, 0);
	local_irq_restore(on);
	return (uint64_t)(first.left - last.left) * NS_PER_SEC / (last.ns - first.ns);
}

int lapic_timer_init(void)
{
	int err, vector;

	if (timer_irq)
		return (int)timer_irq->number;
	if (!lapic_present() || !time_tsc_hz())
		return -ENODEV;
	timer_irq = irq_alloc(&err);
	if (!timer_irq)
		return err;
	vector = vector_alloc_all(timer_irq);
	if (vector < 0) {
		irq_release(timer_irq);
		timer_irq = NULL;
		return vector;
	}
	irq_attach(timer_irq, &timer_chip, irq_flow_percpu, 0, NULL, "lapic timer");
	timer_write_lvt(LAPIC_LVT_MASKED);
	timer_hz = timer_measure();
	return timer_hz ? (int)timer_irq->number : -ENODEV;
}

uint64_t lapic_timer_hz(void)
{
	return timer_hz;
}

static int lapic_timer_start(uint64_t ns, uint32_t mode)
{
	uint64_t ticks;

	if (!timer_hz)
		return -ENODEV;
	if (ns > UINT32_MAX * NS_PER_SEC / timer_hz)
		return -EINVAL;
	ticks = ns * timer_hz / NS_PER_SEC; /* cannot overflow: at most 2^32 times 10^9 */
	timer_mode = mode;
	timer_write_lvt(irq_is_masked(timer_irq) ? LAPIC_LVT_MASKED : 0);
	lapic_ops->write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
	lapic_ops->write(LAPIC_TIMER_INITIAL,
			 ticks ? (uint32_t)ticks : 1); /* 0 would stop it */
	return 0;
}

int lapic_timer_oneshot(uint64_t ns)
{
	return lapic_timer_start(ns, 0);
}

int lapic_timer_periodic(uint64_t ns)
{
	return lapic_timer_start(ns, LAPIC_LVT_PERIODIC);
}

void lapic_timer_stop(void)
{
	if (timer_hz)
		lapic_ops->write(LAPIC_TIMER_INITIAL, 0);
}

/* --- the clock of kernel/timer.h --- */

#define CLOCK_NS_MAX NS_PER_SEC /* the counter runs for longer than that at any frequency */

static enum irq_result clock_expired(struct irq *irq, void *ctx)
{
	timer_run();
	return IRQ_HANDLED;
}

static int clock_open(void)
{
	int irq = lapic_timer_init();

	return irq < 0 ? irq : irq_request(irq, clock_expired, &timer_irq, 0, "timers");
}

static void clock_stop(void *ctx)
{
	lapic_timer_stop();
}

static void clock_close(void)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		cpu_call(cpu, clock_stop, NULL);
	irq_free(timer_irq->number, &timer_irq);
}

static void clock_start(uint64_t ns)
{
	lapic_timer_oneshot(ns < CLOCK_NS_MAX ? ns : CLOCK_NS_MAX);
}

const struct clock_event lapic_timer_clock = {
	.name = "lapic",
	.open = clock_open,
	.close = clock_close,
	.start = clock_start,
	.stop = lapic_timer_stop,
};

/* SPDX-License-Identifier: MIT */
#include "selftest/flood.h"

#include "drivers/xen/evtchn.h"
#include "kernel/irq_late.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"

#define SEND_EVERY 10u /* runs of the flood between two sends to the other channel */

struct flood flood;
struct calm calm;

void flood_send(void)
{
	flood.sent++;
	evtchn_send(flood.far);
}

void calm_send(void)
{
	if (calm.sent != calm.served)
		return;
	calm.sent++;
	calm.at = flood.runs;
	calm.window_at = irq_get(flood.irq)->late->windows;
	evtchn_send(calm.lb.far);
}

static enum irq_result calm_handler(struct irq *irq, void *ctx)
{
	const struct irq_late *late = irq_get(flood.irq)->late;
	uint32_t delay = flood.runs - calm.at, windows = late->windows - calm.window_at + 1;

	calm.beyond += late->budget && delay > late->budget * windows;
	calm.delay_sum += delay;
	if (delay > calm.delay_max)
		calm.delay_max = delay;
	calm.served = calm.sent;
	return IRQ_HANDLED;
}

static enum irq_result flood_handler(struct irq *irq, void *ctx)
{
	flood.seen = flood.sent;
	if (++flood.runs >= flood.limit || time_now_ns() > flood.deadline)
		flood.stop = true;
	if (flood.runs % SEND_EVERY == 0)
		calm_send();
	if (flood.self && !flood.stop)
		flood_send();
	irq_eoi(irq, false);
	return IRQ_HANDLED;
}

/* The send comes back when the flood leaves this CPU to the mainline for the first time. */
void flood_begin(void)
{
	flood_send();
	flood.first_pause = flood.runs;
}

bool flood_open(void)
{
	flood.near = evtchn_alloc_unbound(DOMID_SELF);
	flood.far = evtchn_bind_interdomain(DOMID_SELF, flood.near);
	flood.irq = evtchn_irq_request_flags(flood.near, flood_handler, &flood, IRQ_UNTRUSTED,
					     "flood");
	calm.lb.near = evtchn_alloc_unbound(DOMID_SELF);
	calm.lb.far = evtchn_bind_interdomain(DOMID_SELF, calm.lb.near);
	calm.lb.irq = evtchn_irq_request(calm.lb.near, calm_handler, &calm, "calm");
	return CHECK(flood.irq >= 0 && calm.lb.irq >= 0);
}

void flood_close(void)
{
	CHECK_EQ(evtchn_irq_free(calm.lb.near, &calm), 0);
	CHECK_EQ(evtchn_irq_free(flood.near, &flood), 0);
	CHECK_EQ(evtchn_close(calm.lb.far) | evtchn_close(calm.lb.near), 0);
	CHECK_EQ(evtchn_close(flood.far) | evtchn_close(flood.near), 0);
}

void flood_prepare(uint32_t budget, uint32_t limit, bool self, bool vector)
{
	struct loopback lb = calm.lb;

	flood = (struct flood){.near = flood.near, .far = flood.far, .irq = flood.irq};
	calm = (struct calm){.lb = lb};
	flood.limit = limit;
	flood.self = self;
	flood.deadline = time_now_ns() + PATIENCE_NS;
	CHECK_EQ(irq_set_brake(flood.irq, budget, WINDOW_NS), 0);
	irq_set_redelivery(flood.irq, vector);
	irq_set_redelivery(lb.irq, vector);
}

static bool flood_is_over(void *ctx)
{
	return flood.seen == flood.sent && calm.sent == calm.served && !flood.self;
}

void flood_end(void)
{
	flood.self = false;
	flood.stop = true;
	CHECK(time_wait(flood_is_over, NULL, PATIENCE_NS));
	CHECK_EQ(flood.seen, flood.sent);
	CHECK_EQ(calm.served, calm.sent);
	CHECK(calm.sent > 0);
}

void flood_report(const char *what)
{
	printk("# flood %s: ran %u, mainline after %u; braked %u times in all; the other: %u "
	       "events, behind %u.%02u flood runs on average, %u at most\n",
	       what, flood.runs, flood.first_pause, irq_get(flood.irq)->late->braked, calm.sent,
	       calm.delay_sum / calm.sent, calm.delay_sum % calm.sent * 100 / calm.sent,
	       calm.delay_max);
}

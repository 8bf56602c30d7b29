/* SPDX-License-Identifier: MIT */
#include "drivers/xen/upcall.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall_route.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/printf.h"

static const struct upcall_route *route; /* in use, or being tried */
static struct irq *route_irq;
static struct upcall_why whys[NR_UPCALL_CHOICES];
static const char *const names[] = {
	[UPCALL_AUTO] = "auto",     [UPCALL_INTX] = "intx",     [UPCALL_GSI] = "gsi",
	[UPCALL_VECTOR] = "vector", [UPCALL_PERCPU] = "percpu", [UPCALL_POLL] = "poll",
};

/* Each CPU counts its own. */
static struct upcall_counts {
	uint32_t all, spurious;
} counts[NR_CPUS_MAX];

const char *upcall_route_name(void)
{
	return route ? route->name : "none";
}

enum upcall_choice upcall_route(void)
{
	return route ? route->choice : UPCALL_AUTO;
}

const char *upcall_chip_name(void)
{
	return route ? route->chip_name : "none";
}

const char *upcall_why_not(enum upcall_choice choice)
{
	return choice < NR_UPCALL_CHOICES && whys[choice].text[0] ? whys[choice].text : NULL;
}

int upcall_irq(void)
{
	return route_irq ? (int)route_irq->number : -ENODEV;
}

uint32_t upcall_count(void)
{
	uint32_t sum = 0;

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		sum += counts[cpu].all;
	return sum;
}

uint32_t upcall_spurious(void)
{
	uint32_t sum = 0;

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		sum += counts[cpu].spurious;
	return sum;
}

/* The one action of every route. Nothing served: the line may be shared, or Xen has not seen
 * yet that it is quiet. */
HOT static enum irq_result upcall_action(struct irq *irq, void *ctx)
{
	struct upcall_counts *c = &counts[this_cpu()->id];

	c->all++;
	if (evtchn_upcall())
		return IRQ_HANDLED;
	c->spurious++;
	return IRQ_NONE;
}

/* The action of a vector that was given up but cannot be taken back: its upcalls go the way of
 * the others. */
static enum irq_result upcall_forward(struct irq *irq, void *ctx)
{
	if (route_irq) /* not through its flow: this irq's chip has been told already */
		upcall_action(route_irq, NULL);
	return IRQ_HANDLED;
}

void upcall_poll(void)
{
	const volatile struct vcpu_info *vi = xen_vcpu_info(this_cpu()->id);
	bool on;

	if (!route || route->choice != UPCALL_POLL || !vi->evtchn_upcall_pending)
		return;
	on = local_irq_save(); /* a scan runs as an interrupt does */
	irq_handle(route_irq);
	local_irq_restore(on);
}

/* --- confirming --- */

static enum irq_result probe_hit(struct irq *irq, void *ctx)
{
	*(volatile bool *)ctx = true;
	return IRQ_HANDLED;
}

static bool probe_done(void *ctx)
{
	return *(volatile bool *)ctx;
}

static bool probe_wait(bool *hit)
{
	bool on = local_irq_save(), arrived;

	local_irq_enable();
	arrived = time_wait(probe_done, hit, PATIENCE_NS);
	if (!on)
		local_irq_disable();
	return arrived;
}

/* Sends an event to itself and waits for it to come in over the route. */
static bool route_confirm(struct upcall_why *why)
{
	int port = evtchn_bind_ipi(xen_vcpu_id(0));
	bool hit = false;
	int err = port;

	if (port >= 0)
		err = evtchn_irq_request(port, probe_hit, &hit, "upcall-probe");
	if (err >= 0) {
		/* By the call: a vector on the way would keep the channel alive, and hit. */
		if (evtchn_daisy())
			irq_set_redelivery(err, false);
		err = evtchn_send(port);
		if (!err && !probe_wait(&hit))
			err = -ETIMEDOUT;
		evtchn_irq_free(port, &hit);
	}
	if (port >= 0)
		evtchn_close(port);
	if (err == -ETIMEDOUT)
		fmt_snprintf(why->text, sizeof(why->text), "no event came in over %s irq %u",
			     route->chip_name, route_irq->number);
	else if (err)
		fmt_snprintf(why->text, sizeof(why->text),
			     "no channel to try it with (error %d)", err);
	return !err;
}

/* --- choosing --- */

static bool route_arm(const struct upcall_route *r, struct upcall_why *why)
{
	int err =
	    irq_request(route_irq->number, upcall_action, &counts, IRQ_SHARED, "xen-upcall");

	if (err) {
		fmt_snprintf(why->text, sizeof(why->text), "irq %u is taken (error %d)",
			     route_irq->number, err);
		return false;
	}
	return !r->arm(route_irq, why) && route_confirm(why);
}

static void route_abandon(const struct upcall_route *r)
{
	bool on = local_irq_save();

	/* Xen notifies no more while upcall_pending is set: what did not come in is taken here. */
	evtchn_upcall();
	local_irq_restore(on);
	irq_free(route_irq->number, &counts);
	if (!upcall_route_undo(r, route_irq))
		irq_request(route_irq->number, upcall_forward, &whys, 0, "xen-upcall (old)");
	route = NULL;
	route_irq = NULL;
}

static bool route_try(const struct upcall_route *r)
{
	struct upcall_why *why = &whys[r->choice];

	route_irq = r->prepare(why);
	if (!route_irq)
		return false;
	route = r;
	if (route_arm(r, why)) {
		why->text[0] = '\0';
		return true;
	}
	route_abandon(r);
	return false;
}

/* choice UPCALL_AUTO: every route but `except`. */
static bool routes_try(enum upcall_choice choice, enum upcall_choice except,
		       enum upcall_chip chip)
{
	for (unsigned i = 0; i < nr_upcall_routes; i++) {
		const struct upcall_route *r = &upcall_routes[i];

		if (choice != UPCALL_AUTO ? r->choice != choice : r->choice == except)
			continue;
		if (chip && r->chip && r->chip != chip)
			continue;
		if (route_try(r))
			return true;
	}
	return false;
}

static void upcall_report(void)
{
	static const uint8_t best_first[] = {UPCALL_PERCPU, UPCALL_VECTOR, UPCALL_INTX,
					     UPCALL_GSI, UPCALL_POLL};

	printk("upcall: route %s (irq %d, %s)\n", upcall_route_name(), upcall_irq(),
	       upcall_chip_name());
	for (unsigned i = 0; i < sizeof(best_first); i++) {
		const char *why = upcall_why_not(best_first[i]);

		if (why)
			printk("upcall: not %s: %s\n", names[best_first[i]], why);
	}
}

bool upcall_reaches_all(void)
{
	return route && route->choice != UPCALL_INTX && route->choice != UPCALL_GSI;
}

int upcall_init_cpu(unsigned cpu)
{
	struct upcall_why why;

	return route && route->arm_cpu ? route->arm_cpu(cpu, route_irq, &why) : 0;
}

int upcall_init(enum upcall_choice choice, enum upcall_chip chip)
{
	bool found = choice != UPCALL_AUTO && routes_try(choice, UPCALL_AUTO, chip);

	if (!found && choice != UPCALL_AUTO)
		printk_warn("upcall: route=%s cannot be used: %s\n", names[choice],
			    whys[choice].text[0] ? whys[choice].text : "not with this intx=");
	if (!found)
		found = routes_try(UPCALL_AUTO, choice, UPCALL_CHIP_AUTO);
	upcall_report();
	return found ? 0 : -ENODEV;
}

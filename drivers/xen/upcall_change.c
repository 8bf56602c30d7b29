/* SPDX-License-Identifier: MIT */
/* From one route to another, the first included. Nothing that is sent meanwhile is lost:
 *
 * Xen notifies once, when it sets upcall_pending, and then is silent until the guest has
 * cleared it. So a notification that went to the old route and was not taken there would be the
 * last one. Hence the order: the new irq scans before Xen is told of it; the old one scans
 * until Xen has been told; and at the end every CPU scans once, whatever has or has not come
 * in. */
#include "drivers/xen/upcall_route.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "lib/errno.h"

/* --- the action --- */

static bool irq_has(const struct irq *irq, irq_handler_fn *handler)
{
	for (const struct irq_action *a = irq->actions; a; a = a->next)
		if (a->handler == handler)
			return true;
	return false;
}

/* An irq has the action, or the ghost, or (a line that is not in use) neither. The new one
 * comes before the old one goes: it is never without. */
static int irq_exchange(struct irq *irq, irq_handler_fn *new, irq_handler_fn *old)
{
	int err = 0;

	if (new && !irq_has(irq, new))
		err = irq_request(irq->number, new, new, IRQ_SHARED,
				  new == upcall_ghost ? "xen-upcall (old)" : "xen-upcall");
	if (!err && irq_has(irq, old))
		irq_free(irq->number, old);
	return err;
}

static int route_open(const struct upcall_route *to, struct irq *irq, struct upcall_why *why)
{
	int err = irq_exchange(irq, upcall_action, upcall_ghost);

	if (!err && to->choice == UPCALL_HYBRID)
		err = irq_exchange(upcall_percpu_irq, upcall_action, upcall_ghost);
	if (err)
		explain(why, "irq %u is taken (error %d)", irq->number, err);
	else
		err = evtchn_share(irq->number);
	return err;
}

/* The irq is the route's no more. */
static void route_drop(const struct upcall_route *route, struct irq *irq)
{
	bool vector = irq->vector && irq->number >= irq_gsi_top;

	evtchn_unshare(irq->number);
	irq_exchange(irq, vector ? upcall_ghost : NULL, upcall_action);
	upcall_route_close(route, irq);
}

static void route_leave(const struct upcall_route *route, struct irq *irq)
{
	if (route->choice == UPCALL_ASSIST)
		upcall_assist_leave();
	if (route->choice == UPCALL_HYBRID && upcall_now_irq != upcall_percpu_irq &&
	    upcall_now && upcall_now->choice != UPCALL_HYBRID)
		irq_exchange(upcall_percpu_irq, upcall_ghost, upcall_action);
	if (irq != upcall_now_irq) /* else it has gone to the other chip, say */
		route_drop(route, irq);
}

/* --- Xen --- */

struct arming {
	unsigned cpu;
	struct upcall_why *why;
	int err;
};

static void route_arm_here(void *ctx)
{
	struct arming *a = ctx;

	a->err = upcall_now->arm_cpu(a->cpu, upcall_now_irq, a->why);
}

static int route_arm(struct upcall_why *why)
{
	struct arming a = {.cpu = 1, .why = why};

	a.err = upcall_now->arm(upcall_now_irq, why);
	for (; upcall_now->arm_cpu && !a.err && a.cpu < nr_cpus; a.cpu++)
		cpu_call(a.cpu, route_arm_here, &a);
	return a.err;
}

static int route_enter(const struct upcall_route *to, struct irq *irq, struct upcall_why *why)
{
	const struct upcall_route *from = upcall_now;
	struct irq *from_irq = upcall_now_irq;
	int err = route_open(to, irq, why);

	if (err) {
		if (irq != from_irq)
			route_drop(to, irq);
		return err;
	}
	upcall_now = to;
	upcall_now_irq = irq;
	err = route_arm(why);
	if (from)
		route_leave(from, from_irq);
	return err;
}

/* Not confirmed: an event that does not come would have nobody to be told of it. In the new
 * domain no vCPU has had a vector of its own yet. */
int upcall_resume(void)
{
	struct upcall_why why = {""};
	int err;

	if (!upcall_now)
		return -ENODEV;
	upcall_percpu_for_ever = upcall_others_for_ever = false;
	err = route_arm(&why);
	if (err)
		printk_warn("upcall: route %s does not come back: %s\n", upcall_now->name,
			    why.text);
	else if (upcall_now->confirm)
		upcall_now->confirm(&why); /* it was so before */
	return err;
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

/* Sends an event to a CPU and waits for it to come in over the route. */
static int probe_send(unsigned cpu, int port)
{
	bool hit = false;
	int irq = evtchn_irq_request(port, probe_hit, &hit, "upcall-probe"), err;

	if (irq < 0)
		return irq;
	/* By the call: a vector on the way would keep the channel alive, and hit. */
	if (evtchn_daisy())
		irq_set_redelivery(irq, false);
	err = evtchn_send(port);
	if (!err && !probe_wait(&hit))
		err = -ETIMEDOUT;
	evtchn_irq_free(port, &hit);
	return err;
}

static int route_confirm(unsigned cpu, struct upcall_why *why)
{
	int port = evtchn_bind_ipi(xen_vcpu_id(cpu)), err;

	err = port < 0 ? port : probe_send(cpu, port);
	if (port >= 0)
		evtchn_close(port);
	if (err == -ETIMEDOUT)
		explain(why, "no event came in over %s irq %u", upcall_now->chip_name,
			upcall_now_irq->number);
	else if (err)
		explain(why, "no channel to try it with (error %d)", err);
	return err;
}

static int route_confirm_all(struct upcall_why *why)
{
	int err = 0;

	for (unsigned cpu = 0; !err && cpu < nr_cpus; cpu++)
		if (!cpu || (upcall_reaches_all() && cpu_is_up(cpu)))
			err = route_confirm(cpu, why);
	return err;
}

/* --- both together --- */

/* Back to the route of before; without one, or when Xen does not go back, to none or to poll.
 */
static void route_return(const struct upcall_route *from)
{
	struct upcall_why why;
	struct irq *irq = from ? from->prepare(&why) : NULL;

	if (irq && !route_enter(from, irq, &why)) {
		if (from->confirm)
			from->confirm(&why);
		return;
	}
	if (from) {
		printk_warn("upcall: no way back to %s: %s\n", from->name, why.text);
		upcall_change(&upcall_routes[nr_upcall_routes - 1], &why);
		return;
	}
	from = upcall_now;
	irq = upcall_now_irq;
	upcall_now = NULL;
	upcall_now_irq = NULL;
	upcall_set_callback(XEN_CALLBACK_NOTHING, &why);
	if (from)
		route_leave(from, irq);
}

int upcall_change(const struct upcall_route *to, struct upcall_why *why)
{
	const struct upcall_route *from = upcall_now;
	struct irq *irq = to->prepare(why);
	int err;

	if (!irq)
		return -EOPNOTSUPP;
	upcall_gate_close();
	err = route_enter(to, irq, why);
	if (!err)
		err = route_confirm_all(why);
	if (!err && to->confirm)
		err = to->confirm(why);
	if (!err && !upcall_reaches_all())
		err = evtchn_gather();
	if (err)
		route_return(from);
	else
		why->text[0] = '\0';
	upcall_gate_open();
	cpu_call_all(evtchn_scan_here, NULL);
	return err;
}

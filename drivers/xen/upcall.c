/* SPDX-License-Identifier: MIT */
#include "drivers/xen/upcall.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_serve.h"
#include "drivers/xen/upcall_route.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/irq_handle.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/string.h"

const struct upcall_route *upcall_now;
struct irq *upcall_now_irq;
struct upcall_why upcall_whys[NR_UPCALL_CHOICES];
static const char *const names[] = {
	[UPCALL_AUTO] = "auto",     [UPCALL_INTX] = "intx",     [UPCALL_GSI] = "gsi",
	[UPCALL_VECTOR] = "vector", [UPCALL_PERCPU] = "percpu", [UPCALL_POLL] = "poll",
	[UPCALL_ASSIST] = "assist", [UPCALL_HYBRID] = "hybrid",
};

const char *upcall_route_name(void)
{
	return upcall_now ? upcall_now->name : "none";
}

enum upcall_choice upcall_route(void)
{
	return upcall_now ? upcall_now->choice : UPCALL_AUTO;
}

enum upcall_chip upcall_chip(void)
{
	return upcall_now ? upcall_now->chip : UPCALL_CHIP_AUTO;
}

const char *upcall_chip_name(void)
{
	return upcall_now ? upcall_now->chip_name : "none";
}

const char *upcall_why_not(enum upcall_choice choice)
{
	return choice < NR_UPCALL_CHOICES && upcall_whys[choice].text[0]
		       ? upcall_whys[choice].text
		       : NULL;
}

int upcall_irq(void)
{
	return upcall_now_irq ? (int)upcall_now_irq->number : -ENODEV;
}

int upcall_irq_on(unsigned cpu)
{
	return cpu && upcall_route() == UPCALL_HYBRID ? (int)upcall_percpu_irq->number
						      : upcall_irq();
}

uint32_t upcall_count(void)
{
	uint32_t sum = upcall_by_vector_count();

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		sum += cpus[cpu]->upcalls;
	return sum;
}

uint32_t upcall_spurious(void)
{
	uint32_t sum = 0;

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		sum += cpus[cpu]->upcalls_spurious;
	return sum;
}

/* The one action of every route. Nothing served: the line may be shared, or Xen has not seen
 * yet that it is quiet. */
HOT enum irq_result upcall_action(struct irq *irq, void *ctx)
{
	if (!irq->vector_all) /* else the irq's count is that of its upcalls */
		CPU_OWN->upcalls++;
	if (evtchn_upcall_inline())
		return IRQ_HANDLED;
	if (!evtchn_daisy_on) /* a scan counts by itself */
		CPU_OWN->upcalls_spurious++;
	return IRQ_NONE;
}

/* The action of a vector that was given up and cannot be taken back. What it announces comes by
 * the route in use: to serve it here would be that route's work. */
enum irq_result upcall_ghost(struct irq *irq, void *ctx)
{
	CPU_OWN->upcalls_spurious++;
	return IRQ_HANDLED;
}

void upcall_poll(void)
{
	const volatile struct vcpu_info *vi = xen_vcpu_info(this_cpu()->id);
	bool on;

	if (!upcall_now || upcall_now->choice != UPCALL_POLL || !vi->evtchn_upcall_pending)
		return;
	on = local_irq_save(); /* a scan runs as an interrupt does */
	irq_handle(upcall_now_irq);
	local_irq_restore(on);
}

/* --- choosing --- */

/* Nobody has to be told why these are not used where nobody asked for them. */
static bool route_is_usual(enum upcall_choice choice)
{
	return choice != UPCALL_HYBRID && (choice != UPCALL_ASSIST || upcall_assist_offered());
}

/* choice UPCALL_AUTO: every route but `except`. */
static bool routes_try(enum upcall_choice choice, enum upcall_choice except,
		       enum upcall_chip chip)
{
	for (unsigned i = 0; i < nr_upcall_routes; i++) {
		const struct upcall_route *r = &upcall_routes[i];

		if (choice != UPCALL_AUTO ? r->choice != choice
					  : r->choice == except || !route_is_usual(r->choice))
			continue;
		if (chip && r->chip && r->chip != chip)
			continue;
		if (!upcall_change(r, &upcall_whys[r->choice]))
			return true;
	}
	return false;
}

static void upcall_report(void)
{
	static const uint8_t best_first[] = {UPCALL_ASSIST, UPCALL_HYBRID, UPCALL_PERCPU,
					     UPCALL_VECTOR, UPCALL_INTX,   UPCALL_GSI,
					     UPCALL_POLL};

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
	return upcall_now && upcall_now->choice != UPCALL_INTX &&
	       upcall_now->choice != UPCALL_GSI;
}

int upcall_init_cpu(unsigned cpu)
{
	struct upcall_why why;

	return upcall_now && upcall_now->arm_cpu
		       ? upcall_now->arm_cpu(cpu, upcall_now_irq, &why)
		       : 0;
}

int upcall_init(enum upcall_choice choice, enum upcall_chip chip)
{
	bool found = choice != UPCALL_AUTO && routes_try(choice, UPCALL_AUTO, chip);

	if (!found && choice != UPCALL_AUTO)
		printk_warn("upcall: route=%s cannot be used: %s\n", names[choice],
			    upcall_whys[choice].text[0] ? upcall_whys[choice].text
							: "not with this intx=");
	if (!found)
		found = routes_try(UPCALL_AUTO, choice, UPCALL_CHIP_AUTO);
	upcall_report();
	return found ? 0 : -ENODEV;
}

SHELL_COMMAND(route, "[NAME [pic|ioapic|gsi]]", "how Xen interrupts; switches it")
{
	int choice = count > 1 ? str_list_find(UPCALL_CHOICES, words[1], strlen(words[1])) : 0;
	int chip = count > 2 ? str_list_find(UPCALL_CHIPS, words[2], strlen(words[2])) : 0;
	int err = 0;

	if (count > 3 || chip < 0)
		return -EINVAL;
	if (choice < 0 || (count > 1 && !choice)) {
		printk("route: one of intx gsi vector percpu poll assist hybrid\n");
		return 0;
	}
	if (count > 1)
		err = upcall_switch((enum upcall_choice)choice, (enum upcall_chip)chip);
	if (err && upcall_why_not(choice))
		printk("route: not %s: %s\n", words[1], upcall_why_not(choice));
	else if (err)
		printk("route: error %d\n", err);
	printk("route: %s (irq %d, %s)\n", upcall_route_name(), upcall_irq(), upcall_chip_name());
	return 0;
}

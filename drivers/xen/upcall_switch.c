/* SPDX-License-Identifier: MIT */
/* From one route to another while running: what is refused before anything is touched, and the
 * chips that a route can be tried with. */
#include "drivers/xen/upcall_route.h"

#include "drivers/irqchip/irqchip.h"
#include "drivers/xen/evtchn_channel.h"
#include "kernel/cpu.h"
#include "kernel/timer.h"
#include "kernel/work.h"
#include "lib/errno.h"

unsigned (*upcall_pirq_count)(void);

static bool by_vector(enum upcall_choice choice)
{
	return choice == UPCALL_VECTOR || choice == UPCALL_PERCPU || choice == UPCALL_ASSIST;
}

bool upcall_by_vector(void)
{
	return upcall_now && by_vector(upcall_now->choice);
}

/* Before anything is touched. */
static int switch_check(enum upcall_choice choice, struct upcall_why *why)
{
	enum upcall_choice now = upcall_now->choice;
	char names[96];

	if (now == UPCALL_VECTOR && !irqchip_has(ISA_PIC)) {
		explain(why,
			"without PIC and IO-APIC Xen does not take the global vector back");
		return -EOPNOTSUPP;
	}
	if (by_vector(choice))
		return 0;
	if (by_vector(now) && upcall_pirq_count && upcall_pirq_count()) {
		explain(why, "%u PIRQs are bound, and Xen could deadlock on its irq lock",
			upcall_pirq_count());
		return -EBUSY;
	}
	if (choice != UPCALL_INTX && choice != UPCALL_GSI)
		return 0;
	if (upcall_others_for_ever && !upcall_percpu_for_ever) {
		explain(why,
			"the other vCPUs keep their own vectors, which makes it route=hybrid");
		return -EOPNOTSUPP;
	}
	if (!upcall_percpu_for_ever && evtchn_fixed_elsewhere(names, sizeof(names))) {
		explain(why, "Xen raises the line for vCPU 0 only, and these are not its: %s",
			names);
		return -EBUSY;
	}
	return 0;
}

static bool route_fits(const struct upcall_route *r, enum upcall_choice choice,
		       enum upcall_chip chip)
{
	return r->choice == choice && (!chip || !r->chip || r->chip == chip);
}

static bool route_exists(enum upcall_choice choice, enum upcall_chip chip)
{
	for (unsigned i = 0; i < nr_upcall_routes; i++)
		if (route_fits(&upcall_routes[i], choice, chip))
			return true;
	return false;
}

static int switch_to(enum upcall_choice choice, enum upcall_chip chip)
{
	int err = switch_check(choice, &upcall_whys[choice]);

	if (err)
		return err;
	err = -EOPNOTSUPP;
	work_hold(); /* which could take channels away, CPUs, or the domain */
	for (unsigned i = 0; err && i < nr_upcall_routes; i++)
		if (route_fits(&upcall_routes[i], choice, chip))
			err = upcall_change(&upcall_routes[i], &upcall_whys[choice]);
	work_release();
	return err;
}

int upcall_switch(enum upcall_choice choice, enum upcall_chip chip)
{
	int err;

	if (!route_exists(choice, chip) || this_cpu()->id)
		return -EINVAL;
	if (!upcall_now)
		return -ENODEV;
	upcall_whys[choice].text[0] = '\0';
	if (route_fits(upcall_now, choice, chip))
		return 0;
	timer_lend(); /* its channels may be such as the new route does not reach */
	err = switch_to(choice, chip);
	timer_take_back();
	return err;
}

/* SPDX-License-Identifier: MIT */
/* Between upcall.c, which chooses a route, and upcall_route.c, which knows them. */
#ifndef DRIVERS_XEN_UPCALL_ROUTE_H
#define DRIVERS_XEN_UPCALL_ROUTE_H

#include <stdint.h>

#include <xen/xen.h>
#include <xen/hvm/params.h>

#include "drivers/xen/upcall.h"
#include "kernel/irq.h"
#include "lib/printf.h"

#define UPCALL_WHY_SIZE 80u

struct upcall_why {
	char text[UPCALL_WHY_SIZE];
};

/* One way to try a route; intx and gsi have one for each chip. */
struct upcall_route {
	enum upcall_choice choice;
	enum upcall_chip chip; /* AUTO: the route needs neither */
	const char *name, *chip_name;
	/* Finds the route's irq and ties it to its outer chip; nothing is armed. The irq, or
	 * NULL with a sentence that says why not. */
	struct irq *(*prepare)(struct upcall_why *why);
	/* Tells Xen. The irq has its action already. 0, or -errno with a sentence. */
	int (*arm)(struct irq *irq, struct upcall_why *why);
	/* What a further CPU needs, on that CPU; NULL: nothing. As arm. */
	int (*arm_cpu)(unsigned cpu, struct irq *irq, struct upcall_why *why);
};

/* In the order in which they are tried. */
extern const struct upcall_route upcall_routes[];
extern const unsigned nr_upcall_routes;

/* Takes a route back whose action has been removed. False: its vector may still be used, the irq
 * has to be kept. Xen never takes a vCPU's own vector back, and the global one not from a domain
 * without PIC and IO-APIC (hvm_set_callback_via() ignores every other type there). */
bool upcall_route_undo(const struct upcall_route *route, struct irq *irq);

/* A value of HVM_PARAM_CALLBACK_IRQ. */
#define VIA(type, value)  ((uint64_t)HVM_PARAM_CALLBACK_TYPE_##type << 56 | (value))
#define explain(why, ...) fmt_snprintf((why)->text, sizeof((why)->text), __VA_ARGS__)

/* 0, or -errno and why. */
int upcall_set_callback(uint64_t via, struct upcall_why *why);
/* A vCPU that has had a vector of its own gets its upcalls there for ever. */
extern bool upcall_percpu_for_ever;

/* upcall_line.c */
struct irq *upcall_intx_prepare_ioapic(struct upcall_why *why);
struct irq *upcall_intx_prepare_pic(struct upcall_why *why);
struct irq *upcall_intx_prepare_gsi(struct upcall_why *why);
int upcall_intx_arm(struct irq *irq, struct upcall_why *why);
struct irq *upcall_gsi_prepare_ioapic(struct upcall_why *why);
struct irq *upcall_gsi_prepare_pic(struct upcall_why *why);
int upcall_gsi_arm(struct irq *irq, struct upcall_why *why);
/* Gives an ISA irq back to the chip that had it before. */
void upcall_line_undo(struct irq *irq);

#endif

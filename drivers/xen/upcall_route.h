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

#define UPCALL_WHY_SIZE 160u

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
	/* After an event has come in over it; NULL: that is enough. As arm. */
	int (*confirm)(struct upcall_why *why);
};

/* upcall.c: the route in use, or being tried; NULL: none yet. */
extern const struct upcall_route *upcall_now;
extern struct irq *upcall_now_irq;
/* Why a choice is not in use. */
extern struct upcall_why upcall_whys[NR_UPCALL_CHOICES];
irq_handler_fn upcall_action; /* scans */
irq_handler_fn upcall_ghost;  /* counts */
uint32_t upcall_by_vector_count(void); /* arrivals of the irqs that are nothing but upcalls */

/* upcall_change.c: from the route in use (if any) to another, confirmed by an event on every CPU
 * that it reaches. 0, or -errno with a sentence; then the route of before is in use again. On the
 * boot CPU; enables interrupts while it waits. */
int upcall_change(const struct upcall_route *to, struct upcall_why *why);

/* upcall_gate.c: from now on the upcall's vector has the entry that all vectors have, until
 * upcall_gate_open(). */
void upcall_gate_close(void);

/* In the order in which they are tried. */
extern const struct upcall_route upcall_routes[];
extern const unsigned nr_upcall_routes;

/* A value of HVM_PARAM_CALLBACK_IRQ. */
#define VIA(type, value)  ((uint64_t)HVM_PARAM_CALLBACK_TYPE_##type << 56 | (value))
#define explain(why, ...) fmt_snprintf((why)->text, sizeof((why)->text), __VA_ARGS__)

/* 0, or -errno and why. */
int upcall_set_callback(uint64_t via, struct upcall_why *why);
/* A vCPU that has had a vector of its own gets its upcalls there for ever: vCPU 0, one of the
 * others. */
extern bool upcall_percpu_for_ever, upcall_others_for_ever;
/* Ends a route's use: what its irq's source and the clock's hook need, once the action is gone. */
void upcall_route_close(const struct upcall_route *route, struct irq *irq);
/* Of the vCPUs' own vectors; NULL before there is one. */
extern struct irq *upcall_percpu_irq;
struct irq *upcall_percpu_prepare(struct upcall_why *why);
int upcall_percpu_arm(struct irq *irq, struct upcall_why *why);
int upcall_percpu_arm_cpu(unsigned cpu, struct irq *irq, struct upcall_why *why);

/* upcall_assist.c */
bool upcall_assist_offered(void); /* by CPUID */
struct irq *upcall_assist_prepare(struct upcall_why *why);
int upcall_assist_arm(struct irq *irq, struct upcall_why *why);
int upcall_assist_arm_cpu(unsigned cpu, struct irq *irq, struct upcall_why *why);
int upcall_assist_confirm(struct upcall_why *why);
void upcall_assist_leave(void);

/* upcall_line.c */
struct irq *upcall_hybrid_prepare_ioapic(struct upcall_why *why);
struct irq *upcall_hybrid_prepare_pic(struct upcall_why *why);
struct irq *upcall_intx_prepare_ioapic(struct upcall_why *why);
struct irq *upcall_intx_prepare_pic(struct upcall_why *why);
struct irq *upcall_intx_prepare_gsi(struct upcall_why *why);
int upcall_intx_arm(struct irq *irq, struct upcall_why *why);
struct irq *upcall_gsi_prepare_ioapic(struct upcall_why *why);
struct irq *upcall_gsi_prepare_pic(struct upcall_why *why);
int upcall_gsi_arm(struct irq *irq, struct upcall_why *why);
/* Gives a line of the board's back as it was before the first route took it. */
void upcall_line_undo(struct irq *irq);

#endif

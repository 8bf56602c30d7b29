/* SPDX-License-Identifier: MIT */
/* irqs: Daisy's own numbers for interrupt sources.
 *
 *   [0, 16)              the ISA irqs, identity
 *   [16, gsi_top)        irq == gsi, the IO-APIC's pins
 *   [gsi_top, irq_limit) dynamic: event channels, MSIs, the local APIC's own sources
 *
 * A *chip* says how to talk to the hardware (acknowledge, mask, end), a *flow* says when (edge,
 * level, per-CPU), an *action* is what a driver asked for. An event channel is an ordinary irq
 * whose chip is chained behind the irq of the upcall.
 *
 * Numbers are reserved, never found: taking what is taken is -EBUSY. */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/spinlock.h"

struct irq;
struct cpu;

/* 1 is none of them: lib/evtchn_2l.h, EVTCHN_SERVED. */
enum irq_result { IRQ_HANDLED, IRQ_NONE = 2 };
/* Runs with interrupts disabled. IRQ_NONE: "not mine" (matters on shared lines). */
typedef enum irq_result irq_handler_fn(struct irq *irq, void *ctx);

/* Every operation may be NULL: there is nothing to do. All are called with interrupts disabled. */
struct irq_chip {
	const char *name;
	void (*mask)(struct irq *irq);
	void (*unmask)(struct irq *irq);
	void (*ack)(struct irq *irq); /* edge: before the handler, so that a new edge can latch */
	void (*eoi)(struct irq *irq); /* level: after it, when the source is quiet */
	/* Not level: what comes while it is masked is lost (IO-APIC pins), or arrives all the same,
	 * for its flow to look after (messages). So there is no late EOI. */
	bool mask_forgets;
	/* Re-delivery of the source on a vector of its own (channels only). 0 or -errno. */
	int (*set_redelivery)(struct irq *irq, bool vector);
	/* The CPU that the source arrives on; NULL: that of its vector, or any. */
	unsigned (*home)(const struct irq *irq);
	/* Moves the source to a CPU, safe against an event in flight. NULL: it cannot move. */
	int (*set_affinity)(struct irq *irq, unsigned cpu);
	/* The hardware side for the table, e.g. "gsi 11 vec 0x41" or "port 7". */
	void (*describe)(const struct irq *irq, char *buf, size_t size);
};

typedef void irq_flow_fn(struct irq *irq);
void irq_flow_edge(struct irq *irq);   /* ack, then the actions */
void irq_flow_level(struct irq *irq);  /* the actions, then eoi */
void irq_flow_percpu(struct irq *irq); /* as edge; the source belongs to this CPU alone */
void irq_flow_late(struct irq *irq);   /* mask for EOI, ack, the actions: IRQ_LATE_EOI */
void irq_flow_none(struct irq *irq);   /* before irq_attach(): nobody's, counted as unhandled */
/* The flow of that kind for a chip: a shorter one where there is nothing to acknowledge. */
irq_flow_fn *irq_flow_for(const struct irq_chip *chip, irq_flow_fn *kind);

struct irq_action {
	irq_handler_fn *handler;
	void *ctx;
	const char *name;
	struct irq_action *next; /* shared lines */
};

struct irq_late;

struct irq {
	irq_flow_fn *flow;           /* first: the way in is irq->flow(irq) */
	/* What a chained source calls instead, when it has counted: with ctx, the driver's handler
	 * itself, unless the flow has something to do besides. irq_wire() decides. */
	irq_handler_fn *run;
	void *run_ctx;
	irq_flow_fn *inner;          /* runs the actions: `flow`, unless that re-delivers */
	irq_flow_fn *kind;           /* as irq_attach() had it; `inner`, unless that is late */
	struct irq_late *late;       /* NULL: an ordinary irq */
	const struct irq_chip *chip; /* NULL until a source is attached */
	struct irq_action *actions;  /* NULL until requested */
	uint32_t number;
	uint32_t hw;         /* the chip's own number: PIC line, gsi, port, ... */
	void *chip_data;
	uint16_t vector;     /* the vector it arrives on, 0 when it has none of its own */
	uint8_t vector_cpu;  /* the CPU that vector is on ... */
	bool vector_all;     /* ... unless it is on all of them */
	uint8_t mask_reasons; /* enum irq_mask_reason; changed under mask_lock */
	uint8_t holds;        /* how many want IRQ_MASK_TEMPORARY */
	struct spinlock mask_lock;
	bool moving;         /* one irq_set_affinity() at a time: two would disagree on the home */
	bool has_moved;      /* a CPU that it was on before may still be in its handler */
	bool boot_cpu_only;  /* its source knows no other CPU, whatever the chip can do */
	uint8_t counted_on;  /* the CPU whose irqs_homed it is in, plus 1; 0: none's */
	uint8_t left;        /* the CPU whose going down has moved it, plus 1: kernel/irq_spread.c */
	uint32_t waiting;    /* arrivals that the running handler has not covered: kernel/irq.c */
	struct irq *passed;  /* the next one in the list that it is passed on in: irq_pass.h */
	bool shared;
	uint32_t unhandled;  /* ran, and every action said IRQ_NONE */
	uint32_t unhandled_row; /* how many of those came one after the other ... */
	uint32_t unhandled_at;  /* ... and the count at the last one */
	const char *name;    /* of the source, when it has no action */
};

/* --- why an irq is masked --- */

/* The chip masks the source when the set of reasons becomes nonempty, and unmasks it when the set
 * becomes empty; so whoever lifts his own reason does not lift another's. The letter is what the
 * table shows. */
enum irq_mask_reason {
	IRQ_MASK_EXPLICIT = 1,  /* m: the driver's, irq_mask() */
	IRQ_MASK_TEMPORARY = 2, /* t: for a while: the source moves, is switched, or polled. Counted:
	                         * the last of several that hold it lifts it */
	IRQ_MASK_EOI = 4,       /* e: late EOI, the driver has not called irq_eoi() yet */
	IRQ_MASK_BRAKE = 8,     /* b: it came too often, and waits for a timer */
	IRQ_MASK_UNWANTED = 16, /* u: it has no action, or nobody handled it again and again */
};

/* Adds or takes away one reason. A lock of this irq's own is held while the chip is told, so the
 * set and the chip never disagree for others; any context, any CPU, interrupts on or off. */
void irq_mask_for(struct irq *irq, enum irq_mask_reason reason);
void irq_unmask_for(struct irq *irq, enum irq_mask_reason reason);
/* Under mask_lock: the same for several reasons at once, without a moment between. */
void irq_change_mask(struct irq *irq, unsigned add, unsigned remove);

static inline bool irq_is_masked(const struct irq *irq)
{
	return __atomic_load_n(&irq->mask_reasons, __ATOMIC_RELAXED);
}

/* --- the layout: irq_layout_init() once, before anything dynamic is handed out --- */

/* gsi_top: one past the highest gsi (16 when there is no IO-APIC). 0 or -ENOMEM, -EINVAL. */
int irq_layout_init(unsigned gsi_top);
/* Gives a CPU that comes later its counters. 0 or -ENOMEM. The second takes them back from one
 * that did not come. */
int irq_init_cpu(struct cpu *cpu);
void irq_exit_cpu(struct cpu *cpu);
extern unsigned irq_gsi_top, irq_limit;
/* A number that is never handed out: whose counters take what is counted for no irq. */
#define IRQ_NOBODY (irq_limit - 1)
/* Nobody handled it: for whoever calls irq->run. */
void irq_note_unhandled(struct irq *irq);
unsigned irq_free_numbers(void); /* dynamic numbers still to be had */

/* --- for chips: tie a number to a source --- */

/* Claims a fixed number in [0, gsi_top). The irq, or NULL with *err = -EBUSY, -EINVAL, -ENOMEM. */
struct irq *irq_reserve(unsigned number, int *err);
/* Hands out a dynamic number. The irq, or NULL with *err = -ENOSPC, -ENOMEM. */
struct irq *irq_alloc(int *err);
/* Under irq_lock: sets irq->run, after anything that it depends on has changed. To the handler itself
 * only while no scan has the irq in its hands, that is at the first irq_request(). */
void irq_wire(struct irq *irq);
/* Attaches the source; the irq stays masked and without action. */
void irq_attach(struct irq *irq, const struct irq_chip *chip, irq_flow_fn *flow, uint32_t hw,
		void *chip_data, const char *name);
/* Gives the number back. -EBUSY while it has actions, or is a line of the board's that its chip
 * holds. A vector of its own must have been released. */
int irq_release(struct irq *irq);

/* --- for drivers --- */

enum irq_flags {
	IRQ_SHARED = 1,
	/* Each run of the handler is to be followed by irq_eoi(). */
	IRQ_LATE_EOI = 2,
	/* Who makes the interrupts may make too many: late EOI, with a brake. */
	IRQ_UNTRUSTED = 4 | IRQ_LATE_EOI,
};

/* The irq of a number, or NULL. */
struct irq *irq_get(unsigned number);
/* Adds an action; the first one unmasks the source. 0; -EINVAL (no such irq, no chip);
 * -EBUSY (it has an action, and not both are IRQ_SHARED); -ENOMEM. With IRQ_LATE_EOI: -EINVAL
 * (shared as well), -EOPNOTSUPP (it cannot be masked, or would forget what comes meanwhile). */
int irq_request(unsigned number, irq_handler_fn *handler, void *ctx, unsigned flags,
		const char *name);
/* Removes the action with this ctx; the last one masks the source. 0, -EINVAL, -ENOENT. */
int irq_free(unsigned number, void *ctx);
/* A driver's own mask. Other reasons may keep the source masked for longer: see below. */
void irq_mask(struct irq *irq);
void irq_unmask(struct irq *irq);
/* Late EOI. The source has been masked since before the handler ran, and the driver has done
 * the work, wherever: any context, any CPU, in the handler as well. What came meanwhile is
 * delivered now. spurious: there was nothing to do. 0; -EINVAL: the irq has no late EOI;
 * -ENOENT: none is due, the handler has not run since the last one (counted in the table). */
int irq_eoi(struct irq *irq, bool spurious);
/* At most `budget` runs in a window of an irq that is IRQ_UNTRUSTED, then a pause: see
 * kernel/irq_late.h for more, and for what holds at first. budget 0: no limit. 0 or -EINVAL. */
int irq_set_brake(unsigned number, uint32_t budget, uint64_t window_ns);
/* call: the upcall's scan calls the flow; vector: the scan sends a self-IPI on a vector of the
 * irq's own. 0, -EOPNOTSUPP (not a channel, no local APIC), -ENOSPC (vectors exhausted: stays at
 * call), -EBUSY (its vector is on the way: again with interrupts enabled). */
int irq_set_redelivery(unsigned number, bool vector);

/* From now on it arrives on this CPU; what was on its way is neither lost nor doubled. 0; -EINVAL:
 * no such irq or CPU, or it belongs to one CPU by nature; -ENXIO: that CPU is down; -EOPNOTSUPP:
 * the chip, the source or the route cannot reach that CPU; -EBUSY: interrupts are disabled, its
 * last interrupt has not ended, or another irq is being moved: try again; -ENOSPC: no vector. */
int irq_set_affinity(unsigned number, unsigned cpu);

/* The CPU that it arrives on, or -ENOENT: any, all, or no source. */
int irq_home(const struct irq *irq);
/* The CPU with the fewest irqs: of equals the first. It counts irqs that have an action, or that
 * their chip has counted. O(CPUs). */
unsigned irq_pick_cpu(void);
/* Takes the irq into its home's count (and out of another's), or out of any. irq_request() and
 * irq_free() do it; a chip that hands out several irqs does it for each as it places it. */
void irq_count_home(struct irq *irq, bool counted);
/* Moves irqs from CPUs that have too many, until every one that can move is on a CPU with at most
 * one more than the CPU with the fewest. How many were moved. Interrupts must be enabled. */
unsigned irq_spread(void);
/* A CPU goes down, and gets no more irqs (its state is not CPU_ONLINE): moves every irq that is
 * there, used or not, to the CPU with the fewest that it can go to. Interrupts must be enabled. 0,
 * or the error of the irq that stays, *stuck. */
int irq_evict(unsigned cpu, const struct irq **stuck);
/* It is up again: those come back that nobody has moved in between. */
void irq_bring_back(unsigned cpu);

/* It has arrived here, and its driver, who has masked it, has taken it without an interrupt. */
void irq_count_polled(const struct irq *irq);
/* Times that it arrived: on one CPU, on all. */
uint32_t irq_count_on(const struct irq *irq, unsigned cpu);
uint32_t irq_count(const struct irq *irq);
/* The table as /proc/interrupts shows it. */
void irq_print_table(void);
/* One line on the number spaces: their borders, and how much of each is free. */
void irq_print_spaces(void);

#endif

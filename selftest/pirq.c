/* SPDX-License-Identifier: MIT */
/* A line of an emulated device as an event channel: an edge from the UART (ISA irq 4). */
#include "selftest/pirq.h"

#include "arch/x86/cpu.h"
#include "kernel/irq.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "selftest/loopback.h"

void source_came(struct source *s, uint32_t more)
{
	s->expected += more;
	if (!s->dead)
		s->dead = !CHECK(selftest_wait_count(&s->runs, s->expected));
}

void source_check(const struct source *s)
{
	loopback_settle();
	CHECK_EQ(s->runs, s->expected);
	CHECK_EQ(irq_count(s->irq) - s->before, s->expected);
}

/* --- edge: "transmitter empty" rises when it is enabled, and falls when it is read --- */

enum { UART_INTERRUPTS = 0x3f9, UART_REASON = 0x3fa, UART_MODEM = 0x3fc };
enum { UART_IRQ = 4, UART_WHEN_EMPTY = 2, UART_OUT2 = 8 };

static enum irq_result uart_handler(struct irq *irq, void *ctx)
{
	struct source *s = ctx;

	outb(UART_INTERRUPTS, 0);
	inb(UART_REASON);
	s->runs++;
	return IRQ_HANDLED;
}

static void uart_raise(void)
{
	outb(UART_INTERRUPTS, UART_WHEN_EMPTY);
}

static void uart_rounds(struct source *s)
{
	for (unsigned i = 0; i < RAISES; i++) {
		uart_raise();
		source_came(s, 1);
	}
	source_check(s);
}

/* What is on its way when the line changes its way. */
static void uart_in_flight(struct source *s)
{
	local_irq_disable();
	uart_raise(); /* waits as a vector, which nobody would own any more */
	CHECK_EQ(pirq_attach_line(UART_IRQ), -EBUSY);
	local_irq_enable();
	source_came(s, 1);
	CHECK_EQ(pirq_attach_line(UART_IRQ), 0);
	local_irq_disable();
	uart_raise(); /* waits as an event */
	CHECK_EQ(pirq_detach_line(UART_IRQ), 0);
	local_irq_enable();
	source_came(s, 1);
	source_check(s);
}

/* 2-level is through a reset, which would unmap the PIRQ: refused, and nothing has changed for a
 * channel with an event that waits. */
static void abi_is_kept(void)
{
	struct loopback lb;

	if (strcmp(evtchn_abi_name(), "fifo"))
		return;
	if (loopback_open(&lb, "abi kept")) {
		evtchn_mask(lb.near);
		CHECK_EQ(evtchn_send(lb.far), 0);
		CHECK_EQ(evtchn_switch_abi(EVTCHN_ABI_2L), -EBUSY);
		CHECK(!strcmp(evtchn_abi_name(), "fifo"));
		CHECK(evtchn_is_masked(lb.near) && evtchn_is_pending(lb.near));
		loopback_settle();
		CHECK_EQ(lb.runs, 0);
		CHECK_EQ(evtchn_unmask(lb.near), 0);
		CHECK(loopback_wait(&lb, 1) && loopback_ping(&lb));
		loopback_settle();
		CHECK_EQ(lb.runs, 2);
	}
	loopback_close(&lb);
}

SELFTEST(pirq_gsi_edge)
{
	struct source s = {0};
	uint8_t modem;

	NEEDS_LINES();
	s.irq = irq_get(UART_IRQ);
	s.before = irq_count(s.irq);
	modem = inb(UART_MODEM);
	outb(UART_MODEM, modem | UART_OUT2); /* on a real board the gate of its line */
	CHECK_EQ(irq_request(UART_IRQ, uart_handler, &s, 0, "uart"), 0);
	uart_rounds(&s);
	CHECK_EQ(pirq_attach_line(UART_IRQ), 0);
	CHECK_EQ(pirq_attach_line(UART_IRQ), -EBUSY);
	/* Xen could deadlock: upcall_switch.c */
	CHECK_EQ(upcall_switch(UPCALL_POLL, UPCALL_CHIP_AUTO), -EBUSY);
	CHECK(upcall_why_not(UPCALL_POLL));
	abi_is_kept();
	CHECK_EQ(pirq_bound_count(), 1);
	CHECK(!strcmp(s.irq->chip->name, "pirq"));
	uart_rounds(&s);
	CHECK_EQ(irq_set_redelivery(UART_IRQ, true), 0);
	uart_rounds(&s);
	CHECK_EQ(pirq_detach_line(UART_IRQ), 0);
	CHECK_EQ(pirq_detach_line(UART_IRQ), -EINVAL);
	CHECK_EQ(pirq_bound_count(), 0);
	CHECK(!strcmp(s.irq->chip->name, "ioapic"));
	uart_rounds(&s);
	uart_in_flight(&s);
	uart_rounds(&s);
	CHECK_EQ(irq_free(UART_IRQ, &s), 0);
	outb(UART_MODEM, modem);
}

/* SPDX-License-Identifier: MIT */
#include "drivers/serial/uart.h"

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86/cpu.h"
#include "drivers/serial/outs.h"
#include "kernel/input.h"
#include "kernel/irq.h"
#include "kernel/printk.h"

/* A 16550A at COM1. */
enum {
	DATA = 0x3f8,
	DIVISOR_LOW = 0x3f8, /* while LINE_DLAB is set, as the next */
	DIVISOR_HIGH = 0x3f9,
	INTERRUPTS = 0x3f9,
	FIFO = 0x3fa,
	LINE = 0x3fb,
	MODEM = 0x3fc,
	STATUS = 0x3fd,
	SCRATCH = 0x3ff,
};

enum {
	LINE_8N1 = 0x03,
	LINE_DLAB = 0x80,
	FIFO_ENABLE_CLEAR = 0x07,
	INTERRUPT_RECEIVED = 0x01,
	MODEM_DTR_RTS = 0x03,
	MODEM_OUT2 = 0x08, /* a PC's gate between the chip's interrupt and the irq line */
	STATUS_RECEIVED = 0x01,
	STATUS_EMPTY = 0x20, /* the FIFO has room for all of its 16 bytes */
};

#define FIFO_BYTES 16
#define DIVISOR    1      /* 115200 baud */
#define PATIENCE   100000 /* reads of the status; 16 bytes leave in 1.4 ms, some 2000 reads */

static bool uart_stuck; /* nobody takes the bytes: do not wait again until it moves */

static bool uart_wait_empty(void)
{
	for (unsigned i = uart_stuck ? 1 : PATIENCE; i; i--)
		if (inb(STATUS) & STATUS_EMPTY) {
			uart_stuck = false;
			return true;
		}
	uart_stuck = true;
	return false;
}

/* As much of the text as the FIFO holds, with a carriage return before each line feed: one
 * instruction, and under a hypervisor one exit, for each 16 bytes. How many are in the piece; *at
 * goes on behind them. */
static size_t uart_fill(char piece[FIFO_BYTES], const char **at, const char *end)
{
	const char *p = *at;
	size_t n = 0;

	while (p < end && n < FIFO_BYTES) {
		if (*p == '\n') {
			if (n == FIFO_BYTES - 1) /* the two stay together */
				break;
			piece[n++] = '\r';
		}
		piece[n++] = *p++;
	}
	*at = p;
	return n;
}

static void uart_write(struct console *con, const char *text, size_t length)
{
	const char *end = text + length;
	char piece[FIFO_BYTES];

	while (text < end && uart_wait_empty())
		outs(DATA, piece, uart_fill(piece, &text, end));
}

static bool uart_get(struct input *in, char *byte)
{
	if (!(inb(STATUS) & STATUS_RECEIVED))
		return false;
	*byte = (char)inb(DATA);
	return true;
}

/* The line is edge: the pull goes on until the chip is empty, or the ring full. Then the line stays
 * up, and the reader's pull brings it down. The reader may have been first: nothing is left then. */
static enum irq_result uart_handler(struct irq *irq, void *ctx)
{
	input_pull(ctx);
	return IRQ_HANDLED;
}

static int uart_start(struct input *in)
{
	int err = irq_request(COM1_IRQ, uart_handler, in, 0, "com1");

	if (err)
		return err;
	outb(MODEM, MODEM_DTR_RTS | MODEM_OUT2);
	outb(INTERRUPTS, INTERRUPT_RECEIVED); /* what has come already raises the line now */
	return 0;
}

static void uart_stop(struct input *in)
{
	outb(INTERRUPTS, 0);
	outb(MODEM, MODEM_DTR_RTS);
	irq_free(COM1_IRQ, in);
}

static struct input uart_input = {.get = uart_get, .start = uart_start, .stop = uart_stop};
static struct console uart_console = {
	.name = "com1", .write = uart_write, .input = &uart_input};

static bool uart_probe(void)
{
	outb(SCRATCH, 0x5a);
	if (inb(SCRATCH) != 0x5a)
		return false;
	outb(SCRATCH, 0xa5);
	return inb(SCRATCH) == 0xa5;
}

void uart_init(void)
{
	if (!uart_probe())
		return;
	outb(INTERRUPTS, 0);
	outb(LINE, LINE_DLAB);
	outb(DIVISOR_LOW, DIVISOR);
	outb(DIVISOR_HIGH, 0);
	outb(LINE, LINE_8N1);
	outb(FIFO, FIFO_ENABLE_CLEAR);
	outb(MODEM, MODEM_DTR_RTS);
	console_register(&uart_console);
}

/* SPDX-License-Identifier: MIT */
/* COM1 as a console: 115200 8n1; a line feed is sent as CR LF, polled. What is typed comes by
 * irq 4, once somebody wants it. */
#ifndef DRIVERS_SERIAL_UART_H
#define DRIVERS_SERIAL_UART_H

enum { COM1_IRQ = 4 };

/* Registers the console if COM1's scratch register answers. Eleven port accesses, no loop. */
void uart_init(void);

#endif

/* SPDX-License-Identifier: MIT */
/* COM1 as a console: 115200 8n1, polled, a line feed is sent as CR LF. */
#ifndef DRIVERS_SERIAL_UART_H
#define DRIVERS_SERIAL_UART_H

/* Registers the console if COM1's scratch register answers. Eleven port accesses, no loop. */
void uart_init(void);

#endif

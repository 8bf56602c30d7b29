/* SPDX-License-Identifier: MIT */
/* Interrupts of emulated devices that can be raised one at a time and counted: QEMU's edu by MSI
 * and by its line, the messages of an nvme, COM1's line and the keyboard controller's. */
#ifndef SELFTEST_SIGNAL_H
#define SELFTEST_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/serial/uart.h" /* COM1_IRQ */

#define NVME_MESSAGES 4u

enum { KEYBOARD_IRQ = 1 };

struct signal {
	int irq;
	void (*raise)(struct signal *g);
	bool (*quiet)(struct signal *g); /* NULL: nothing to quiet; false: it was not ours */
	bool (*sent)(struct signal *g);  /* has the device done all raises? NULL: at once */
	volatile uint32_t *regs;
	unsigned message;          /* of the device, from 0 */
	volatile bool chain;       /* the handler raises the next one, but not on CPU 0 */
	volatile uint32_t raises;
	volatile uint32_t runs;
	volatile uint32_t overlaps; /* the handler began on one CPU while it was on another */
	bool inside;
};

struct pci_device;

/* The device, or NULL. */
struct pci_device *edu_find(void);
struct pci_device *nvme_find(void);

/* Each turns interrupts on at its device. False: the running test failed. Then signal_begin(). */
bool edu_open_msi(struct signal *g);
bool edu_open_line(struct signal *g); /* irq: that of INTx, shared */
/* Irq COM1_IRQ, whichever chip it is on. */
bool com1_open(struct signal *g);
/* Irq KEYBOARD_IRQ. False as well: there is no keyboard controller. */
bool keyboard_open(struct signal *g);
/* For tests of what moves, on several CPUs: the whole life of edu's MSI, and of COM1's pin, around a
 * check; the test is skipped where there is none. */
void signal_with_msi(void (*check)(struct signal *g));
void signal_with_com1(void (*check)(struct signal *g));
/* Their ends, after signal_end(). */
void edu_close_msi(void);
void keyboard_close(void);

/* A completion queue with a message of its own each; a raise is a command that completes at once.
 * These have begun when they are open, and close ends them. */
bool nvme_open(struct signal g[NVME_MESSAGES]);
void nvme_close(struct signal g[NVME_MESSAGES]);

/* Requests the irq for the signal; frees it, and checks that no handler overlapped another. */
void signal_begin(struct signal *g, unsigned flags);
void signal_end(struct signal *g);
void signal_raise(struct signal *g);
/* Raises, and waits until the device has sent it, wherever it then is. */
void signal_send(struct signal *g);
/* Raises once and waits; true when it ran just once. */
bool signal_once(struct signal *g);
/* Lets what is on its way arrive; as many runs as raises. */
bool signal_settle(struct signal *g);

#endif

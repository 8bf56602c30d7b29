/* SPDX-License-Identifier: MIT */
/* Faults that are built in on purpose (`make FAULT=name BUILD=build-fault-name`), to prove that
 * the oracle sees them. In a normal build FAULT() is the constant false and nothing of it is left;
 * boot/check-image.sh refuses an image that carries the mark without having been asked for. */
#ifndef LIB_FAULT_H
#define LIB_FAULT_H

enum {
	FAULT_none,
	FAULT_lost_mask,     /* the scan throws away what is pending on masked ports */
	FAULT_clear_late,    /* pending is cleared after the handler too, with what came meanwhile */
	FAULT_stale_port,    /* a closed channel keeps its irq and its handler */
	FAULT_wrong_set,     /* 2-level: a port that moves stays in its old CPU's set as well */
	FAULT_stuck,         /* a handler of the storm's, on any CPU but CPU 0, does not come back */
	FAULT_missed_linked, /* FIFO: a port that is taken out of its queue stays LINKED */
};

#ifdef DAISY_FAULT
#define FAULT(name)  (DAISY_FAULT == FAULT_##name)
#define FAULT_ANY    1
#define FAULT_STRING(name) #name
#define FAULT_TEXT(name)   FAULT_STRING(name)
#define FAULT_SAYS "FAULTY ON PURPOSE, built with FAULT=" FAULT_TEXT(DAISY_FAULT_NAME) "\n"
#else
#define FAULT(name) 0
#define FAULT_ANY   0
#define FAULT_SAYS  ""
#endif

#endif

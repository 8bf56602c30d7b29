/* SPDX-License-Identifier: MIT */
/* What a storm does: step n is a pure function of the seed, the parameters and n, and of nothing
 * that came before. So a run is repeated by its seed, and any part of one can be run alone. */
#ifndef LIB_STORM_H
#define LIB_STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORM_CHANNELS 16u /* at most; a set of channels is a uint16_t */

enum storm_kind {
	STORM_BURST,    /* with interrupts off on one CPU: a send to each channel of a set */
	STORM_SEND,     /* one send */
	STORM_RESEND,   /* one send, and the handler sends `count` more to itself */
	STORM_MASK,
	STORM_UNMASK,
	STORM_HIDE,     /* with interrupts off: a burst, then its channels are masked */
	STORM_MOVE,     /* to CPU `to`, with whatever is in flight */
	STORM_SETTLE,   /* everything sent has arrived, then to CPU `to` */
	STORM_REOPEN,   /* closed with an event in flight, opened anew, either end listens */
	STORM_PRIORITY, /* becomes `count`; nothing with the 2-level ABI */
	STORM_ORDER,    /* all at rest; a burst; on that CPU the more urgent ones come first */
	STORM_DRAIN,    /* everything is unmasked, and arrives */
	NR_STORM_KINDS,
};

struct storm_params {
	uint64_t seed;
	unsigned channels; /* 2 to STORM_CHANNELS */
	unsigned cpus;     /* >= 1: who sends, and where channels move to */
};

struct storm_step {
	enum storm_kind kind;
	unsigned channel;
	unsigned cpu;   /* which does it */
	unsigned to;    /* MOVE, SETTLE: the new CPU */
	unsigned count; /* RESEND: 1 to 4; PRIORITY: 0 to 15 */
	uint16_t set;   /* BURST, HIDE, ORDER: which channels, at least one */
	bool far_end;   /* REOPEN: the end that binds to the other one listens */
};

struct storm_step storm_decide(const struct storm_params *params, uint32_t n);
/* In words, as "burst to 0x13 from CPU 2". Returns as fmt_snprintf(). */
int storm_describe(const struct storm_step *step, char *buf, size_t size);

/* Is n in a list such as "0-99,120,130-"? An empty list has every number; so has NULL. What is no
 * number or range is never matched. */
bool storm_list_has(const char *list, uint32_t n);
/* One past the highest number of the list; UINT32_MAX: it has no end. 0: the list is no good. */
uint32_t storm_list_end(const char *list);

#endif

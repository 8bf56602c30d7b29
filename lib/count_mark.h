/* SPDX-License-Identifier: MIT */
/* A place for whoever counts a guest's instructions from outside (tests/bench/count.c): a NOP, whose
 * displacement says which. In Daisy, in the Linux guest beside it, and in dom0. */
#ifndef LIB_COUNT_MARK_H
#define LIB_COUNT_MARK_H

enum count_mark {
	COUNT_BEGIN = 1, /* of a section */
	COUNT_END,
	COUNT_USER_SPACE,    /* Linux has come there */
	COUNT_DOM0,	     /* what a guest does from here on, or did until here */
	COUNT_CHANNELS_WORK, /* after a resume */
	COUNT_CHANNELS_BOUND, /* before that: nothing has been sent yet */
};

/* n: a constant. */
#define COUNT_MARK(n) __asm__ volatile("nopl %c0(%%rax)" : : "i"(0x5ed1a100 + (n)) : "memory")

#endif

/* SPDX-License-Identifier: MIT */
/* Words for the compiler about the delivery path. */
#ifndef LIB_COMPILER_H
#define LIB_COMPILER_H

#define unlikely(x) __builtin_expect(!!(x), 0)
#define likely(x)   __builtin_expect(!!(x), 1)

/* On the way of every interrupt: these functions lie together in the image, each from the
 * beginning of what is fetched at once on. */
#define HOT __attribute__((section(".text.hot"), aligned(16)))

/* Called from there, but seldom: kept out of the way, so that saving its registers is. */
#define COLD __attribute__((noinline, cold))

#endif

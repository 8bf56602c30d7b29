/* SPDX-License-Identifier: MIT */
/* Time that never goes back, made of clocks that may: a source's (Xen's pvclock), each CPU's
 * own reading of which may differ a little from the others', and which is another one after a
 * migration; and the TSC. Any context may read: there is no lock. */
#ifndef LIB_MONOTONIC_H
#define LIB_MONOTONIC_H

#include <stdbool.h>
#include <stdint.h>

/* One CPU's reading of the source, and its TSC at that moment. */
struct monotonic_reading {
	uint64_t ns, tsc, tsc_hz;
	bool stable; /* no CPU's reading is behind another's */
};

struct monotonic {
	uint64_t tsc, source, ns; /* one moment, by the TSC, by the source, and by this clock */
	uint64_t ns_per_tick;     /* of the TSC, in 2^-32 ns */
	uint64_t tsc_hz;
	uint64_t latest;    /* that anybody was told while readings were not stable */
	uint64_t coast_tsc; /* when somebody last asked while suspended */
	bool suspended;
};

/* 0 now, by the TSC alone. tsc_hz is not 0. */
void monotonic_start(struct monotonic *m, uint64_t tsc, uint64_t tsc_hz);
uint64_t monotonic_by_tsc(const struct monotonic *m, uint64_t tsc);
/* From now on by the source, from the same value on; ends a suspension. Nobody else reads. */
void monotonic_follow(struct monotonic *m, const struct monotonic_reading *now);
uint64_t monotonic_read(struct monotonic *m, const struct monotonic_reading *now);
/* For a CPU whose source cannot be read. It goes by its TSC then, but does not lead the others,
 * because that may be anything. */
uint64_t monotonic_read_tsc(struct monotonic *m, uint64_t tsc);

#define MONOTONIC_STEP_NS 1000000ull

/* From now on neither clock is believed, until monotonic_follow(): each read moves time on by
 * what the TSC says has passed, but never back, and never by more than MONOTONIC_STEP_NS. */
void monotonic_suspend(struct monotonic *m, uint64_t ns, uint64_t tsc);

#endif

/* SPDX-License-Identifier: MIT */
/* Xen's paravirtual clock: the arithmetic of struct vcpu_time_info and of shared_info's wall
 * clock (public/xen.h), for a reader who trusts neither. */
#ifndef LIB_PVCLOCK_H
#define LIB_PVCLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>

/* Xen writes a vCPU's own copy while that vCPU does not run, so the second try is good. */
#define PVCLOCK_TRIES 100u

struct pvclock_time {
	uint64_t ns;     /* Xen's system time ... */
	uint64_t tsc;    /* ... and tsc() at that moment */
	uint64_t tsc_hz; /* by the same copy */
	bool stable;     /* XEN_PVCLOCK_TSC_STABLE_BIT: all vCPUs' copies agree */
};

/* The system time now, by a copy that is of one piece; tsc() is called between the two looks at
 * the version, because the copy holds for the physical CPU that the vCPU was on then. False:
 * nothing was ever written there, it is being written for ever, or the time does not fit. */
bool pvclock_read(const volatile struct vcpu_time_info *info, uint64_t (*tsc)(void),
		  struct pvclock_time *t);
/* ticks to ns: ticks * 2^shift * mul / 2^32, UINT64_MAX where that does not fit. */
uint64_t pvclock_scale(uint64_t ticks, uint32_t mul, int shift);
/* The wall clock in ns since 1970 at a system time; 0: unknown, or it does not fit. */
uint64_t pvclock_wall(const volatile struct shared_info *info, uint64_t system_ns);

#endif

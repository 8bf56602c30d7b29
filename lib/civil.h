/* SPDX-License-Identifier: MIT */
/* A moment as a date of the Gregorian calendar. */
#ifndef LIB_CIVIL_H
#define LIB_CIVIL_H

#include <stdint.h>

struct civil {
	uint64_t year;
	unsigned month, day; /* 1-12, 1-31 */
	unsigned hour, minute, second;
};

/* Of so many seconds after 1970 began, leap seconds not counted (as POSIX has it); any number.
 */
struct civil civil_from_seconds(uint64_t seconds);

#endif

/* SPDX-License-Identifier: MIT */
/* Formatted output: %% %c %s %d %i %u %x %X %p with l, ll, z, h, hh; width, '*', precision,
 * flags '-' and '0'. An unknown conversion is printed as it stands, never skipped; it takes no
 * argument. %p is 0x and lower-case digits, 0x0 for NULL; %s of NULL is "(null)". */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

/* Like C's vsnprintf: at most size bytes with the terminator are written; returns the length
 * that the whole text has, without the terminator (INT_MAX if it is longer than that). size 0
 * writes nothing. */
int fmt_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int fmt_snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif

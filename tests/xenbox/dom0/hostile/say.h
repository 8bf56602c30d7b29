/* SPDX-License-Identifier: MIT */
/* What the program prints: one line for each thing that happens, for people and for tests that
 * wait for it. Each begins with "hostile: ". */
#ifndef HOSTILE_SAY_H
#define HOSTILE_SAY_H

#include <stdarg.h>

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same on stderr, and the end, with exit code 1. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif

/* SPDX-License-Identifier: MIT */
/* The board that the tests of its readers fill, and what holds for it after every reading. */
#ifndef TESTS_HOST_BOARD_CHECK_H
#define TESTS_HOST_BOARD_CHECK_H

#include "lib/acpi_tables.h"

/* What the last reading left. */
extern struct board b;
extern const char *why;

typedef int board_parse_fn(const void *table, size_t available, struct board *b,
			   const char **why);

/* Reads `available` bytes, from memory of exactly that size, into a fresh b. */
int board_try(board_parse_fn *parse, const uint8_t *bytes, size_t available);

#endif

/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <stdio.h>
#include <stdlib.h>

static void say_to(FILE *out, const char *format, va_list args)
{
	fputs("hostile: ", out);
	vfprintf(out, format, args);
	fputc('\n', out);
	fflush(out);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_to(stdout, format, args);
	va_end(args);
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_to(stderr, format, args);
	va_end(args);
	exit(1);
}

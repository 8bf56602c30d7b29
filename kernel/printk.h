/* SPDX-License-Identifier: MIT */
/* Text for people: into the log, and from it to every console that is there. A console that
 * comes up late is first given what the log holds, so all show the same text; unless it is one
 * that comes and goes. */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input;

struct console {
	const char *name;
	/* Writes all of it, or drops what nobody takes: it never waits for ever. */
	void (*write)(struct console *con, const char *text, size_t length);
	void (*flush)(struct console *con); /* waits, not for ever, until all is read; or NULL */
	struct input *input; /* kernel/input.h; NULL: nobody can type on it */
	void *ctx; /* the driver's */
	bool from_now_on; /* it is not given what was printed before it came */
	bool muted;       /* nor what is printed while it is there, but for what is to it alone */
	struct console *next;
};

void console_register(struct console *con);
/* Mainline, interrupts enabled. When it returns nobody uses the console any more. */
void console_unregister(struct console *con);
/* Told by these two, by the first before it begins to take the console away; or NULL. */
extern void (*console_changed)(struct console *con, bool there);
/* Nothing is printed any more on the one of that name. 0, or -ENOENT: it is not there. */
int console_mute(const char *name, size_t length);
struct console *console_first(void); /* registered last; then con->next */
void console_flush_all(void);
/* To one console, and not into the log. */
void console_print(struct console *con, const char *text, size_t length);
/* Formats as lib/printf.h. One call, one or more whole lines; safe in interrupts. */
void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same with "warning: " before it. */
void printk_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* For a test that provokes warnings: from now on they begin with "# expected: ", or with
 * "warning: " again. The number of those since the last call. */
unsigned printk_expect_warnings(bool expected);
uint32_t printk_count(void); /* bytes printed so far, modulo 2^32 */

/* Between these, this CPU prints without taking the lock: for a panic or a dump, which may have
 * interrupted the code that holds it. It tries for a while to get it, so that what another CPU is
 * printing comes to its end, and keeps it, so that nobody prints in between. */
void printk_lock_free_begin(void);
void printk_lock_free_end(void);
/* The same for a CPU that prints on behalf of one that has begun and waits for it. */
void printk_lock_free_join(void);
void printk_lock_free_leave(void);

#endif

/* SPDX-License-Identifier: MIT */
#include "kernel/printk.h"

#include "kernel/cpu.h"
#include "kernel/shell.h"
#include "kernel/spinlock.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define LINE_MAX 256
#define LOCK_TRIES 1000 /* a line takes far less; who was interrupted in one never ends it */
#define LOG_SIZE 8192u /* what a console that comes late can still be given */

static char log[LOG_SIZE];
static uint32_t log_end; /* runs freely; log[log_end % LOG_SIZE] is written next */
static struct console *consoles;
void (*console_changed)(struct console *con, bool there);
static struct spinlock printk_lock;
static uint8_t lock_free[NR_CPUS_MAX]; /* > 0: this CPU prints without the lock */
static bool lock_kept;                 /* by the CPU that has begun */

static void log_append(const char *text, size_t length)
{
	while (length) {
		size_t at = log_end % LOG_SIZE;
		size_t n = length < LOG_SIZE - at ? length : LOG_SIZE - at;

		memcpy(log + at, text, n);
		log_end += (uint32_t)n;
		text += n;
		length -= n;
	}
}

static uint32_t log_begin(void)
{
	return log_end > LOG_SIZE ? log_end - LOG_SIZE : 0;
}

/* From a place in the log to its end. Under the lock. */
static void log_write(struct console *con, uint32_t from)
{
	while (from != log_end) {
		uint32_t at = from % LOG_SIZE, n = LOG_SIZE - at;

		if (n > log_end - from)
			n = log_end - from;
		con->write(con, log + at, n);
		from += n;
	}
}

void console_register(struct console *con)
{
	bool on = spin_lock(&printk_lock);

	if (!con->from_now_on)
		log_write(con, log_begin());
	con->next = consoles;
	__atomic_store_n(&consoles, con, __ATOMIC_RELEASE);
	spin_unlock(&printk_lock, on);
	if (console_changed)
		console_changed(con, true);
}

/* Who prints without the lock goes along the list meanwhile: he sees the console or not, and goes
 * on from it in either case. He has said so before he began (printk_lock_free_join), so whom we do
 * not see here has not seen the console. */
void console_unregister(struct console *con)
{
	struct console **at = &consoles;
	bool on;

	if (console_changed)
		console_changed(con, false);
	on = spin_lock(&printk_lock);
	while (*at != con)
		at = &(*at)->next;
	__atomic_store_n(at, con->next, __ATOMIC_SEQ_CST);
	spin_unlock(&printk_lock, on);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (unsigned cpu = 0; cpu < NR_CPUS_MAX; cpu++)
		while (__atomic_load_n(&lock_free[cpu], __ATOMIC_ACQUIRE))
			cpu_yield();
}

static struct console *console_find(const char *name, size_t length)
{
	for (struct console *c = consoles; c; c = c->next)
		if (strlen(c->name) == length && !memcmp(c->name, name, length))
			return c;
	return NULL;
}

int console_mute(const char *name, size_t length)
{
	struct console *con = console_find(name, length);

	if (!con)
		return -ENOENT;
	con->muted = true;
	return 0;
}

struct console *console_first(void)
{
	return consoles;
}

void console_print(struct console *con, const char *text, size_t length)
{
	bool on = spin_lock(&printk_lock);

	con->write(con, text, length);
	spin_unlock(&printk_lock, on);
}

uint32_t printk_count(void)
{
	return __atomic_load_n(&log_end, __ATOMIC_RELAXED);
}

/* Where its last lines begin, all of them if there are fewer. Under the lock. */
static uint32_t log_last_lines(unsigned lines)
{
	uint32_t at = log_end;

	while (at != log_begin() && (lines || log[(at - 1) % LOG_SIZE] != '\n')) {
		at--;
		lines -= log[at % LOG_SIZE] == '\n' && lines;
	}
	return at;
}

SHELL_COMMAND(log, "[LINES]", "what was printed last")
{
	int lines = count == 2 ? shell_number(words[1], LOG_SIZE) : 20;
	bool on;

	if (count > 2 || lines < 1)
		return -EINVAL;
	on = spin_lock(&printk_lock);
	for (struct console *c = consoles; c; c = c->next)
		log_write(c, log_last_lines((unsigned)lines));
	spin_unlock(&printk_lock, on);
	return 0;
}

static void printk_emit(const char *text, size_t length)
{
	log_append(text, length);
	for (struct console *c = consoles; c; c = c->next)
		if (!c->muted)
			c->write(c, text, length);
}

static void printk_va(const char *prefix, const char *fmt, va_list ap)
{
	char line[LINE_MAX];
	size_t length = str_copy(line, prefix, sizeof(line));
	bool on;

	length += fmt_vsnprintf(line + length, sizeof(line) - length, fmt, ap);
	if (length >= sizeof(line)) {
		length = sizeof(line) - 1;
		memcpy(line + length - 4, "...\n", 4);
	}
	if (lock_free[this_cpu()->id]) {
		printk_emit(line, length);
		return;
	}
	on = spin_lock(&printk_lock);
	printk_emit(line, length);
	spin_unlock(&printk_lock, on);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printk_va("", fmt, ap);
	va_end(ap);
}

static bool warnings_expected;
static unsigned warnings;

unsigned printk_expect_warnings(bool expected)
{
	warnings_expected = expected;
	return __atomic_exchange_n(&warnings, 0, __ATOMIC_RELAXED);
}

void printk_warn(const char *fmt, ...)
{
	va_list ap;

	__atomic_fetch_add(&warnings, 1, __ATOMIC_RELAXED);
	va_start(ap, fmt);
	printk_va(warnings_expected ? "# expected: " : "warning: ", fmt, ap);
	va_end(ap);
}

void printk_lock_free_join(void)
{
	__atomic_add_fetch(&lock_free[this_cpu()->id], 1, __ATOMIC_SEQ_CST);
}

void printk_lock_free_leave(void)
{
	__atomic_sub_fetch(&lock_free[this_cpu()->id], 1, __ATOMIC_RELEASE);
}

void printk_lock_free_begin(void)
{
	bool mine = false;

	for (unsigned i = 0; !lock_free[this_cpu()->id] && !mine && i < LOCK_TRIES; i++) {
		mine = !__atomic_test_and_set(&printk_lock.held, __ATOMIC_ACQUIRE);
		if (!mine)
			cpu_yield();
	}
	if (mine)
		lock_kept = true;
	printk_lock_free_join();
}

void printk_lock_free_end(void)
{
	printk_lock_free_leave();
	if (lock_free[this_cpu()->id] || !lock_kept)
		return;
	lock_kept = false;
	__atomic_clear(&printk_lock.held, __ATOMIC_RELEASE);
}

void console_flush_all(void)
{
	printk_lock_free_begin();
	for (struct console *c = consoles; c; c = c->next)
		if (c->flush)
			c->flush(c);
	printk_lock_free_end();
}

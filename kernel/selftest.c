/* SPDX-License-Identifier: MIT */
/* Runs the tests of the linker set, then reports them as KTAP (Linux's
 * Documentation/dev-tools/ktap.rst): a plan, and one line per test. */
#include "kernel/selftest.h"

#include <stdarg.h>
#include <stdint.h>

#include "kernel/cpu.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define MAX_TESTS 160

extern const struct selftest __start_set_selftests[], __stop_set_selftests[];

static struct result {
	const struct selftest *test;
	bool failed, skipped;
	char reason[144]; /* why it was skipped, its first failure, or its note */
} results[MAX_TESTS];

static unsigned nr_results;
static struct result *running;
static bool unreported; /* tests have begun, and their verdict is still to come */

/* The first failure ends up in the report, all of them in the log. */
void selftest_fail(const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	fmt_vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!running->failed)
		fmt_snprintf(running->reason, sizeof(running->reason), "%s", text);
	running->failed = true;
	printk("# %s: %s\n", running->test->name, text);
}

/* The function that checks: it may be a helper in another file, and the line is that file's. */
static const char *selftest_where(void *caller)
{
	uintptr_t offset;

	return symbol_lookup((uintptr_t)caller, &offset);
}

bool selftest_false(int line)
{
	selftest_fail("%s:%d, %s: false", running->test->file, line,
		      selftest_where(__builtin_return_address(0)));
	return false;
}

bool selftest_check_equal(long got, long want, int line)
{
	if (got != want)
		selftest_fail("%s:%d, %s: got %ld, expected %ld", running->test->file, line,
			      selftest_where(__builtin_return_address(0)), got, want);
	return got == want;
}

void selftest_skip(const char *fmt, ...)
{
	va_list ap;

	running->skipped = true;
	va_start(ap, fmt);
	fmt_vsnprintf(running->reason, sizeof(running->reason), fmt, ap);
	va_end(ap);
}

void selftest_note(const char *fmt, ...)
{
	va_list ap;

	if (running->failed)
		return;
	va_start(ap, fmt);
	fmt_vsnprintf(running->reason, sizeof(running->reason), fmt, ap);
	va_end(ap);
}

bool selftest_has_failed(void)
{
	return running->failed;
}

struct count_wait {
	const volatile uint32_t *count;
	uint32_t wanted;
};

static bool count_reached(void *ctx)
{
	const struct count_wait *w = ctx;

	return *w->count >= w->wanted;
}

bool selftest_wait_count(const volatile uint32_t *count, uint32_t wanted)
{
	return time_wait(count_reached, &(struct count_wait){count, wanted}, PATIENCE_NS);
}

static void selftest_provoked(void)
{
	CHECK(options.provoke != PROVOKE_FAIL);
}
static const struct selftest provoked = {"provoked", __FILE__, selftest_provoked, true, false};

static bool selftest_exists(const char *pattern, size_t length)
{
	for (const struct selftest *t = __start_set_selftests; t < __stop_set_selftests; t++)
		if (str_stands_for(pattern, length, t->name))
			return true;
	return false;
}

static bool selftest_chosen(const char *name)
{
	return !strcmp(options.test, "all") || str_list_matches(options.test, name);
}

void selftest_run_one(const struct selftest *t)
{
	ASSERT(nr_results < MAX_TESTS);
	running = &results[nr_results++];
	running->test = t;
	printk("# running %s\n", t->name);
	work_poll(); /* a row of tests that wait for nothing keeps nobody waiting */
	if (str_list_matches(options.skip, t->name))
		selftest_skip("skip=");
	else
		t->run();
}

/* A name on the command line that is no test would otherwise choose nothing, and nobody would see. */
static void selftest_check_names(const char *option, const char *list)
{
	const char *word;
	size_t n;

	if (!*list || !strcmp(list, "all") || !strcmp(list, "none"))
		return;
	while ((word = str_list_next(&list, &n)))
		if (!selftest_exists(word, n))
			printk_warn("command line: %s=%.*s: there is no such test\n", option,
				    (int)n, word);
}

static void selftest_report(const struct result *r, unsigned number)
{
	if (r->failed)
		printk("not ok %u %s # %s\n", number, r->test->name, r->reason);
	else if (r->skipped)
		printk("ok %u %s # SKIP %s\n", number, r->test->name, r->reason);
	else
		printk("ok %u %s%s%s\n", number, r->test->name, r->reason[0] ? " # " : "",
		       r->reason);
}

static void selftest_run_some(bool last)
{
	for (const struct selftest *t = __start_set_selftests; t < __stop_set_selftests; t++)
		if (t->last == last && selftest_chosen(t->name))
			t->group ? t->run() : selftest_run_one(t);
}

static bool under_way;
void (*selftest_after)(void);

bool selftest_under_way(void)
{
	return under_way;
}

static void selftest_run_chosen(void)
{
	unreported = true;
	under_way = true;
	selftest_run_some(false);
	selftest_run_some(true);
	under_way = false;
	if (selftest_after)
		selftest_after();
}

void selftest_run_all(void)
{
	if (!options.test[0])
		str_copy(options.test, "all", sizeof(options.test));
	selftest_check_names("test", options.test);
	selftest_check_names("skip", options.skip);
	selftest_run_chosen();
	if (options.provoke == PROVOKE_FAIL)
		selftest_run_one(&provoked);
}

void selftest_cut_short(void)
{
	unsigned failed = 0;

	if (!unreported)
		return;
	for (unsigned i = 0; i < nr_results; i++)
		failed += results[i].failed;
	printk("# cut short in %s: %u tests begun, %u failed, no verdict\n",
	       running ? running->test->name : "the beginning", nr_results, failed);
}

unsigned selftest_report_all(unsigned *passed)
{
	unsigned failed = 0;

	unreported = false;
	*passed = 0;
	printk("KTAP version 1\n1..%u\n", nr_results);
	for (unsigned i = 0; i < nr_results; i++) {
		selftest_report(&results[i], i + 1);
		failed += results[i].failed;
		*passed += !results[i].failed && !results[i].skipped;
	}
	return failed;
}

void selftest_run_now(const char *names)
{
	unsigned passed, failed, down = cpu_first_down();

	if (down) {
		printk("test: CPU%u is down, and they count on every one: cpu %u up\n", down, down);
		return;
	}
	nr_results = 0;
	memset(results, 0, sizeof(results));
	str_copy(options.test, names, sizeof(options.test));
	shell_stop_input(); /* tests count irqs, and want COM1's for themselves */
	selftest_run_chosen();
	shell_start_input();
	failed = selftest_report_all(&passed);
	printk("daisy: %u passed, %u failed\n", passed, failed);
}

static void selftest_list(void)
{
	for (const struct selftest *t = __start_set_selftests; t < __stop_set_selftests; t++)
		printk("%s\n", t->name);
}

SHELL_COMMAND(test, "[NAME ... | -l]", "selftests: all, these, or their names")
{
	char names[sizeof(options.test)] = "";
	size_t at = 0;

	if (count == 2 && !strcmp(words[1], "-l")) {
		selftest_list();
		return 0;
	}
	for (unsigned i = 1; i < count; i++) {
		if (strcmp(words[i], "all") && !selftest_exists(words[i], strlen(words[i]))) {
			printk("test: there is no %s, see test -l\n", words[i]);
			return 0;
		}
		at += fmt_snprintf(names + at, sizeof(names) - at, "%s%s", i > 1 ? "," : "",
				   words[i]);
		if (at >= sizeof(names))
			return -E2BIG;
	}
	selftest_run_now(at ? names : "all");
	return 0;
}

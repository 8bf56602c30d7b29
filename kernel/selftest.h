/* SPDX-License-Identifier: MIT */
/* Tests that run in the guest and check what really happened. Each is a function in a linker
 * set; the report is KTAP. */
#ifndef KERNEL_SELFTEST_H
#define KERNEL_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

struct selftest {
	const char *name, *file;
	void (*run)(void);
	bool last;
	bool group; /* no test itself: run() calls selftest_run_one() for each of its tests */
} __attribute__((packed)); /* the image holds a hundred and more */

/* SELFTEST(pit_pic) { ... CHECK(...); ... }
 * SELFTEST_LAST: after all others, because the machine does not come back to what it was. */
#define SELFTEST(id)	  SELFTEST_AT(id, false, false)
#define SELFTEST_LAST(id) SELFTEST_AT(id, true, false)
/* For tests that are made at run time; they are chosen by the group's name. */
#define SELFTEST_GROUP(id) SELFTEST_AT(id, false, true)
#define SELFTEST_AT(id, last, group)                                                          \
	static void selftest_##id(void);                                                      \
	static const struct selftest selftest_entry_##id                                      \
		__attribute__((used, aligned(1), section("set_selftests"))) = {               \
			#id, __FILE__, selftest_##id, last, group};                           \
	static void selftest_##id(void)

/* Runs a test and keeps its result; t stays. */
void selftest_run_one(const struct selftest *t);
/* The running test fails, with a sentence. */
void selftest_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What is to stand behind the # of the running test when it passes. */
void selftest_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool selftest_has_failed(void); /* the running test */

/* The running test fails, unless ok, with the test's file, the line and the function that it is
 * in; and goes on. Returns ok. (There are hundreds of checks in a small image: a line number is all
 * that each of them stores, and a jump around one call is shorter than a truth value.) */
bool selftest_false(int line); /* false */
static inline __attribute__((always_inline)) bool selftest_check(bool ok, int line)
{
	return ok || selftest_false(line);
}
/* The same for got == want; shows both numbers. */
bool selftest_check_equal(long got, long want, int line);
/* The running test does not apply here: the reason ends up after # SKIP. The test must return. */
void selftest_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define CHECK(cond)	    selftest_check((cond), __LINE__)
#define CHECK_EQ(got, want) selftest_check_equal((got), (want), __LINE__)
#define SKIP_UNLESS(cond, ...)                                                                \
	do {                                                                                  \
		if (!(cond)) {                                                                \
			selftest_skip(__VA_ARGS__);                                           \
			return;                                                               \
		}                                                                             \
	} while (0)

/* Waits until a counter that a handler advances has reached wanted. False: the patience of
 * kernel/time.h ran out before. */
bool selftest_wait_count(const volatile uint32_t *count, uint32_t wanted);

/* Tests and storms count on every CPU: what changes that waits while they are under way, and is done
 * in selftest_after(). Mainline. */
bool selftest_under_way(void);
extern void (*selftest_after)(void); /* NULL: nothing */

/* Runs the tests that the command line chose. */
void selftest_run_all(void);
/* The machine ends now: says what is cut short, if tests have begun and not been reported. */
void selftest_cut_short(void);
/* For the shell: runs these, names with commas or "all", forgetting what ran before; then the
 * report and the verdict. */
void selftest_run_now(const char *names);
/* Prints the plan and a line for each test that ran. The number of failed ones; *passed is the
 * number of passed ones, skipped ones count as neither. */
unsigned selftest_report_all(unsigned *passed);

#endif

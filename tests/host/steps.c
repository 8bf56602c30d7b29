/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* TRAP_TRACE */
/* How many instructions a scan takes, in the kernel's own object files: a child runs it, its
 * parent lets it go instruction by instruction. The callback returns at once; its one or two
 * instructions count. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/evtchn_fifo.h"

static struct evtchn_2l_words words;
static struct evtchn_2l_flags flags;
static uint8_t upcall;
static struct evtchn_2l e2l = {.words = &words};
static struct evtchn_2l_cpu cpu2l = {.flags = &flags, .expected = EVTCHN_SERVED};

static event_word_t words_fifo[EVTCHN_FIFO_PORTS];
static struct evtchn_fifo efifo = {.word = words_fifo};
static struct evtchn_fifo_cpu cpufifo;
static struct evtchn_fifo_control_block control;

static int serve(unsigned long port, void *ctx)
{
	(void)port;
	(void)ctx;
	return EVTCHN_SERVED;
}

static void begin_2l(unsigned n)
{
	words.pending[1] = n == 64 ? UINT64_MAX : (1ull << n) - 1;
	flags.selector = n ? 2 : 0;
	flags.upcall_pending = 1;
}

static void run_2l(void)
{
	evtchn_2l_scan(&e2l, &cpu2l, serve, NULL);
}

static void begin_fifo(unsigned n)
{
	const unsigned linked = 1u << EVTCHN_FIFO_LINKED | 1u << EVTCHN_FIFO_PENDING;

	evtchn_fifo_init_cpu(&cpufifo, &upcall, &control);
	evtchn_fifo_add_page(&efifo);
	for (unsigned port = 1; port <= n; port++)
		words_fifo[port] = linked | (port < n ? port + 1 : 0);
	control.head[7] = 1;
	control.ready = n ? 1u << 7 : 0;
	upcall = 1;
}

static void run_fifo(void)
{
	evtchn_fifo_scan(&efifo, &cpufifo, serve, NULL);
}

static void run_nothing(void)
{
}

static long steps(void (*begin)(unsigned n), void (*run)(void), unsigned n)
{
	long count = 0;
	int status;
	pid_t child = fork();

	if (!child) {
		begin(n);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		__asm__ volatile("int3");
		run();
		__asm__ volatile("int3");
		_exit(0);
	}
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		siginfo_t why;

		ptrace(PTRACE_GETSIGINFO, child, NULL, &why);
		if (count && why.si_code != TRAP_TRACE) /* the second int3 */
			break;
		count++;
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
	}
	ptrace(PTRACE_KILL, child, NULL, NULL);
	waitpid(child, &status, 0);
	return count;
}

int main(void)
{
	static const unsigned ns[] = {0, 1, 2, 64};

	for (unsigned i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		unsigned n = ns[i];
		long s2l = steps(begin_2l, run_2l, n) - steps(begin_2l, run_nothing, n);
		long sfifo = steps(begin_fifo, run_fifo, n) - steps(begin_fifo, run_nothing, n);

		printf("%2u ports pending: 2-level %4ld instructions, fifo %4ld\n", n, s2l, sfifo);
	}
	return 0;
}

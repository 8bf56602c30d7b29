/* SPDX-License-Identifier: MIT */
#include "kernel/shell.h"

#include "kernel/input.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/line.h"
#include "lib/string.h"
#include "lib/words.h"

#define PROMPT	  "daisy> "
#define SEATS_MAX 4
#define WORDS_MAX 10u
#define FOREVER	  UINT64_MAX
#define LOOK_NS	  (10 * NS_PER_MS) /* at a console that does not interrupt */

extern const struct shell_command __start_set_shell_commands[], __stop_set_shell_commands[];

/* A console with somebody before it. */
static struct seat {
	struct console *con;
	struct line line;
} seats[SEATS_MAX];

static unsigned nr_seats;
static struct line_history history;
static struct timer alarm;

/* --- waiting --- */

static bool input_anywhere(void)
{
	for (unsigned i = 0; i < nr_seats; i++)
		if (input_is_waiting(seats[i].con->input))
			return true;
	return false;
}

static bool input_is_polled(void)
{
	for (unsigned i = 0; i < nr_seats; i++)
		if (seats[i].con->input->polled)
			return true;
	return false;
}

static void alarm_rings(void *ctx)
{
	/* It has woken the CPU: that is all. */
}

/* Interrupts are disabled, and nothing has been typed. */
static void shell_sleep(uint64_t deadline_ns)
{
	uint64_t look = input_is_polled() ? time_now_ns() + LOOK_NS : FOREVER;
	uint64_t until = deadline_ns < look ? deadline_ns : look;

	if (!timer_has_clock()) { /* then somebody's timers are looked after here, too */
		local_irq_enable();
		time_look();
		return;
	}
	if (until != FOREVER)
		timer_start(&alarm, until);
	time_sleep();
}

bool shell_wait(uint64_t deadline_ns)
{
	if (!nr_seats)
		return true;
	for (;;) {
		bool typed;

		work_poll();
		local_irq_disable(); /* from the look to the sleep: no interrupt in between */
		typed = input_anywhere();
		if (typed || time_now_ns() >= deadline_ns) {
			local_irq_enable();
			return typed;
		}
		if (work_waits())
			local_irq_enable();
		else
			shell_sleep(deadline_ns);
	}
}

void shell_drop_input(void)
{
	char byte;

	for (unsigned i = 0; i < nr_seats; i++)
		while (input_read(seats[i].con->input, &byte))
			;
}

void shell_stop_input(void)
{
	for (unsigned i = 0; i < nr_seats; i++)
		input_stop(seats[i].con->input);
}

void shell_start_input(void)
{
	for (unsigned i = 0; i < nr_seats; i++)
		input_start(seats[i].con->input);
}

/* --- commands --- */

int shell_number(const char *word, unsigned limit)
{
	uint64_t value;

	return str_to_u64(word, &value) || value >= limit ? -EINVAL : (int)value;
}

static const struct shell_command *shell_find(const char *name)
{
	const struct shell_command *c = __start_set_shell_commands;

	while (c < __stop_set_shell_commands && strcmp(c->name, name))
		c++;
	return c < __stop_set_shell_commands ? c : NULL;
}

static void shell_command(char *text)
{
	char *words[WORDS_MAX];
	int n = words_split(text, words, WORDS_MAX), err;
	const struct shell_command *c = n > 0 ? shell_find(words[0]) : NULL;

	if (n == -E2BIG)
		printk("shell: %u words at most\n", WORDS_MAX);
	else if (n < 0)
		printk("shell: a quote is not closed\n");
	else if (n && !c)
		printk("%s: no such command, see help\n", words[0]);
	if (!c)
		return;
	err = c->run((unsigned)n, words);
	if (err == -EINVAL)
		printk("usage: %s %s\n", c->name, c->usage);
	else if (err < 0)
		printk("%s: error %d\n", c->name, err);
}

/* Writes into the text. */
static void shell_commands(char *text)
{
	while (text) {
		char *rest = words_next_command(text);

		shell_command(text);
		text = rest;
	}
}

SHELL_COMMAND(help, "", "this")
{
	for (const struct shell_command *c = __start_set_shell_commands;
	     c < __stop_set_shell_commands; c++)
		printk("%-9s %-26s %s\n", c->name, c->usage, c->help);
	return 0;
}

/* --- consoles --- */

static void seat_echo(void *ctx, const char *bytes, size_t count)
{
	const struct seat *seat = ctx;

	console_print(seat->con, bytes, count);
}

static void seats_find(void)
{
	for (struct console *con = console_first(); con && nr_seats < SEATS_MAX; con = con->next) {
		struct seat *seat = &seats[nr_seats];

		if (!con->input)
			continue;
		seat->con = con;
		line_init(&seat->line, &history, seat_echo, seat);
		nr_seats++;
	}
}

static void seats_show(void)
{
	for (unsigned i = 0; i < nr_seats; i++)
		line_show(&seats[i].line, PROMPT);
}

/* Output goes to every console: it is not to stick to a prompt. */
static void seats_clear(const struct seat *but)
{
	static const char clear[] = "\r\x1b[K";

	for (unsigned i = 0; i < nr_seats; i++)
		if (&seats[i] != but)
			console_print(seats[i].con, clear, sizeof(clear) - 1);
}

static void seat_feed(struct seat *seat, char byte)
{
	enum line_result result = line_feed(&seat->line, byte);
	char text[LINE_SIZE];

	if (result == LINE_ENTERED) {
		str_copy(text, seat->line.text, sizeof(text));
		seats_clear(seat);
		shell_commands(text);
		seats_show();
	} else if (result == LINE_CANCELLED) {
		line_show(&seat->line, PROMPT);
	}
}

static _Noreturn void shell_talk(void)
{
	uint32_t printed;
	char byte;

	printk("shell: try help\n");
	seats_show();
	for (;;) {
		printed = printk_count();
		shell_wait(FOREVER);
		if (printed != printk_count()) /* somebody else has printed */
			seats_show();
		for (unsigned i = 0; i < nr_seats; i++)
			while (input_read(seats[i].con->input, &byte))
				seat_feed(&seats[i], byte);
	}
}

void shell_run(const char *autorun, bool stay)
{
	char text[512];

	timer_setup(&alarm, alarm_rings, NULL);
	seats_find();
	shell_start_input();
	str_copy(text, autorun, sizeof(text));
	shell_commands(text);
	if (stay && nr_seats)
		shell_talk();
	if (stay)
		printk_warn("shell: no console takes input\n");
}

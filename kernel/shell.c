/* SPDX-License-Identifier: MIT */
#include "kernel/shell.h"

#include "kernel/input.h"
#include "kernel/options.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/line.h"
#include "lib/string.h"
#include "lib/words.h"

#define PROMPT	  "daisy> "
#define SEATS_MAX 8
#define WORDS_MAX 10u
#define FOREVER	  UINT64_MAX
#define LOOK_NS	  (10 * NS_PER_MS) /* at a console that does not interrupt */

extern const struct shell_command __start_set_shell_commands[], __stop_set_shell_commands[];

/* A console with somebody before it. Consoles come and go in the mainline, so while the shell
 * waits, or a command does. */
static struct seat {
	struct console *con; /* NULL: nobody sits here */
	struct line line;
} seats[SEATS_MAX];

#define for_each_seat(seat)                                                                   \
	for (struct seat *seat = seats; seat < seats + SEATS_MAX; seat++)                     \
		if (seat->con)

static unsigned nr_seats;
static bool listening; /* consoles may interrupt */
static struct line_history history;
static struct timer alarm;

/* --- waiting --- */

static bool input_anywhere(void)
{
	for_each_seat(seat)
		if (input_is_waiting(seat->con->input))
			return true;
	return false;
}

static bool input_is_polled(void)
{
	for_each_seat(seat)
		if (seat->con->input->polled)
			return true;
	return false;
}

static void alarm_rings(void *ctx)
{
	/* It has woken the CPU: that is all. */
}

struct seats_wait {
	uint64_t deadline_ns;
	const uint32_t *printed; /* or NULL: that is not looked at */
	bool typed;
};

/* What ends the sleep, if nobody types. */
static void alarm_set(uint64_t deadline_ns)
{
	uint64_t look = input_is_polled() ? time_now_ns() + LOOK_NS : FOREVER;
	uint64_t until = deadline_ns < look ? deadline_ns : look;

	if (until != FOREVER && timer_has_clock())
		timer_start(&alarm, until);
}

static bool seats_turn(void *ctx)
{
	struct seats_wait *w = ctx;

	w->typed = input_anywhere();
	if (w->typed || time_now_ns() >= w->deadline_ns ||
	    (w->printed && *w->printed != printk_count()))
		return true;
	alarm_set(w->deadline_ns);
	return false;
}

/* Until something is typed, the time is up, or, unless NULL, more has been printed than that. */
static bool seats_wait(uint64_t deadline_ns, const uint32_t *printed)
{
	struct seats_wait w = {.deadline_ns = deadline_ns, .printed = printed};

	work_sleep_until(seats_turn, &w);
	return w.typed;
}

bool shell_wait(uint64_t deadline_ns)
{
	return !nr_seats || seats_wait(deadline_ns, NULL);
}

bool shell_typed(void)
{
	return input_anywhere();
}

void shell_drop_input(void)
{
	char byte;

	for_each_seat(seat)
		while (input_read(seat->con->input, &byte))
			;
}

void shell_stop_input(void)
{
	listening = false;
	for_each_seat(seat)
		input_stop(seat->con->input);
}

void shell_start_input(void)
{
	listening = true;
	for_each_seat(seat)
		input_start(seat->con->input);
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

/* It gets its prompt with the others, when something has been printed: whoever brings a console
 * says so. */
static void seat_add(struct console *con)
{
	struct seat *seat = seats;

	while (seat < seats + SEATS_MAX && seat->con)
		seat++;
	if (!con->input || seat == seats + SEATS_MAX)
		return;
	line_init(&seat->line, &history, seat_echo, seat);
	seat->con = con;
	nr_seats++;
	if (listening)
		input_start(con->input);
}

static void seat_remove(const struct console *con)
{
	for_each_seat(seat) {
		if (seat->con != con)
			continue;
		if (listening)
			input_stop(con->input);
		seat->con = NULL;
		nr_seats--;
	}
}

static void seats_change(struct console *con, bool there)
{
	if (there)
		seat_add(con);
	else
		seat_remove(con);
}

static void seats_find(void)
{
	for (struct console *con = console_first(); con; con = con->next)
		seat_add(con);
	console_changed = seats_change;
}

static void seats_show(void)
{
	for_each_seat(seat)
		line_show(&seat->line, PROMPT);
}

/* Output goes to every console: it is not to stick to a prompt. */
static void seats_clear(const struct seat *but)
{
	static const char clear[] = "\r\x1b[K";

	for_each_seat(seat)
		if (seat != but)
			console_print(seat->con, clear, sizeof(clear) - 1);
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
		seats_wait(FOREVER, &printed);
		if (printed != printk_count()) /* somebody else has printed */
			seats_show();
		for_each_seat(seat)
			while (seat->con && input_read(seat->con->input, &byte))
				seat_feed(seat, byte);
	}
}

void shell_run(const char *autorun, bool stay)
{
	char text[AUTORUN_SIZE];

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

/* SPDX-License-Identifier: MIT */
#include "drivers/xen/control.h"

#include "drivers/xen/suspend.h"
#include "drivers/xen/xenstore.h"
#include "kernel/machine.h"
#include "kernel/printk.h"
#include "kernel/sysrq.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/* --- the words of control/shutdown --- */

static void control_poweroff(void)
{
	machine_end_orderly(MACHINE_POWEROFF);
}

static void control_reboot(void)
{
	machine_end_orderly(MACHINE_REBOOT);
}

static void control_suspend(void)
{
	int err = suspend_run();

	if (err < 0 && err != -EIO) /* which it has said itself */
		printk_warn("control: not suspended (error %d)\n", err);
}

/* Each is announced as control/feature-WORD. fn runs in the mainline (a watch's callback), with
 * interrupts enabled, when the request has been acknowledged; it may return. */
static const struct control_word {
	const char *word;
	void (*fn)(void);
} words[] = {
	{"poweroff", control_poweroff},
	{"halt", control_poweroff},
	{"reboot", control_reboot},
	{"suspend", control_suspend},
};
#define NR_WORDS (sizeof(words) / sizeof(words[0]))

/* --- taking a request --- */

struct request {
	const char *path;
	char text[16]; /* "": there is none */
};

static int request_read(struct xenstore_tx *tx, void *ctx)
{
	struct request *r = ctx;
	int n = xenstore_tx_read(tx, r->path, r->text, sizeof(r->text));

	if (n > 0)
		return xenstore_tx_write(tx, r->path, "");
	r->text[0] = '\0';
	return n == -ENOENT ? 0 : n;
}

/* In one transaction: what is written meanwhile is neither wiped out unread nor read twice.
 * What cannot be acknowledged is not done: it would be done again. */
static bool request_take(struct request *r)
{
	int err = xenstore_tx_run(request_read, r);

	if (err)
		printk_warn("control: %s cannot be taken (error %d)\n", r->path, err);
	return !err && r->text[0];
}

static void shutdown_asked(const char *word)
{
	for (unsigned i = 0; i < NR_WORDS; i++) {
		if (strcmp(words[i].word, word))
			continue;
		printk("control: %s, as the toolstack asked\n", word);
		words[i].fn();
		return;
	}
	printk("control: cannot '%s': one of", word);
	for (unsigned i = 0; i < NR_WORDS; i++)
		printk(" %s", words[i].word);
	printk("\n");
}

/* --- the two nodes --- */

static unsigned looks; /* one for each watch's first event */

static void shutdown_changed(struct xenstore_watch *w, const char *path)
{
	struct request r = {.path = w->path};

	looks++;
	if (request_take(&r))
		shutdown_asked(r.text);
}

static void sysrq_changed(struct xenstore_watch *w, const char *path)
{
	struct request r = {.path = w->path};

	looks++;
	if (request_take(&r))
		sysrq_run(r.text[0]);
}

static struct xenstore_watch watches[] = {
	{.path = "control/shutdown", .changed = shutdown_changed},
	{.path = "control/sysrq", .changed = sysrq_changed},
};
#define NR_WATCHES (sizeof(watches) / sizeof(watches[0]))

static bool all_have_looked(void *ctx)
{
	return looks >= NR_WATCHES;
}

/* The first events are waited for: what had been asked before is done, and tests that count
 * irqs are not disturbed by them. */
static int control_listen(void)
{
	int err = 0;

	for (unsigned i = 0; !err && i < NR_WATCHES; i++)
		err = xenstore_watch(&watches[i]);
	return err ? err : xenstore_wait(all_have_looked, NULL, PATIENCE_NS) ? 0 : -ETIMEDOUT;
}

/* xl makes nodes for poweroff, reboot and suspend alone; where there is none, a guest may not
 * write, and that is no error. True: it is announced. */
static bool announce(const char *what)
{
	char path[40];
	int err;

	fmt_snprintf(path, sizeof(path), "control/feature-%s", what);
	err = xenstore_write(path, "1");
	if (err && err != -EACCES && err != -ENOENT)
		printk_warn("control: %s cannot be written (error %d)\n", path, err);
	return !err;
}

void control_announce(void)
{
	char text[64] = "";
	size_t at = 0;

	for (unsigned i = 0; i <= NR_WORDS; i++) {
		const char *word = i < NR_WORDS ? words[i].word : "sysrq";

		if (announce(word))
			at += fmt_snprintf(text + at, sizeof(text) - at, " %s", word);
	}
	printk("control: announced%s\n", text);
}

int control_init(void)
{
	int err;

	if (!xenstore_usable())
		return 0;
	err = control_listen();
	if (err) {
		printk_warn("control: the toolstack cannot be listened to (error %d)\n", err);
		return err;
	}
	control_announce();
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Watches; a connection that is begun anew under them; a store that is late. */
#include "drivers/xen/evtchn.h"
#include "kernel/irq.h"
#include "kernel/time.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "selftest/needs.h"
#include "selftest/xenstore.h"

struct seen {
	struct xenstore_watch watch; /* first */
	uint32_t fired, whole;       /* how often; and how often for the watch's own path */
	bool interrupts_off;
	char path[64]; /* the last one */
};

static void seen_changed(struct xenstore_watch *w, const char *path)
{
	struct seen *s = (struct seen *)w;

	s->interrupts_off |= !(read_rflags() & RFLAGS_IF);
	s->fired++;
	s->whole += !strcmp(path, w->path);
	str_copy(s->path, path, sizeof(s->path));
}

static int seen_start(struct seen *s, const char *path)
{
	*s = (struct seen){.watch = {.path = path, .changed = seen_changed}};
	return xenstore_watch(&s->watch);
}

/* One write, one event: its path is as the watch has it, relative or not. */
static void seen_one(struct seen *s, const char *node, const char *path)
{
	uint32_t before = s->fired;

	CHECK_EQ(xenstore_write(node, "x"), 0);
	CHECK(selftest_wait_count(&s->fired, before + 1));
	CHECK(!strcmp(s->path, path));
	CHECK_EQ(s->fired, before + 1);
}

SELFTEST(xenstore_watch)
{
	struct seen relative, absolute, fence;
	char root[32], path[40];

	NEEDS(store);
	fmt_snprintf(root, sizeof(root), "/local/domain/%u/data/w", xen_domid());
	fmt_snprintf(path, sizeof(path), "%s/a", root);
	CHECK_EQ(seen_start(&relative, "data/w"), 0); /* nothing is there: it fires at first */
	CHECK_EQ(seen_start(&absolute, root), 0);
	CHECK(selftest_wait_count(&relative.fired, 1) &&
	      selftest_wait_count(&absolute.fired, 1));
	CHECK(!strcmp(relative.path, "data/w") && !strcmp(absolute.path, root));
	seen_one(&relative, "data/w/a", "data/w/a");
	CHECK(selftest_wait_count(&absolute.fired, 2));
	CHECK(!strcmp(absolute.path, path));
	CHECK_EQ(xenstore_unwatch(&absolute.watch), 0);
	CHECK_EQ(xenstore_unwatch(&absolute.watch), -ENOENT);
	/* What is written now fires one of them, and the fence behind it. */
	CHECK_EQ(seen_start(&fence, "data/w"), 0);
	CHECK(selftest_wait_count(&fence.fired, 1));
	seen_one(&relative, "data/w/b", "data/w/b");
	CHECK(selftest_wait_count(&fence.fired, 2));
	CHECK_EQ(absolute.fired, 2);
	CHECK(!relative.interrupts_off && !fence.interrupts_off);
	CHECK_EQ(xenstore_unwatch(&fence.watch), 0);
	CHECK_EQ(xenstore_unwatch(&relative.watch), 0);
	CHECK_EQ(seen_start(&fence, "data//w"), -EINVAL);
	CHECK_EQ(xenstore_rm("data/w"), 0);
	CHECK_EQ(fence.fired, 0);
}

/* More events than there is room for: none is lost for good, the watch is told of itself. */
SELFTEST(xenstore_watch_flood)
{
	struct seen s;
	uint32_t runs;
	char path[64];

	NEEDS(store);
	CHECK_EQ(seen_start(&s, "data/flood"), 0);
	CHECK(selftest_wait_count(&s.fired, 1));
	work_hold();
	for (unsigned i = 0; i < 40; i++) {
		fmt_snprintf(path, sizeof(path), "data/flood/and-a-name-that-takes-room-%u", i);
		CHECK_EQ(xenstore_write(path, "x"), 0);
	}
	CHECK_EQ(s.fired, 1);
	work_release();
	CHECK(selftest_wait_count(&s.whole, 2)); /* the initial one, and the flood's last */
	runs = s.fired;
	CHECK(runs > 10 && runs < 40);
	CHECK(!strcmp(s.path, "data/flood"));
	seen_one(&s, "data/flood/z", "data/flood/z"); /* and all is as before */
	CHECK_EQ(xenstore_unwatch(&s.watch), 0);
	CHECK_EQ(xenstore_rm("data/flood"), 0);
}

/* A callback that asks the store itself, and ends its own watch. */
static int own_end;

static void changed_and_ends(struct xenstore_watch *w, const char *path)
{
	char domid[12];

	own_end = xenstore_read("domid", domid, sizeof(domid)) > 0 ? 0 : -EIO;
	if (!own_end)
		own_end = xenstore_unwatch(w);
	++*(uint32_t *)w->ctx;
}

SELFTEST(xenstore_watch_ends)
{
	uint32_t fired = 0;
	struct xenstore_watch w = {
		.path = "data/ends", .changed = changed_and_ends, .ctx = &fired};
	struct seen fence;

	NEEDS(store);
	CHECK_EQ(xenstore_watch(&w), 0);
	CHECK(selftest_wait_count(&fired, 1));
	CHECK_EQ(own_end, 0);
	CHECK_EQ(seen_start(&fence, "data/ends"), 0);
	CHECK(selftest_wait_count(&fence.fired, 1));
	seen_one(&fence, "data/ends", "data/ends");
	CHECK_EQ(fired, 1);
	CHECK_EQ(xenstore_unwatch(&fence.watch), 0);
	CHECK_EQ(xenstore_rm("data/ends"), 0);
}

static bool begun_anew(void *ctx)
{
	char domid[12];

	/* Asking all the time: requests are under way when it happens. */
	CHECK(xenstore_read("domid", domid, sizeof(domid)) > 0);
	return xenstore_restarts() != *(uint32_t *)ctx;
}

/* The toolstack introduces the domain anew: both rings and every watch and transaction are gone
 * (tests/guest/test_xenstore.py does it, when data/restart says where the ring's port is). */
SELFTEST(xenstore_restart)
{
	uint32_t before = xenstore_restarts();
	struct xenstore_tx tx;
	struct seen s;
	char port[12];

	NEEDS(store);
	SKIP_UNLESS(xenstore_read("/daisy/restart", port, sizeof(port)) > 0, NO_DOM0);
	CHECK_EQ(seen_start(&s, "data/restarted"), 0);
	CHECK(selftest_wait_count(&s.fired, 1));
	CHECK_EQ(xenstore_tx_begin(&tx), 0);
	fmt_snprintf(port, sizeof(port), "%u", irq_get(xenstore_irq())->hw);
	CHECK_EQ(xenstore_write("data/restart", port), 0);
	CHECK(time_wait(begun_anew, &before, PATIENCE_NS));
	CHECK(xenstore_usable());
	CHECK(selftest_wait_count(&s.fired, 2)); /* the watch is set again, and fires */
	seen_one(&s, "data/restarted/x", "data/restarted/x");
	CHECK_EQ(xenstore_tx_end(&tx, true), -EAGAIN);
	CHECK_EQ(xenstore_unwatch(&s.watch), 0);
}

static bool answers(void *ctx)
{
	char domid[12];
	int n = xenstore_read("domid", domid, sizeof(domid));

	if (n == -ETIMEDOUT)
		++*(uint32_t *)ctx;
	return n > 0;
}

static bool answers_no_more(void *ctx)
{
	return !answers(ctx);
}

/* The store stands still for longer than the patience is (tests/guest/test_xenstore.py stops
 * it). Requests end, none of them silently, and what it answers later is nobody's. */
SELFTEST(xenstore_late)
{
	uint32_t strays = xenstore_bad_replies(), timeouts = 0;
	char text[12];

	NEEDS(store);
	SKIP_UNLESS(xenstore_read("/daisy/late", text, sizeof(text)) > 0, NO_DOM0);
	CHECK_EQ(xenstore_write("data/late", "stop it"), 0);
	CHECK(time_wait(answers_no_more, &timeouts, PATIENCE_NS));
	CHECK_EQ(timeouts, 1);
	CHECK(xenstore_usable());
	CHECK(time_wait(answers, &timeouts, 3 * PATIENCE_NS));
	CHECK(answers(&timeouts));
	CHECK_EQ(xenstore_bad_replies() - strays, timeouts);
}

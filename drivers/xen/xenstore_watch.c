/* SPDX-License-Identifier: MIT */
/* Watches. The token that comes back with each event is the watch's number, which is looked up:
 * nothing that the store sends is taken for an address. */
#include "drivers/xen/xenstore.h"
#include "drivers/xen/xenstore_ring.h"
#include "kernel/printk.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/xs_queue.h"

static void watch_work_run(struct work *work);

static struct xenstore_watch *watches; /* this, the queue and ids: under xenstore_ring.lock */
static struct xs_queue queue;
static struct work watch_work = {.fn = watch_work_run};
static uint32_t last_id;

static struct xenstore_watch *watch_find(uint32_t id)
{
	struct xenstore_watch *w = watches;

	while (w && w->id != id)
		w = w->next;
	return w;
}

void xenstore_watch_event(void *ctx, const char *path, const char *token)
{
	uint64_t id = 0;
	struct xenstore_watch *w = str_to_u64(token, &id) ? NULL : watch_find(id);

	if (!w)
		return; /* it was on its way when the watch ended */
	if (!xs_queue_put(&queue, id, path))
		w->lost = true;
	work_queue(&watch_work);
}

void xenstore_watch_forgotten(void)
{
	for (struct xenstore_watch *w = watches; w; w = w->next)
		w->unset = true;
	if (watches)
		work_queue(&watch_work);
}

static struct xenstore_watch *watch_take_unset(void)
{
	bool on = spin_lock(&xenstore_ring.lock);
	struct xenstore_watch *w = watches;

	while (w && !w->unset)
		w = w->next;
	if (w)
		w->unset = false;
	spin_unlock(&xenstore_ring.lock, on);
	return w;
}

/* The next watch to be told, and of what; the queue first, then what had no place in it. */
static struct xenstore_watch *watch_take_event(char *path)
{
	bool on = spin_lock(&xenstore_ring.lock);
	struct xenstore_watch *w = NULL;
	uint32_t id;

	while (!w && xs_queue_take(&queue, &id, path))
		w = watch_find(id);
	if (!w) {
		for (w = watches; w && !w->lost;)
			w = w->next;
		if (w) {
			w->lost = false;
			str_copy(path, w->path, XS_QUEUE_SIZE);
		}
	}
	spin_unlock(&xenstore_ring.lock, on);
	return w;
}

static int watch_ask(uint32_t type, const struct xenstore_watch *w)
{
	char token[12];
	int length = fmt_snprintf(token, sizeof(token), "%u", w->id) + 1;
	int n = xenstore_request(type, NULL, w->path, token, length, NULL, 0);

	/* When the connection was begun anew meanwhile, the first try may have been heard. */
	return n == -EEXIST ? 0 : n < 0 ? n : 0;
}

static void watch_work_run(struct work *work)
{
	struct xenstore_watch *w;
	char path[XS_QUEUE_SIZE];

	while ((w = watch_take_unset())) {
		int err = watch_ask(XS_WATCH, w);

		if (err)
			printk_warn("xenstore: watch %s is lost: error %d\n", w->path, err);
	}
	w = watch_take_event(path);
	if (!w)
		return;
	work_queue(work); /* there may be more; others' work comes in between */
	w->changed(w, path);
}

static void watch_remove(struct xenstore_watch *w)
{
	bool on = spin_lock(&xenstore_ring.lock);
	struct xenstore_watch **at = &watches;

	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
	spin_unlock(&xenstore_ring.lock, on);
}

int xenstore_watch(struct xenstore_watch *w)
{
	bool on = spin_lock(&xenstore_ring.lock);
	int err;

	/* First, because its initial event may come before the reply. */
	w->id = ++last_id;
	w->lost = w->unset = false;
	w->next = watches;
	watches = w;
	spin_unlock(&xenstore_ring.lock, on);
	err = watch_ask(XS_WATCH, w);
	if (err)
		watch_remove(w);
	return err;
}

int xenstore_unwatch(struct xenstore_watch *w)
{
	watch_remove(w);
	return watch_ask(XS_UNWATCH, w);
}

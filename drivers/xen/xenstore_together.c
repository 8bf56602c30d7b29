/* SPDX-License-Identifier: MIT */
/* Requests that are sent together: whoever has many waits for another domain once, and not for each. They
 * stand in the ring at the same time, and are answered in any order. */
#include "drivers/xen/xenstore.h"
#include "drivers/xen/xenstore_ring.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define PATH_SIZE 192

int xenstore_path(char *path, size_t size, const char *directory, const char *name)
{
	return fmt_snprintf(path, size, "%s/%s", directory, name) < (int)size ? 0 : -EMSGSIZE;
}

static int ask(struct xs_request *req, const char *directory, const char *name)
{
	char path[PATH_SIZE];
	int err = xenstore_usable() ? xenstore_path(path, sizeof(path), directory, name) : -EIO;

	return err ? err : xenstore_ring_ask(req, NULL, path, NULL, 0);
}

/* The store has begun anew meanwhile. */
static int read_alone(struct xs_request *req, const char *directory, const char *name)
{
	char path[PATH_SIZE];

	xenstore_path(path, sizeof(path), directory, name);
	return xenstore_read(path, req->buf, req->size + 1);
}

void xenstore_read_together(const char *directory, const char *const *names, unsigned count,
			    char *values, size_t size, int *lengths)
{
	struct xs_request reqs[XENSTORE_TOGETHER];

	for (unsigned i = 0; i < count; i++) {
		reqs[i] = (struct xs_request){
		    .type = XS_READ, .buf = values + i * size, .size = size - 1};
		lengths[i] = ask(&reqs[i], directory, names[i]);
	}
	xenstore_ring_notify();
	for (unsigned i = 0; i < count; i++) {
		if (!lengths[i])
			lengths[i] = xenstore_ring_answer(&reqs[i]);
		if (lengths[i] == -ENOTCONN)
			lengths[i] = read_alone(&reqs[i], directory, names[i]);
		else if (lengths[i] >= 0)
			values[i * size + ((size_t)lengths[i] < size ? (size_t)lengths[i] : size - 1)] = '\0';
	}
}

void xenstore_writes_add(struct xenstore_writes *w, const char *directory, const char *name,
			 const char *value)
{
	char path[PATH_SIZE];
	struct xs_request *req;

	if (w->count == XENSTORE_TOGETHER)
		xenstore_writes_end(w);
	if (w->err)
		return;
	req = &w->reqs[w->count];
	*req = (struct xs_request){.type = XS_WRITE};
	w->err = xenstore_usable() ? xenstore_path(path, sizeof(path), directory, name) : -EIO;
	if (!w->err)
		w->err = xenstore_ring_ask(req, w->tx, path, value, strlen(value));
	w->count += !w->err;
}

/* A transaction ends with its connection. */
int xenstore_writes_end(struct xenstore_writes *w)
{
	xenstore_ring_notify();
	for (unsigned i = 0; i < w->count; i++) {
		int n = xenstore_ring_answer(&w->reqs[i]);

		if (n < 0 && !w->err)
			w->err = n;
	}
	w->count = 0;
	if (w->err == -ENOTCONN)
		w->err = xenstore_ring_await() ? -EIO : -EAGAIN;
	return w->err;
}

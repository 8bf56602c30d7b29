/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

void store_open(struct store *s, unsigned domid, const char *type, unsigned devid)
{
	s->xs = xs_open(0);
	if (!s->xs)
		die("xenstore cannot be opened: %s", strerror(errno));
	s->domid = domid;
	snprintf(s->front, sizeof(s->front), "/local/domain/%u/device/%s/%u", domid, type,
		 devid);
	snprintf(s->back, sizeof(s->back), "/local/domain/0/backend/hostile-%s/%u/%u", type,
		 domid, devid);
}

void store_mkdir(struct store *s, const char *path, unsigned owner, unsigned reader)
{
	struct xs_permissions perms[] = {{.id = owner, .perms = XS_PERM_NONE},
					 {.id = reader, .perms = XS_PERM_READ}};

	if (!xs_mkdir(s->xs, XBT_NULL, path) ||
	    !xs_set_permissions(s->xs, XBT_NULL, path, perms, 2))
		die("%s cannot be made: %s", path, strerror(errno));
}

void store_watch(struct store *s, const char *path)
{
	if (!xs_watch(s->xs, path, ""))
		die("%s cannot be watched: %s", path, strerror(errno));
}

int store_fd(const struct store *s)
{
	return xs_fileno(s->xs);
}

bool store_changed(struct store *s)
{
	char **event = xs_check_watch(s->xs);

	free(event);
	return event != NULL;
}

static const char *path_of(const char *directory, const char *key)
{
	static char path[2 * STORE_PATH];

	snprintf(path, sizeof(path), key ? "%s/%s" : "%s", directory, key);
	return path;
}

void store_write(struct store *s, const char *directory, const char *key, const char *value)
{
	const char *path = path_of(directory, key);

	if (!xs_write(s->xs, XBT_NULL, path, value, (unsigned)strlen(value)))
		die("%s cannot be written: %s", path, strerror(errno));
}

void store_remove(struct store *s, const char *directory, const char *key)
{
	const char *path = path_of(directory, key);

	if (!xs_rm(s->xs, XBT_NULL, path) && errno != ENOENT)
		die("%s cannot be removed: %s", path, strerror(errno));
}

char *store_read(struct store *s, const char *directory, const char *key)
{
	unsigned length;

	return xs_read(s->xs, XBT_NULL, path_of(directory, key), &length);
}

long store_read_number(struct store *s, const char *directory, const char *key)
{
	char *text = store_read(s, directory, key), *end;
	long value = text && *text ? strtol(text, &end, 10) : -1;

	if (text && *text && *end)
		value = -1;
	free(text);
	return value;
}

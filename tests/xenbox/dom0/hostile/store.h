/* SPDX-License-Identifier: MIT */
/* The two directories of a device in xenstore, as a toolstack makes them. */
#ifndef HOSTILE_STORE_H
#define HOSTILE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <xenstore.h>

#define STORE_PATH 160u

struct store {
	struct xs_handle *xs;
	unsigned domid;
	char front[STORE_PATH], back[STORE_PATH];
};

/* Connects, and makes up the names. The backend's type is not "vbd" or "vif", which dom0's
 * kernel would serve. */
void store_open(struct store *s, unsigned domid, const char *type, unsigned devid);
/* Makes a directory that its owner may write and the other domain may read. */
void store_mkdir(struct store *s, const char *path, unsigned owner, unsigned reader);
/* From now on; also once at the beginning. */
void store_watch(struct store *s, const char *path);
int store_fd(const struct store *s);
/* True: something has changed. */
bool store_changed(struct store *s);
/* DIRECTORY/KEY. */
void store_write(struct store *s, const char *directory, const char *key, const char *value);
void store_remove(struct store *s, const char *directory, const char *key); /* NULL: itself */
/* To be freed; NULL: it is not there. */
char *store_read(struct store *s, const char *directory, const char *key);
/* -1: not there, or not a number. */
long store_read_number(struct store *s, const char *directory, const char *key);

#endif

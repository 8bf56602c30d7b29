/* SPDX-License-Identifier: MIT */
#include "selftest/store_device.h"

#include "kernel/time.h"
#include "lib/printf.h"
#include "selftest/xenstore.h"

static int put(struct xenstore_tx *tx, const char *directory, const char *key,
	       const char *value)
{
	char path[64];

	fmt_snprintf(path, sizeof(path), "%s/%s", directory, key);
	return xenstore_tx_write(tx, path, value);
}

static int device_write(struct xenstore_tx *tx, void *ctx)
{
	const struct store_device *d = ctx;
	char domid[8];
	int err = put(tx, d->node, "state", "1");

	for (unsigned i = 0; i < d->nr_keys && !err; i++)
		err = xenstore_tx_write(tx, d->keys[i][0], d->keys[i][1]);
	if (!err)
		err = put(tx, d->backend, "state", d->backend_state);
	if (!err)
		err = put(tx, d->node, "backend", d->backend);
	fmt_snprintf(domid, sizeof(domid), "%u", d->backend_id);
	return err ? err : put(tx, d->node, "backend-id", domid);
}

int store_device_make(struct store_device *d)
{
	return xenstore_tx_run(device_write, d);
}

struct awaited {
	const char *node;
	char state;
};

static bool state_is(void *ctx)
{
	const struct awaited *a = ctx;
	char path[64], text[4];

	fmt_snprintf(path, sizeof(path), "%s/state", a->node);
	return xenstore_read(path, text, sizeof(text)) == 1 && text[0] == a->state;
}

bool store_device_await(const char *node, enum xenbus_state mine)
{
	struct awaited a = {.node = node, .state = '0' + mine};

	return time_wait(state_is, &a, PATIENCE_NS);
}

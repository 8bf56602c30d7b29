/* SPDX-License-Identifier: MIT */
/* A device on a bus of a test's own: what the toolstack writes, and what its frontend answers.
 */
#ifndef SELFTEST_STORE_DEVICE_H
#define SELFTEST_STORE_DEVICE_H

#include <stdbool.h>

#include <xen/io/xenbus.h>

struct store_device {
	const char *node, *backend; /* the two directories */
	const char *backend_state;  /* at first */
	unsigned backend_id;
	const char *const (*keys)[2]; /* more of them, path and value; may be NULL */
	unsigned nr_keys;
};

/* In one transaction, so that no half of it is seen. 0 or as xenstore_tx_run(). */
int store_device_make(struct store_device *d);
/* Waits until the frontend has written this state. */
bool store_device_await(const char *node, enum xenbus_state mine);

#endif

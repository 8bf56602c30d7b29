/* SPDX-License-Identifier: MIT */
/* A xenstore connection, and the store at its other end, which is played here. */
#ifndef TESTS_HOST_XS_STORE_H
#define TESTS_HOST_XS_STORE_H

#include "tests/host/test.h"
#include "lib/xs_conn.h"

#define RING XENSTORE_RING_SIZE

extern struct xs_conn conn;
extern struct xenstore_domain_interface *ring;
/* How many watch events have come since open_at(), and the last one's strings. */
extern unsigned events;
extern char event_path[64], event_token[64];

/* A connection whose indices start at these; ring and payload each in memory that ends with them. */
void open_at(uint32_t req, uint32_t rsp);
void close_all(void);

/* Bytes into the reply ring; a message in memory, its length; a message into the reply ring. */
void store_puts(const void *bytes, uint32_t length);
uint32_t message(char *buf, uint32_t type, uint32_t id, const void *payload, uint32_t length);
void store_says(uint32_t type, uint32_t id, const void *payload, uint32_t length);
/* A request, to be added to the connection. */
struct xs_request ask(uint32_t type, void *buf, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
#include "tests/host/xs_store.h"

#include "lib/errno.h"

struct xs_conn conn;
struct xenstore_domain_interface *ring;
unsigned events;
char event_path[64], event_token[64];

static void on_event(void *ctx, const char *path, const char *token)
{
	assert_ptr_equal(ctx, &events);
	events++;
	snprintf(event_path, sizeof(event_path), "%s", path);
	snprintf(event_token, sizeof(event_token), "%s", token);
}

/* Ring and payload each in memory that ends with them. */
void open_at(uint32_t req, uint32_t rsp)
{
	ring = calloc(1, sizeof(*ring));
	ring->req_cons = ring->req_prod = req;
	ring->rsp_cons = ring->rsp_prod = rsp;
	conn = (struct xs_conn){.ring = ring,
				.payload = malloc(XENSTORE_PAYLOAD_MAX),
				.event = on_event,
				.ctx = &events};
	events = 0;
	assert_int_equal(xs_conn_open(&conn), 0);
	assert_int_equal(xs_conn_state(&conn), 0);
}

void close_all(void)
{
	free(conn.payload);
	free(ring);
}

void store_puts(const void *bytes, uint32_t length)
{
	xs_ring_copy_in(ring->rsp, ring->rsp_prod, bytes, length);
	ring->rsp_prod += length;
}

uint32_t message(char *buf, uint32_t type, uint32_t id, const void *payload,
			uint32_t length)
{
	uint32_t words[4] = {type, id, 0, length};

	memcpy(buf, words, sizeof(words));
	if (length)
		memcpy(buf + sizeof(words), payload, length);
	return sizeof(words) + length;
}

void store_says(uint32_t type, uint32_t id, const void *payload, uint32_t length)
{
	char buf[16 + RING];

	store_puts(buf, message(buf, type, id, payload, length));
}

struct xs_request ask(uint32_t type, void *buf, size_t size)
{
	return (struct xs_request){.type = type, .buf = buf, .size = size};
}

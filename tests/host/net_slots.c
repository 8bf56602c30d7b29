/* SPDX-License-Identifier: MIT */
#include "tests/host/net_slots.h"

struct rx *rx_new(size_t size)
{
	struct rx *rx = malloc(sizeof(*rx));

	memset(rx, 0xff, sizeof(*rx));
	rx->in.bytes = malloc(size);
	rx->in.size = size;
	net_rx_begin(&rx->in);
	rx->page = malloc(4096);
	for (size_t at = 0; at < 4096; at++)
		rx->page[at] = at * 7 + at / 256 + 1;
	rx->why = NULL;
	return rx;
}

void rx_free(struct rx *rx)
{
	free(rx->page);
	free(rx->in.bytes);
	free(rx);
}

int rx_data(struct rx *rx, unsigned flags, unsigned offset, int status)
{
	struct netif_rx_response rsp = {.offset = offset, .flags = flags, .status = status};

	return net_rx_slot(&rx->in, &rsp, rx->page, &rx->why);
}

int rx_extra(struct rx *rx, unsigned type, unsigned flags)
{
	struct netif_extra_info extra = {.type = type, .flags = flags};
	struct netif_rx_response slot;

	memcpy(&slot, &extra, sizeof(slot));
	return net_rx_slot(&rx->in, &slot, NULL, &rx->why);
}

void rx_check_end(const struct rx *rx, size_t at, unsigned offset, size_t length)
{
	assert_int_equal(rx->in.length, at + length);
	assert_memory_equal(rx->in.bytes + at, rx->page + offset, length);
}

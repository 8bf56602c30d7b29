/* SPDX-License-Identifier: MIT */
/* Slots of a network backend that puts anything into the rx ring. A page and the frame's buffer
 * end where their allocations do, and a second frame is put together here by what the public
 * header says. */
#include "tests/fuzz/fuzz.h"

#include <xen/io/netif.h>

#include "lib/errno.h"
#include "lib/net_rx.h"

#define SLOTS_MAX (XEN_NETIF_NR_SLOTS_MIN + XEN_NETIF_EXTRA_TYPE_MAX)

static struct net_arriving in;
static uint8_t *page;
static struct netif_rx_response slot; /* the last one */

/* What is known here by itself of the frame so far. */
static struct {
	uint8_t *bytes;
	size_t length;
	unsigned slots, flags;
	bool more, extras, refused;
} own;

static void begin(void)
{
	uint8_t *bytes = own.bytes;

	memset(&own, 0, sizeof(own));
	own.bytes = bytes;
	net_rx_begin(&in);
}

/* --- what is to come of a slot --- */

/* A frame that is none may get no longer, and is none up to its end. */
static void expect_bytes(void)
{
	bool fits = slot.status >= 0 && (size_t)slot.status <= in.size - own.length;

	if (slot.status < 0)
		fuzz_assert(in.refusal == NET_REFUSED_ERROR);
	else if (slot.flags & NETRXF_gso_prefix)
		fuzz_assert(in.refusal == NET_REFUSED_PREFIX);
	else if (!own.refused && !fits)
		fuzz_assert(in.refusal == NET_REFUSED_LONG);
	else if (!own.refused) {
		fuzz_assert(in.refusal == NET_REFUSED_NOT);
		memcpy(own.bytes + own.length, page + slot.offset, slot.status);
		own.length += slot.status;
	}
	own.refused = own.refused || in.refusal;
}

/* False: no backend may send it. */
static bool expect_data(int result, const char *why)
{
	bool good = slot.status < 0 || slot.offset + slot.status <= 4096;

	fuzz_assert(good == (result != -EBADMSG));
	fuzz_assert(good || strstr(why, "page"));
	if (!good)
		return false;
	if (!own.slots) {
		own.flags = slot.flags;
		own.extras = slot.flags & NETRXF_extra_info;
	}
	own.more = slot.flags & NETRXF_more_data;
	expect_bytes();
	return true;
}

static bool expect_extra(int result, const char *why)
{
	struct netif_extra_info extra;
	bool good;

	memcpy(&extra, &slot, sizeof(extra));
	good = extra.type >= XEN_NETIF_EXTRA_TYPE_GSO &&
	       extra.type <= XEN_NETIF_EXTRA_TYPE_HASH;
	fuzz_assert(good == (result != -EBADMSG));
	fuzz_assert(good || strstr(why, "type"));
	own.extras = extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
	if (good && extra.type != XEN_NETIF_EXTRA_TYPE_HASH) {
		fuzz_assert(in.refusal == NET_REFUSED_EXTRA);
		own.refused = true;
	}
	return good;
}

static void check(int result, const char *why)
{
	own.slots++;
	fuzz_assert((result == -EMSGSIZE) == (own.slots > SLOTS_MAX));
	if (result < 0) {
		fuzz_assert(*why);
		return;
	}
	fuzz_assert(result == (own.more || own.extras ? NET_RX_MORE : NET_RX_WHOLE));
	fuzz_assert(in.slots == own.slots && in.extras == own.extras);
	fuzz_assert(in.flags == own.flags);
	fuzz_assert((in.refusal != NET_REFUSED_NOT) == own.refused);
	fuzz_assert(in.length <= in.size && in.length == own.length);
	fuzz_assert(memcmp(in.bytes, own.bytes, own.length) == 0);
}

/* Of extra info the page is nobody's business: there is none. */
static void take(void)
{
	struct netif_rx_response *copy = fuzz_alloc(sizeof(*copy));
	const char *why = NULL;
	int result;
	bool good;

	*copy = slot;
	result = net_rx_slot(&in, copy, own.extras ? NULL : page, &why);
	good = own.extras ? expect_extra(result, why) : expect_data(result, why);
	if (good)
		check(result, why);
	if (result != NET_RX_MORE)
		begin();
	free(copy);
}

/* --- what the backend does --- */

/* A slot that ends about where the page does, or where the frame does. */
static void near(struct fuzz *f)
{
	uint8_t how = fuzz_u8(f);
	int away = fuzz_u8(f) % 8 - 4;
	size_t left = in.size - own.length;

	slot.flags = how % 32;
	slot.offset = fuzz_u16(f) % 4100;
	slot.status = 4096 - slot.offset + away;
	if (how & 0x80)
		slot.status = (left < 4096 ? left : 4096) + away;
}

static void extra(struct fuzz *f)
{
	struct netif_extra_info info = {.type = fuzz_u8(f) % 8};

	info.flags = fuzz_u8(f);
	memcpy(&slot, &info, sizeof(info));
}

static void step(struct fuzz *f)
{
	uint8_t how = fuzz_u8(f);

	switch (how % 4) {
	case 0:
		fuzz_take(f, &slot, sizeof(slot));
		break;
	case 1:
		near(f);
		break;
	case 2:
		extra(f);
		break;
	default: /* the last one again, some times */
		for (unsigned n = how / 4 % 32; n; n--)
			take();
	}
	take();
	page[fuzz_u8(f) * 16] ^= how;
}

/* First two bytes: the frame's size. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz f = {bytes, size};

	in.size = fuzz_u16(&f);
	in.bytes = fuzz_alloc(in.size);
	own.bytes = fuzz_alloc(in.size);
	page = fuzz_alloc(4096);
	for (unsigned at = 0; at < 4096; at++)
		page[at] = at * 7 + at / 256;
	memset(&slot, 0, sizeof(slot));
	begin();
	while (f.left)
		step(&f);
	free(page);
	free(own.bytes);
	free(in.bytes);
	return 0;
}

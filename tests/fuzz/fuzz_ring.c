/* SPDX-License-Identifier: MIT */
/* A block frontend's ring with a backend made of the input: it answers what it was asked, what
 * it was not, twice, moves its index anywhere, and writes anywhere in the page. */
#include "tests/fuzz/fuzz.h"

#include "lib/blk_request.h"
#include "lib/errno.h"
#include "lib/front_ids.h"
#include "lib/front_ring.h"

#define xen_mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#include <xen/io/blkif.h>

#define SLOTS_MAX 32u
#define SENDS_MAX 2048u

static struct front_ring ring;
static struct front_ids ids;
static struct front_ids_slot *slot;
static union blk_request request[SLOTS_MAX];
static uint8_t *page;
static size_t page_bytes;

/* What this side knows by itself: every id that was sent, and whether it waits. */
static struct {
	uint64_t id;
	bool out;
} sent[SENDS_MAX];
static unsigned nr_sent, nr_out;

static struct blkif_sring *shared(void)
{
	return (struct blkif_sring *)page;
}

static void ring_begin(void)
{
	static const struct front_ring_shape shape = FRONT_RING_SHAPE(blkif);

	fuzz_assert(front_ring_begin(&ring, page, page_bytes, &shape) == 0);
	fuzz_assert(ring.slots <= SLOTS_MAX && !(ring.slots & (ring.slots - 1)));
}

static void send_one(struct fuzz *f)
{
	static const struct blk_disk disk = {.sectors = 8, .sector_size = 512, .flush = true};
	uint64_t id;
	int i, err;

	if (nr_sent == SENDS_MAX)
		return;
	if (!front_ring_room(&ring)) {
		err = front_ring_put(&ring, &request[0]);
		fuzz_assert(err == (ring.err ? ring.err : -ENOSPC));
		return;
	}
	i = front_ids_take(&ids, &id);
	fuzz_assert(nr_out < ids.count ? i >= 0 : i == -ENOSPC);
	if (i < 0)
		return;
	fuzz_assert(front_ids_id(&ids, (uint32_t)i) == id);
	for (unsigned n = 0; n < nr_sent; n++)
		fuzz_assert(!sent[n].out || sent[n].id != id);
	sent[nr_sent].id = id;
	sent[nr_sent++].out = true;
	nr_out++;
	fuzz_assert(blk_request_flush(&request[i], (struct blk_tag){.id = id}, &disk) == 0);
	request[i].direct.operation = fuzz_u8(f) % (BLKIF_OP_INDIRECT + 1);
	err = front_ring_put(&ring, &request[i]);
	fuzz_assert(err == ring.err);
}

/* It waits until it is answered for the first time, and no response is taken for another. */
static void answered(const struct blkif_response *rsp)
{
	int i = front_ids_answer(&ids, rsp->id), result = 1, err;
	bool was_sent = false, was_out = false;

	for (unsigned n = 0; n < nr_sent; n++) {
		if (sent[n].id != rsp->id)
			continue;
		was_sent = true;
		was_out = was_out || sent[n].out;
		sent[n].out = false;
	}
	fuzz_assert(was_out ? i >= 0 : i == (was_sent ? -EEXIST : -ENOENT));
	fuzz_assert(*front_ids_error(i));
	if (i < 0)
		return;
	nr_out--;
	err = blk_response_check(rsp, &request[i], &result);
	fuzz_assert(err == -EBADMSG || err == -ERANGE || (!err && result <= 0));
	fuzz_assert(*blk_response_error(err));
}

static void take_all(void)
{
	uint32_t most = ring.pushed - ring.taken, n = 0;
	struct blkif_response *rsp = fuzz_alloc(sizeof(*rsp));

	while (front_ring_take(&ring, rsp) == 1) {
		fuzz_assert(++n <= most);
		answered(rsp);
	}
	free(rsp);
}

/* A backend that answers what lies in the ring, as it is there or, at times, another id. */
static void backend_answer(struct fuzz *f)
{
	union blkif_sring_entry *entry = &shared()->ring[shared()->rsp_prod % ring.slots];
	uint8_t how = fuzz_u8(f);
	uint64_t other = how & 0x80 ? fuzz_u8(f) : 0;

	entry->rsp = (struct blkif_response){
		.id = entry->req.id ^ other,
		.operation = entry->req.operation,
		.status = (int16_t)(how % 4 - 2),
	};
	shared()->rsp_prod++;
}

static void backend_scribble(struct fuzz *f)
{
	size_t at = fuzz_u16(f) % page_bytes, n = fuzz_u8(f) % 16;

	fuzz_take(f, page + at, n < page_bytes - at ? n : page_bytes - at);
}

static void step(struct fuzz *f)
{
	switch (fuzz_u8(f) % 9) {
	case 0:
		send_one(f);
		break;
	case 1:
		front_ring_push(&ring);
		break;
	case 2:
		take_all();
		break;
	case 3:
		if (front_ring_await(&ring) == 0)
			fuzz_assert(ring.taken == ring.seen);
		break;
	case 4:
		backend_answer(f);
		break;
	case 5:
		shared()->rsp_prod = fuzz_u32(f);
		break;
	case 6:
		shared()->rsp_prod += fuzz_u8(f) - 128;
		break;
	case 7:
		backend_scribble(f);
		break;
	default:
		ring_begin();
	}
}

static void check(int err_before)
{
	uint32_t i, n = 0;

	fuzz_assert(ring.put - ring.taken <= ring.slots);
	fuzz_assert(ring.put - ring.taken >= ring.pushed - ring.taken);
	fuzz_assert(ring.pushed - ring.taken >= ring.seen - ring.taken);
	fuzz_assert(front_ring_room(&ring) == ring.slots - (ring.put - ring.taken));
	/* Dead for good, until it is begun anew. */
	fuzz_assert(!err_before || ring.err == err_before || !ring.put);
	fuzz_assert(*front_ring_error(ring.err));
	for (i = front_ids_first(&ids); i != FRONT_IDS_END; i = front_ids_next(&ids, i)) {
		fuzz_assert(i < ids.count && slot[i].out && n < nr_out);
		n++;
	}
	fuzz_assert(n == nr_out && ids.nr_out == nr_out);
}

/* Rings and ids of any measure. */
static void any_measure(struct fuzz *f)
{
	struct front_ring_shape shape = {fuzz_u8(f) * 4, fuzz_u8(f), fuzz_u8(f)};
	size_t room = fuzz_u16(f);
	uint32_t count = fuzz_u32(f) % (FRONT_IDS_MAX + 2);
	unsigned bits = fuzz_u8(f) % 80;
	void *all = fuzz_alloc(room);
	struct front_ids_slot *few = fuzz_alloc(count * sizeof(*few));

	if (front_ring_begin(&ring, all, room, &shape) == 0) {
		fuzz_assert(64 + (size_t)ring.slots * shape.slot <= room);
		fuzz_assert(64 + (size_t)ring.slots * 2 * shape.slot > room);
	}
	if (front_ids_init(&ids, few, count, bits) == 0)
		fuzz_assert(count && bits <= 64 && (bits > 31 || count < 1u << bits));
	free(few);
	free(all);
}

/* First byte: the slots that the page has room for, and the ids. Second: the bits of an id, not
 * so few that ids come again, which is left to the host tests. With the first one's highest bit
 * only the beginning of rings is tried. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz f = {bytes, size};
	uint8_t first = fuzz_u8(&f);
	uint32_t slots = 1 + first % SLOTS_MAX;
	unsigned bits = fuzz_u8(&f) % 2 ? 64 : 32;

	if (first & 0x80) {
		any_measure(&f);
		return 0;
	}
	page_bytes = 64 + slots * sizeof(union blkif_sring_entry);
	page = fuzz_alloc(page_bytes);
	nr_sent = nr_out = 0;
	slot = fuzz_alloc(slots * sizeof(*slot));
	ring_begin();
	fuzz_assert(front_ids_init(&ids, slot, slots, bits) == 0);
	while (f.left) {
		int err = ring.err;

		step(&f);
		check(err);
	}
	free(slot);
	free(page);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The xenstore client before a store that says what it likes, in pieces of any length, moves
 * its indices, and begins anew at any time. */
#include "tests/fuzz/fuzz.h"

#include "lib/errno.h"
#include "lib/xs_conn.h"
#include "lib/xs_queue.h"

#define NR_REQUESTS 4u
#define RING        XENSTORE_RING_SIZE

static struct xs_conn conn;
static struct xenstore_domain_interface *ring;
static struct xs_queue queue;

/* waits: it has been added, and not come back yet. */
static struct {
	struct xs_request req;
	bool waits;
} request[NR_REQUESTS];

/* Watch events as the kernel keeps them: their ids, and the paths' lengths. */
static struct {
	uint32_t id;
	size_t length;
} queued[XS_QUEUE_SIZE];
static unsigned nr_put, nr_taken;

static void keep_event(const char *path)
{
	if (nr_put == COUNT(queued) || !xs_queue_put(&queue, nr_put, path))
		return;
	queued[nr_put].id = nr_put;
	queued[nr_put++].length = strlen(path);
}

/* One with a path of any length. */
static void post_event(struct fuzz *f)
{
	size_t n = fuzz_u8(f) * 5;
	char *path = fuzz_alloc(n + 1);

	memset(path, 'p', n);
	keep_event(path);
	free(path);
}

static void on_event(void *ctx, const char *path, const char *token)
{
	const char *end = conn.payload + conn.header.len;

	fuzz_assert(ctx == &queue && path == conn.payload && token == path + strlen(path) + 1);
	fuzz_assert(token + strlen(token) < end);
	keep_event(path);
}

static void take_events(void)
{
	char *path = fuzz_alloc(XS_QUEUE_SIZE);
	uint32_t id;

	while (xs_queue_take(&queue, &id, path)) {
		fuzz_assert(nr_taken < nr_put && id == queued[nr_taken].id);
		fuzz_assert(strlen(path) == queued[nr_taken++].length);
	}
	fuzz_assert(nr_taken == nr_put);
	free(path);
}

/* Each that waits is in the list once; each that has come back is not, with a result. */
static void check(void)
{
	unsigned listed = 0, waiting = 0;

	for (const struct xs_request *r = conn.waiting; r; r = r->next)
		fuzz_assert(++listed <= NR_REQUESTS && !r->done && r->id);
	for (unsigned i = 0; i < NR_REQUESTS; i++) {
		const struct xs_request *r = &request[i].req;

		if (request[i].waits && r->done) {
			request[i].waits = false;
			fuzz_assert(r->result <= XENSTORE_PAYLOAD_MAX && r->result > -4096);
		}
		waiting += request[i].waits;
	}
	fuzz_assert(listed == waiting);
	/* What has a header that says more than may be is not received any further. */
	fuzz_assert(conn.lost || conn.received < sizeof(conn.header) ||
		    conn.header.len <= XENSTORE_PAYLOAD_MAX);
}

static void ask(struct fuzz *f)
{
	unsigned i = fuzz_u8(f) % NR_REQUESTS;
	struct xs_request *r = &request[i].req;

	if (request[i].waits)
		return;
	free(r->buf);
	r->type = fuzz_u8(f) % 24;
	r->size = fuzz_u8(f);
	r->buf = r->size ? fuzz_alloc(r->size) : NULL;
	xs_conn_add(&conn, r);
	request[i].waits = true;
	for (unsigned j = 0; j < NR_REQUESTS; j++)
		fuzz_assert(j == i || !request[j].waits || request[j].req.id != r->id);
}

static void push(struct fuzz *f)
{
	const struct xs_request *r = &request[fuzz_u8(f) % NR_REQUESTS].req;
	size_t n = fuzz_u16(f) % 2048;
	char *bytes = fuzz_copy(f, &n);
	uint32_t before = conn.req_prod;
	int pushed = xs_conn_push(&conn, r, bytes, (uint32_t)n);

	fuzz_assert(pushed <= (int)n && conn.req_prod == before + (pushed > 0 ? pushed : 0));
	fuzz_assert(pushed >= 0 || pushed == -ENOTCONN || pushed == -EIO ||
		    pushed == -EISCONN || pushed == -EINVAL);
	free(bytes);
}

static void pull(void)
{
	uint32_t before = conn.rsp_cons, there = ring->rsp_prod - before;
	int n = xs_conn_pull(&conn);

	fuzz_assert(n >= 0 || n == -ENOTCONN || n == -EIO || n == -EINVAL || n == -EMSGSIZE);
	fuzz_assert(conn.rsp_cons - before <= RING && (n < 0 || (uint32_t)n == there));
	if (n == -EMSGSIZE) { /* the place is lost, so the connection is */
		fuzz_assert(conn.header.len > XENSTORE_PAYLOAD_MAX);
		(void)xs_conn_ask_reset(&conn);
		xs_conn_lose(&conn);
	}
}

/* A whole message, well formed but for what it says. */
static void store_says(struct fuzz *f)
{
	struct xsd_sockmsg header = {.type = fuzz_u8(f) % 24};
	uint8_t to = fuzz_u8(f);
	size_t n = fuzz_u16(f) % (RING - sizeof(header));
	char *payload = fuzz_copy(f, &n);

	if (header.type % 2 && to & 0x80)
		header.type = request[to % NR_REQUESTS].req.type;
	header.req_id = to & 0x40 ? to : request[to % NR_REQUESTS].req.id;
	header.len = (uint32_t)n;
	xs_ring_copy_in(ring->rsp, ring->rsp_prod, &header, sizeof(header));
	xs_ring_copy_in(ring->rsp, ring->rsp_prod + sizeof(header), payload, n);
	ring->rsp_prod += sizeof(header) + n;
	free(payload);
}

/* Bytes of any kind, which need not be a message's. */
static void store_mumbles(struct fuzz *f)
{
	size_t n = fuzz_u16(f) % RING;
	char *bytes = fuzz_copy(f, &n);

	xs_ring_copy_in(ring->rsp, ring->rsp_prod, bytes, n);
	ring->rsp_prod += n;
	free(bytes);
}

static void store_moves(struct fuzz *f)
{
	uint32_t *words[] = {&ring->req_cons,   &ring->req_prod, &ring->rsp_cons,
			     &ring->rsp_prod,   &ring->error,    &ring->server_features,
			     &ring->connection, &ring->rsp_prod};
	uint8_t which = fuzz_u8(f);
	uint32_t *word = words[which % COUNT(words)];

	*word = which & 8 ? fuzz_u32(f) : which & 16 ? 0 : *word + fuzz_u8(f) - 128;
}

static void client_does(struct fuzz *f)
{
	uint8_t what = fuzz_u8(f);
	unsigned i = what % NR_REQUESTS;
	bool was;

	switch (what / 4 % 5) {
	case 0:
		xs_conn_lose(&conn);
		fuzz_assert(!conn.waiting && xs_conn_state(&conn) == -ENOTCONN);
		break;
	case 1:
		if (xs_conn_open(&conn) == 0)
			fuzz_assert(xs_conn_state(&conn) != -ENOTCONN);
		break;
	case 2:
		was = xs_conn_remove(&conn, &request[i].req);
		fuzz_assert(was == request[i].waits);
		request[i].waits = false;
		break;
	case 3:
		xs_conn_fail(&conn, -EINTR);
		break;
	default:
		post_event(f);
	}
}

/* A long directory, part by part; the names must be the room's, and end. */
static void read_parts(struct fuzz *f)
{
	struct xs_dir dir = {.size = fuzz_u8(f)};
	int more = 1;

	dir.names = fuzz_alloc(dir.size);
	while (more == 1 && f->left) {
		size_t n = fuzz_u8(f);
		char *payload = fuzz_copy(f, &n), name[8] = {0};

		more = xs_dir_add(&dir, payload, n);
		fuzz_assert(more == 0 || more == 1 || more == -EAGAIN || more == -EMSGSIZE ||
			    more == -EBADMSG);
		fuzz_assert(dir.length <= dir.size && (more != -EAGAIN || !dir.length));
		fuzz_assert(more < 0 || xs_count_strings(dir.names, dir.length) >= 0);
		memcpy(name, payload, n < 7 ? n : 7);
		fuzz_assert(xs_error_number(payload, n) > 0);
		(void)xs_request_header(&conn.header, 1, 1, 0, name, fuzz_u64(f));
		free(payload);
	}
	free(dir.names);
}

static void step(struct fuzz *f)
{
	static void (*const steps[])(struct fuzz * f) = {
		ask, push, store_says, store_says, store_mumbles, store_moves, client_does,
	};
	uint8_t which = fuzz_u8(f) % (COUNT(steps) + 2);

	if (which < COUNT(steps))
		steps[which](f);
	else if (which == COUNT(steps))
		take_events();
	else
		pull();
	check();
}

static void begin(struct fuzz *f)
{
	memset(request, 0, sizeof(request));
	queue.length = nr_put = nr_taken = 0;
	ring = fuzz_alloc(sizeof(*ring));
	ring->req_cons = ring->req_prod = fuzz_u32(f);
	ring->rsp_cons = ring->rsp_prod = fuzz_u32(f);
	conn = (struct xs_conn){.ring = ring, .event = on_event, .ctx = &queue};
	conn.payload = fuzz_alloc(XENSTORE_PAYLOAD_MAX);
	fuzz_assert(xs_conn_open(&conn) == 0);
}

/* First byte: 0 a directory in parts; else a connection, and where its indices begin. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz f = {bytes, size};

	if (fuzz_u8(&f) == 0) {
		read_parts(&f);
		return 0;
	}
	begin(&f);
	while (f.left)
		step(&f);
	pull();
	check();
	for (unsigned i = 0; i < NR_REQUESTS; i++)
		free(request[i].req.buf);
	free(conn.payload);
	free(ring);
	return 0;
}

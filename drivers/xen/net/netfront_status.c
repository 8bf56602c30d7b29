/* SPDX-License-Identifier: MIT */
/* Writing the document takes the mainline: it is long, and of no fixed size. So the frame that
 * asks for a new one is kept, and taken once more when the document is there. One at a time:
 * who asks later takes the place of who has asked before, who will ask again. */
#include "drivers/xen/net/netfront_status.h"

#include "arch/x86/paging.h"
#include "kernel/memory.h"
#include "kernel/time.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define HEAD_MAX  32u /* "part N of M\n" */
#define ASK_MAX   24u /* bytes of a request */
#define FRAME_MAX 128u
#define SLACK     PAGE_SIZE /* a count may get longer while it is written */

static void (*write_document)(json_emit_fn *emit, void *ctx);

/* One document for all cards; the mainline exchanges it under the lock of the card that serves
 * it, and only one does: the one with the address. */
static struct document {
	char *text;
	size_t length, size;
	bool cut;
} document;

static struct {
	uint8_t frame[FRAME_MAX];
	size_t length; /* 0: nobody asks */
	unsigned flags;
	bool wanted, ready; /* a request has found no document; now it is there */
} asked;

/* --- the document; mainline --- */

static void count_piece(const char *piece, void *ctx)
{
	((struct document *)ctx)->length += strlen(piece);
}

static void add_piece(const char *piece, void *ctx)
{
	struct document *d = ctx;
	size_t n = strlen(piece);

	d->cut |= n > d->size - d->length;
	if (d->cut)
		return;
	memcpy(d->text + d->length, piece, n);
	d->length += n;
}

static bool document_write(struct document *d)
{
	*d = (struct document){0};
	write_document(count_piece, d);
	d->size = (d->length + SLACK + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
	d->length = 0;
	d->text = pages_alloc(d->size / PAGE_SIZE);
	if (!d->text)
		return false;
	write_document(add_piece, d);
	if (!d->cut)
		return true;
	pages_free(d->text, d->size / PAGE_SIZE);
	return false;
}

/* --- serving it; under stack_lock --- */

/* "status" or "status N", with a line's end or without: N, 0 for none; -EINVAL. */
static int parse_request(const struct net_udp_request *request)
{
	static const char word[] = "status";
	const char *text = (const char *)request->data;
	size_t length = request->length, skip = sizeof(word) - 1;
	uint64_t number;

	if (length && text[length - 1] == '\n')
		length--;
	if (length < skip || memcmp(text, word, skip) || length > ASK_MAX)
		return -EINVAL;
	if (length == skip)
		return 0;
	if (text[skip] != ' ' || str_span_to_u64(text + skip + 1, length - skip - 1, &number) ||
	    !number || number > INT32_MAX)
		return -EINVAL;
	return (int)number;
}

static int serve_part(unsigned number, uint8_t *reply, size_t size)
{
	size_t share, parts, n;
	char head[HEAD_MAX];
	int length;

	if (size <= HEAD_MAX)
		return -EMSGSIZE;
	share = size - HEAD_MAX;
	parts = (document.length + share - 1) / share;
	if (number > parts)
		return -EINVAL;
	length = fmt_snprintf(head, sizeof(head), "part %u of %zu\n", number, parts);
	n = document.length - (number - 1) * share;
	if (n > share)
		n = share;
	memcpy(reply, head, length);
	memcpy(reply + length, document.text + (number - 1) * share, n);
	return length + (int)n;
}

static int serve_status(void *ctx, const struct net_udp_request *request, uint8_t *reply,
			size_t size)
{
	int number = parse_request(request);

	if (number < 0)
		return number;
	if (number > 1 && document.text)
		return serve_part(number, reply, size);
	if (number > 1)
		return -EINVAL;
	if (asked.ready)
		return serve_part(1, reply, size);
	asked.wanted = true;
	return -ENODATA;
}

/* --- the one who asks --- */

static void answer(struct netfront *card)
{
	struct document made, old;
	struct net_output out = net_output_of(card);
	struct net_input in = {.frame = asked.frame, .now_ns = time_now_ns()};
	bool on;

	if (!document_write(&made))
		return;
	on = spin_lock(&card->stack_lock);
	old = document;
	document = made;
	in.length = asked.length;
	in.flags = asked.flags;
	asked.ready = true;
	net_stack_receive(&card->stack, &in, &out);
	asked.ready = false;
	asked.length = 0;
	spin_unlock(&card->stack_lock, on);
	if (old.text)
		pages_free(old.text, old.size / PAGE_SIZE);
	net_send(card, &out);
}

static void status_work_run(struct work *work)
{
	for (struct netfront *card = netfronts; card; card = card->next)
		if (card->has_stack && card->queue && asked.length)
			answer(card);
}

static struct work status_work = {.fn = status_work_run};

void net_status_keep(struct netfront *card, const struct net_input *in)
{
	if (!asked.wanted)
		return;
	asked.wanted = false;
	if (in->length > sizeof(asked.frame))
		return;
	memcpy(asked.frame, in->frame, in->length);
	asked.length = in->length;
	asked.flags = in->flags;
	work_queue(&status_work);
}

void net_status_begin(struct netfront *card)
{
	asked.length = 0;
	if (write_document)
		net_stack_serve(&card->stack, NET_PORT_STATUS, serve_status, card);
}

void net_status_register(void (*write)(json_emit_fn *emit, void *ctx))
{
	write_document = write;
}

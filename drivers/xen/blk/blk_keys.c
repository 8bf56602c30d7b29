/* SPDX-License-Identifier: MIT */
/* What the two ends write into the store for each other. */
#include "drivers/xen/blk/blk_queue.h"

#include <xen/io/protocols.h>

#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

uint32_t blk_keys_number(const struct xenbus_device *dev)
{
	uint64_t number;

	return str_to_u64(xenbus_id(dev), &number) || number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

/* Of a value; the longest number has 20 digits, and what is longer is none. */
#define VALUE_SIZE 24u

struct texts {
	const char *text[BLK_NR_KEYS];
	char value[BLK_NR_KEYS][VALUE_SIZE];
};

_Static_assert(BLK_NR_KEYS <= XENSTORE_TOGETHER, "a part of the keys is read at a time");

/* Keys that are missing stay NULL. 0 or -errno: they cannot be read. */
static int texts_read(struct texts *t, const struct xenbus_device *dev, enum blk_key from,
		      enum blk_key to)
{
	const char *names[BLK_NR_KEYS];
	int lengths[BLK_NR_KEYS];

	for (enum blk_key key = from; key < to; key++)
		names[key - from] = blk_key_name(key);
	xenstore_read_together(dev->backend, names, to - from, t->value[from], VALUE_SIZE, lengths);
	for (enum blk_key key = from; key < to; key++) {
		int n = lengths[key - from];

		if (n == -ENOENT)
			continue;
		if (n < 0)
			return n;
		if (n >= (int)VALUE_SIZE) /* cut, it might be taken for another number */
			t->value[key][0] = 'x';
		/* What is no character is no part of a number either. */
		str_clean(t->value[key], VALUE_SIZE, (size_t)n);
		t->text[key] = t->value[key];
	}
	return 0;
}

static int keys_report(const struct blkfront *disk, const struct texts *t, enum blk_key key,
		       int err)
{
	printk_warn("%s: the backend's %s \"%s\" is %s\n", disk->name, blk_key_name(key),
		    t->text[key] ? t->text[key] : "", blk_features_error(err));
	return err;
}

int blk_keys_read_transport(struct blkfront *disk, struct blk_transport *out)
{
	struct texts *t = heap_alloc(sizeof(*t));
	enum blk_key key = BLK_NR_KEYS;
	int err = t ? texts_read(t, disk->dev, BLK_MAX_RING_PAGE_ORDER, BLK_SECTORS) : -ENOMEM;

	if (!err) {
		err = blk_transport_parse(t->text, out, &key);
		if (err)
			keys_report(disk, t, key, err);
	}
	heap_free(t);
	return err;
}

int blk_keys_read_disk(struct blkfront *disk, struct blk_disk *out)
{
	struct texts *t = heap_alloc(sizeof(*t));
	enum blk_key key = BLK_NR_KEYS;
	int err = t ? texts_read(t, disk->dev, BLK_SECTORS, BLK_NR_KEYS) : -ENOMEM;

	if (!err) {
		err = blk_disk_parse(t->text, out, &key);
		if (err)
			keys_report(disk, t, key, err);
	}
	heap_free(t);
	return err;
}

/* --- ours --- */

struct writer {
	const struct blkfront *disk;
	struct xenstore_writes writes;
};

static void write_text(struct writer *w, const char *key, const char *value)
{
	xenstore_writes_add(&w->writes, w->disk->dev->node, key, value);
}

static void write_number(struct writer *w, const char *key, uint64_t value)
{
	char text[24];

	fmt_snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	write_text(w, key, text);
}

/* directory: "", or "queue-3/". */
static void write_queue(struct writer *w, const struct blk_queue *q, const char *directory)
{
	unsigned pages = 1u << w->disk->layout.ring_order;
	char key[40];

	for (unsigned i = 0; i < pages; i++) {
		if (pages > 1)
			fmt_snprintf(key, sizeof(key), "%sring-ref%u", directory, i);
		else
			fmt_snprintf(key, sizeof(key), "%sring-ref", directory);
		write_number(w, key, q->ring_refs[i]);
	}
	fmt_snprintf(key, sizeof(key), "%sevent-channel", directory);
	write_number(w, key, (uint64_t)q->port);
}

static void write_queues(struct writer *w)
{
	const struct blk_layout *l = &w->disk->layout;
	char directory[16];

	if (l->queues == 1) {
		write_queue(w, &w->disk->queues[0], "");
		return;
	}
	write_number(w, "multi-queue-num-queues", l->queues);
	for (unsigned i = 0; i < l->queues; i++) {
		fmt_snprintf(directory, sizeof(directory), "queue-%u/", i);
		write_queue(w, &w->disk->queues[i], directory);
	}
}

/* Grants are kept for good, so a backend that can keeps them mapped; feature-large-sector-size
 * is not written (lib/blk_features.h). */
static int keys_write(struct xenstore_tx *tx, void *ctx)
{
	struct writer w = {.disk = ctx, .writes = {.tx = tx}};
	uint8_t order = w.disk->layout.ring_order;

	/* Another opening may have had more than this one. */
	xenbus_rm(tx, w.disk->dev, "multi-queue-num-queues");
	xenbus_rm(tx, w.disk->dev, "ring-page-order");
	xenbus_rm(tx, w.disk->dev, "num-ring-pages");
	if (order) {
		write_number(&w, "ring-page-order", order);
		write_number(&w, "num-ring-pages", 1u << order);
	}
	write_queues(&w);
	write_text(&w, "protocol", XEN_IO_PROTO_ABI_X86_64);
	write_text(&w, "feature-persistent", "1");
	return xenstore_writes_end(&w.writes);
}

int blk_keys_write(struct blkfront *disk)
{
	return xenstore_tx_run(keys_write, disk);
}

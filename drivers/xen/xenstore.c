/* SPDX-License-Identifier: MIT */
#include "drivers/xen/xenstore.h"

#include "drivers/xen/xen.h"
#include "drivers/xen/xenstore_ring.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define ASKED_AGAIN 3u

static char name[64];

bool xenstore_usable(void)
{
	return xenstore_ring.usable;
}

int xenstore_irq(void)
{
	return xenstore_ring.irq;
}

const char *xenstore_name(void)
{
	return name;
}

uint32_t xenstore_bad_replies(void)
{
	return xenstore_ring.conn.strays;
}

uint32_t xenstore_restarts(void)
{
	return xenstore_ring.restarts;
}

/* --- requests --- */

int xenstore_request(uint32_t type, const struct xenstore_tx *tx, const char *path,
		     const void *value, size_t length, void *reply, size_t size)
{
	int n = -EIO;

	for (unsigned i = 0; xenstore_usable() && i < ASKED_AGAIN; i++) {
		n = xenstore_ring_exchange(type, tx, path, value, length, reply, size);
		if (n != -ENOTCONN)
			return n;
		n = xenstore_ring_await();
		if (tx) /* it went with the connection */
			return n ? n : -EAGAIN;
		n = -EIO;
	}
	return n;
}

/* For requests that are answered with "OK". */
static int xs_command(uint32_t type, const struct xenstore_tx *tx, const char *path,
		      const void *value, size_t length)
{
	int n = xenstore_request(type, tx, path, value, length, NULL, 0);

	return n < 0 ? n : 0;
}

int xenstore_tx_read(const struct xenstore_tx *tx, const char *path, char *buf, size_t size)
{
	int n = xenstore_request(XS_READ, tx, path, NULL, 0, buf, size ? size - 1 : 0);

	if (n >= 0 && size)
		buf[(size_t)n < size ? (size_t)n : size - 1] = '\0';
	return n;
}

int xenstore_read_bytes(const char *path, void *buf, size_t size)
{
	return xenstore_request(XS_READ, NULL, path, NULL, 0, buf, size);
}

int xenstore_tx_write(const struct xenstore_tx *tx, const char *path, const char *value)
{
	return xs_command(XS_WRITE, tx, path, value, strlen(value));
}

int xenstore_write_bytes(const char *path, const void *data, size_t length)
{
	return xs_command(XS_WRITE, NULL, path, data, length);
}

int xenstore_tx_rm(const struct xenstore_tx *tx, const char *path)
{
	return xs_command(XS_RM, tx, path, NULL, 0);
}

int xenstore_tx_mkdir(const struct xenstore_tx *tx, const char *path)
{
	return xs_command(XS_MKDIR, tx, path, NULL, 0);
}

/* --- lists --- */

/* One part; payload is a page that it comes into. As xs_dir_add(). */
static int xs_list_part(const struct xenstore_tx *tx, const char *path, struct xs_dir *dir,
			char *payload)
{
	char offset[12];
	int n = fmt_snprintf(offset, sizeof(offset), "%u", (unsigned)dir->length) + 1;

	n = xenstore_request(XS_DIRECTORY_PART, tx, path, offset, n, payload,
			     XENSTORE_PAYLOAD_MAX);
	return n < 0 ? n : xs_dir_add(dir, payload, n);
}

int xenstore_list_parts(const struct xenstore_tx *tx, const char *path, char *buf, size_t size)
{
	struct xs_dir dir = {.names = buf, .size = size};
	char *payload = heap_alloc(XENSTORE_PAYLOAD_MAX);
	unsigned changes = 0;
	int n = payload ? 1 : -ENOMEM;

	while (n == 1 || (n == -EAGAIN && !tx && ++changes < XENSTORE_TX_TRIES))
		n = xs_list_part(tx, path, &dir, payload);
	heap_free(payload);
	return n < 0 ? n : xs_count_strings(buf, dir.length);
}

int xenstore_tx_list(const struct xenstore_tx *tx, const char *path, char *buf, size_t size)
{
	int n = xenstore_request(XS_DIRECTORY, tx, path, NULL, 0, buf, size);

	if (n == -E2BIG)
		return xenstore_list_parts(tx, path, buf, size);
	if (n > 0 && (size_t)n > size)
		return -EMSGSIZE;
	return n < 0 ? n : xs_count_strings(buf, n);
}

/* --- permissions --- */

int xenstore_get_perms(const char *path, char *buf, size_t size)
{
	int n = xenstore_request(XS_GET_PERMS, NULL, path, NULL, 0, buf, size);
	size_t there;

	if (n <= 0 || !size)
		return n ? n : -EBADMSG;
	there = (size_t)n < size ? (size_t)n : size;
	for (size_t i = 0; i < there; i++)
		if (!buf[i])
			buf[i] = ',';
	buf[there - 1] = '\0';
	return n - 1; /* without the last NUL */
}

int xenstore_set_perms(const char *path, const char *perms)
{
	char list[64];
	size_t length = str_copy(list, perms, sizeof(list)) + 1;

	if (length > sizeof(list))
		return -EMSGSIZE;
	for (size_t i = 0; i < length; i++)
		if (list[i] == ',')
			list[i] = '\0';
	return xs_command(XS_SET_PERMS, NULL, path, list, length);
}

/* --- transactions --- */

int xenstore_tx_begin(struct xenstore_tx *tx)
{
	char text[12];
	uint64_t id = 0;
	int n;

	tx->epoch = __atomic_load_n(&xenstore_ring.conn.epoch, __ATOMIC_ACQUIRE);
	n = xenstore_request(XS_TRANSACTION_START, NULL, "", NULL, 0, text, sizeof(text));
	if (n < 0)
		return n;
	/* 0 would be no transaction at all. */
	if (n < 2 || n > (int)sizeof(text) || str_span_to_u64(text, n - 1, &id) || !id ||
	    id > UINT32_MAX)
		return -EBADMSG;
	tx->id = id;
	return 0;
}

int xenstore_tx_end(struct xenstore_tx *tx, bool commit)
{
	return xs_command(XS_TRANSACTION_END, tx, commit ? "T" : "F", NULL, 0);
}

static int xs_tx_try(int (*body)(struct xenstore_tx *tx, void *ctx), void *ctx)
{
	struct xenstore_tx tx;
	int err = xenstore_tx_begin(&tx), dropped;

	if (err)
		return err;
	err = body(&tx, ctx);
	if (err >= 0)
		return xenstore_tx_end(&tx, true);
	dropped = xenstore_tx_end(&tx, false);
	return dropped == -EIO ? dropped : err;
}

int xenstore_tx_run(int (*body)(struct xenstore_tx *tx, void *ctx), void *ctx)
{
	int err = -EAGAIN;

	for (unsigned i = 0; err == -EAGAIN && i < XENSTORE_TX_TRIES; i++)
		err = xs_tx_try(body, ctx);
	return err;
}

/* --- start --- */

int xenstore_identify(void)
{
	char text[12];
	uint64_t domid;
	int n = xenstore_usable() ? xenstore_read("domid", text, sizeof(text)) : -EIO;

	if (n < 0)
		return n;
	if (!str_to_u64(text, &domid))
		xen_set_domid(domid);
	n = xenstore_read("name", name, sizeof(name));
	return n < 0 ? n : 0;
}

int xenstore_init(void)
{
	int err = xenstore_ring_open();

	if (!err)
		err = xenstore_identify();
	if (err)
		printk_warn("xenstore: not to be had (error %d)\n", err);
	else
		printk("xenstore: domain %u \"%s\", irq %d\n", xen_domid(), name,
		       xenstore_irq());
	return err;
}

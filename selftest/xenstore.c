/* SPDX-License-Identifier: MIT */
/* The store's requests, and what it refuses, by its own rules: docs/misc/xenstore.txt and, for
 * the exact errors and quotas, tools/xenstore/xenstored_core.c. */
#include "drivers/xen/xen.h"
#include "drivers/xen/xenstore.h"
#include "kernel/memory.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "selftest/needs.h"
#include "selftest/xenstore.h"

/* Of an unprivileged domain: a node's permissions, value and list of children together stay
 * below 2048 bytes (quota_max_entry_size). So no such domain makes a list that is longer than
 * one payload; see xenstore_long for one that dom0 has made. */
#define NODE_MAX 2048

/* Every byte value, the whole of it twice. */
SELFTEST(xenstore_bytes)
{
	uint8_t out[512], in[600];

	NEEDS(store);
	for (unsigned i = 0; i < sizeof(out); i++)
		out[i] = i;
	memset(in, 0x55, sizeof(in));
	CHECK_EQ(xenstore_write_bytes("data/bytes", out, sizeof(out)), 0);
	CHECK_EQ(xenstore_read_bytes("data/bytes", in, sizeof(in)), sizeof(out));
	CHECK(!memcmp(in, out, sizeof(out)) && in[sizeof(out)] == 0x55);
	CHECK_EQ(xenstore_read_bytes("data/bytes", in, 3), sizeof(out)); /* cut, and said so */
	CHECK_EQ(xenstore_write_bytes("data/bytes", "", 0), 0);
	CHECK_EQ(xenstore_read("data/bytes", (char *)in, sizeof(in)), 0);
	CHECK_EQ(in[0], 0);
	CHECK_EQ(xenstore_rm("data/bytes"), 0);
	CHECK_EQ(xenstore_read_bytes("data/bytes", in, sizeof(in)), -ENOENT);
}

/* A value of more than one ring, up to what the store takes and what a message holds. */
SELFTEST(xenstore_large)
{
	char *value, *back;

	NEEDS(store);
	value = heap_alloc(2 * XENSTORE_PAYLOAD_MAX);
	back = value + XENSTORE_PAYLOAD_MAX;
	for (unsigned i = 0; i < NODE_MAX; i++)
		value[i] = 'a' + i % 26;
	CHECK_EQ(xenstore_write_bytes("data/large", value, 1900), 0);
	CHECK_EQ(xenstore_read_bytes("data/large", back, 4096), 1900);
	CHECK(!memcmp(value, back, 1900));
	CHECK_EQ(xenstore_write_bytes("data/large", value, NODE_MAX), -ENOSPC);
	CHECK_EQ(xenstore_write_bytes("data/large", value, 4096 - 11), -ENOSPC); /* the most */
	CHECK_EQ(xenstore_write_bytes("data/large", value, 4096 - 10), -EMSGSIZE);
	CHECK_EQ(xenstore_rm("data/large"), 0);
	heap_free(value);
}

/* Adds names until the store will have no more. How many it took. */
static int list_fill(void)
{
	char path[64];
	int made = 0, err = 0;

	while (!err && made < NODE_MAX) {
		fmt_snprintf(path, sizeof(path), "data/list/a-rather-long-name-%04d", made);
		err = xenstore_mkdir(path);
		made += !err;
	}
	CHECK_EQ(err, -ENOSPC);
	return made;
}

/* The store promises no order. */
static void list_check(const char *names, int count)
{
	uint64_t sum = 0, n;

	for (int i = 0; i < count; i++, names += strlen(names) + 1) {
		CHECK(!strncmp(names, "a-rather-long-name-", 19));
		CHECK_EQ(str_to_u64(names + 19, &n), 0);
		sum += n;
	}
	CHECK_EQ(sum, (long)count * (count - 1) / 2);
}

SELFTEST(xenstore_list)
{
	char *names;
	int made, length;

	NEEDS(store);
	names = heap_alloc(NODE_MAX);
	xenstore_rm("data/list");
	CHECK_EQ(xenstore_mkdir("data/list"), 0);
	CHECK_EQ(xenstore_mkdir("data/list"), 0); /* there already */
	CHECK_EQ(xenstore_list("data/list", names, NODE_MAX), 0);
	CHECK_EQ(xenstore_list_parts(NULL, "data/list", names, NODE_MAX), 0);
	made = list_fill();
	length = 24 * made; /* with its NUL */
	CHECK(made > 70);
	CHECK_EQ(xenstore_list("data/list", names, length), made);
	list_check(names, made);
	CHECK_EQ(xenstore_list("data/list", names, length - 1), -EMSGSIZE);
	memset(names, 0, NODE_MAX);
	CHECK_EQ(xenstore_list_parts(NULL, "data/list", names, length), made);
	list_check(names, made);
	CHECK_EQ(xenstore_list_parts(NULL, "data/list", names, length - 1), -EMSGSIZE);
	CHECK_EQ(xenstore_rm("data/list"), 0);
	CHECK_EQ(xenstore_list("data/list", names, NODE_MAX), -ENOENT);
	CHECK_EQ(xenstore_list_parts(NULL, "data/list", names, NODE_MAX), -ENOENT);
	heap_free(names);
}

#define LONG_MAX_BYTES (16 * XENSTORE_PAYLOAD_MAX)

/* A list that dom0 has made (tests/guest/test_xenstore.py): of more than one payload. Its names
 * are numbers from 0 on. */
SELFTEST(xenstore_long)
{
	char *names, *p, text[12];
	uint64_t n, sum = 0;
	int count;

	NEEDS(store);
	SKIP_UNLESS(xenstore_read("/daisy/long", text, sizeof(text)) > 0, NO_DOM0);
	names = p = heap_alloc(LONG_MAX_BYTES);
	CHECK_EQ(xenstore_request(XS_DIRECTORY, NULL, "/daisy/long", NULL, 0, NULL, 0), -E2BIG);
	count = xenstore_list("/daisy/long", names, LONG_MAX_BYTES);
	CHECK_EQ(str_to_u64(text, &n), 0);
	CHECK_EQ(count, n); /* dom0 has written how many it made */
	for (int i = 0; i < count; i++, p += strlen(p) + 1) {
		CHECK_EQ(str_to_u64(p, &n), 0);
		sum += n;
	}
	CHECK(p - names > XENSTORE_PAYLOAD_MAX);
	CHECK_EQ(sum, (long)count * (count - 1) / 2);
	CHECK_EQ(xenstore_list("/daisy/long", names, p - names - 1), -EMSGSIZE);
	heap_free(names);
}

SELFTEST(xenstore_perms)
{
	char mine[32], text[32];

	NEEDS(store);
	CHECK_EQ(xenstore_write("data/perms", "x"), 0);
	fmt_snprintf(mine, sizeof(mine), "n%u,r0,b7", xen_domid());
	CHECK_EQ(xenstore_set_perms("data/perms", mine), 0);
	CHECK_EQ(xenstore_get_perms("data/perms", text, sizeof(text)), strlen(mine));
	CHECK(!strcmp(text, mine));
	CHECK_EQ(xenstore_get_perms("data/perms", text, 3), strlen(mine)); /* cut */
	CHECK(!strncmp(text, mine, 2) && !text[2]);
	CHECK_EQ(xenstore_set_perms("data/perms", "n0"), -EPERM); /* giving it away */
	CHECK_EQ(xenstore_set_perms("data/perms", "nobody"), -EINVAL);
	CHECK_EQ(xenstore_set_perms("data/no-such-node", mine), -ENOENT);
	fmt_snprintf(mine, sizeof(mine), "n%u,r1,r2,r3,r4,r5", xen_domid());
	CHECK_EQ(xenstore_set_perms("data/perms", mine), -ENOSPC); /* 5 at the most */
	CHECK_EQ(xenstore_rm("data/perms"), 0);
}

/* --- what is refused --- */

static int ask(uint32_t type, const char *path, const char *value)
{
	size_t length = value ? strlen(value) + 1 : 0;

	return xenstore_request(type, NULL, path, value, length, NULL, 0);
}

/* The toolstack's requests, and requests that there are not. */
SELFTEST(xenstore_refused)
{
	static const uint8_t privileged[] = {XS_CONTROL,    XS_INTRODUCE,
					     XS_RELEASE,    XS_RESUME,
					     XS_SET_TARGET, XS_IS_DOMAIN_INTRODUCED};
	char text[32], path[24];
	int length;

	NEEDS(store);
	for (unsigned i = 0; i < sizeof(privileged); i++)
		CHECK_EQ(ask(privileged[i], "0", NULL), -EACCES);
	CHECK_EQ(ask(XS_WATCH_EVENT, "data", "x"), -ENOSYS);
	CHECK_EQ(ask(XS_ERROR, "data", "x"), -ENOSYS);
	CHECK_EQ(ask(1000, "data", NULL), -ENOSYS);
	CHECK_EQ(ask(XS_READ, "", NULL), -EINVAL);
	CHECK_EQ(ask(XS_READ, "data//x", NULL), -EINVAL);
	CHECK_EQ(ask(XS_READ, "data/a b", NULL), -EINVAL);
	CHECK_EQ(ask(XS_READ, "data/", NULL), -EINVAL);
	CHECK_EQ(ask(XS_TRANSACTION_END, "X", NULL), -EINVAL);
	CHECK_EQ(ask(XS_TRANSACTION_END, "T", NULL), -ENOENT);
	CHECK_EQ(ask(XS_UNWATCH, "data", "nobody"), -ENOENT);
	CHECK(ask(XS_WATCH, "data", "x") >= 0);
	CHECK_EQ(ask(XS_WATCH, "data", "x"), -EEXIST);
	CHECK(ask(XS_UNWATCH, "data", "x") >= 0);
	CHECK_EQ(xenstore_mkdir("/local/domain/0/daisy"), -EACCES);
	CHECK_EQ(xenstore_rm("/local/domain/0/name"), -EACCES);
	CHECK_EQ(xenstore_rm("data/no/such/parent"), -ENOENT);
	CHECK_EQ(xenstore_rm("data/no-such-node"), 0);
	length = fmt_snprintf(path, sizeof(path), "/local/domain/%u", xen_domid());
	fmt_snprintf(text, sizeof(text), "%u", xen_domid());
	CHECK_EQ(xenstore_request(XS_GET_DOMAIN_PATH, NULL, text, NULL, 0, text, sizeof(text)),
		 length + 1);
	CHECK(!strcmp(text, path));
	CHECK_EQ(xenstore_bad_replies(), 0);
}

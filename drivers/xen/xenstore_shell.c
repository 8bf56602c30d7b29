/* SPDX-License-Identifier: MIT */
#include "drivers/xen/xenstore.h"

#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/errno.h"
#include "lib/string.h"

#define VALUE_SIZE 200
#define LIST_SIZE  XENSTORE_PAYLOAD_MAX

static int xs_read(const char *path)
{
	char value[VALUE_SIZE];
	int n = xenstore_read(path, value, sizeof(value));

	if (n >= 0)
		printk("%s%s\n", value, n >= VALUE_SIZE ? "..." : "");
	return n < 0 ? n : 0;
}

static int xs_ls(const char *path)
{
	char *names = heap_alloc(LIST_SIZE), *name = names;
	int n = names ? xenstore_list(path, names, LIST_SIZE) : -ENOMEM;

	for (int i = 0; i < n; i++, name += strlen(name) + 1)
		printk("%s\n", name);
	heap_free(names);
	return n < 0 ? n : 0;
}

static void xs_changed(struct xenstore_watch *watch, const char *path)
{
	printk("%s\n", path);
}

/* Until something is typed. */
static int xs_watch(const char *path)
{
	static struct xenstore_watch watch;
	int err;

	watch = (struct xenstore_watch){.path = path, .changed = xs_changed};
	err = xenstore_watch(&watch);
	if (err)
		return err;
	shell_wait(UINT64_MAX);
	shell_drop_input();
	return xenstore_unwatch(&watch);
}

SHELL_COMMAND(xs, "read|ls|rm|watch PATH, write PATH VALUE",
	      "the store; paths below the domain's own, or /...")
{
	int err;

	if (count == 3 && !strcmp(words[1], "read"))
		err = xs_read(words[2]);
	else if (count == 3 && !strcmp(words[1], "ls"))
		err = xs_ls(words[2]);
	else if (count == 3 && !strcmp(words[1], "rm"))
		err = xenstore_rm(words[2]);
	else if (count == 3 && !strcmp(words[1], "watch"))
		err = xs_watch(words[2]);
	else if (count == 4 && !strcmp(words[1], "write"))
		err = xenstore_write(words[2], words[3]);
	else
		return -EINVAL;
	if (err == -ENOENT)
		printk("xs: %s: there is no such node\n", words[2]);
	else if (err == -EACCES)
		printk("xs: %s: not allowed, data/... is\n", words[2]);
	else if (err)
		printk("xs: %s: error %d\n", words[2], err);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "drivers/xen/xenstore.h"

#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/errno.h"
#include "lib/string.h"

#define VALUE_SIZE 200

static int xs_read(const char *path)
{
	char value[VALUE_SIZE];
	int n = xenstore_read(path, value, sizeof(value));

	if (n >= 0)
		printk("%s%s\n", value, n >= VALUE_SIZE ? "..." : "");
	return n < 0 ? n : 0;
}

SHELL_COMMAND(xs, "read PATH | write PATH VALUE", "the store; paths below the domain's own, or /...")
{
	int err;

	if (count == 3 && !strcmp(words[1], "read"))
		err = xs_read(words[2]);
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

/* SPDX-License-Identifier: MIT */
#include "lib/blk_name.h"

#include <stdbool.h>

#include "lib/printf.h"
#include "lib/string.h"

/* Numbers are major << 8 | disk << shift | partition, as Linux's once were; the extended range
 * has its bit instead of a major number. */
#define EXTENDED       (1u << 28)
#define EXTENDED_SHIFT 8
#define EXTENDED_MASK  (EXTENDED - 1)

static const struct range {
	const char *prefix;
	uint8_t major, shift;
	uint8_t first; /* the number of the first disk */
} ranges[] = {
	{"xvd", 202, 4, 0},
	{"sd", 8, 4, 0},
	{"hd", 3, 6, 0},
	{"hd", 22, 6, 2},
};

/* a to z, aa to az, ba ...: there is no zero in it. At most five for 2^20 disks. */
static char *letters_put(char *at, uint32_t disk)
{
	if (disk >= 26)
		at = letters_put(at, disk / 26 - 1);
	*at++ = (char)('a' + disk % 26);
	return at;
}

static void name_make(char *name, const char *prefix, uint32_t disk, uint32_t partition)
{
	char *at = name + str_copy(name, prefix, BLK_NAME_SIZE);

	at = letters_put(at, disk);
	*at = '\0';
	if (partition)
		fmt_snprintf(at, BLK_NAME_SIZE - (size_t)(at - name), "%u", partition);
}

static bool name_from_range(const struct range *r, uint32_t number, char *name)
{
	uint32_t minor = number & 0xff;

	if (number >> 8 != r->major)
		return false;
	name_make(name, r->prefix, (minor >> r->shift) + r->first,
		  minor & ((1u << r->shift) - 1));
	return true;
}

void blk_name(uint32_t number, char name[BLK_NAME_SIZE])
{
	if (number >> 28 == 1) {
		number &= EXTENDED_MASK;
		name_make(name, "xvd", number >> EXTENDED_SHIFT, number & 0xff);
		return;
	}
	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (name_from_range(&ranges[i], number, name))
			return;
	fmt_snprintf(name, BLK_NAME_SIZE, "vbd%u", number);
}

/* SPDX-License-Identifier: MIT */
#include "lib/line_history.h"

#include <stddef.h>

#include "lib/string.h"

void line_history_add(struct line_history *h, const char *text)
{
	const char *newest = line_history_get(h, 1);

	if (!text[0] || (newest && !strcmp(newest, text)))
		return;
	str_copy(h->lines[h->added++ % LINE_HISTORY], text, LINE_SIZE);
}

const char *line_history_get(const struct line_history *h, unsigned back)
{
	if (!back || back > LINE_HISTORY || back > h->added)
		return NULL;
	return h->lines[(h->added - back) % LINE_HISTORY];
}

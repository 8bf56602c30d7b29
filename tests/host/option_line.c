/* SPDX-License-Identifier: MIT */
#include "tests/host/option_line.h"

#include "lib/option.h"

static void complain(const char *sentence, void *ctx)
{
	struct settings *s = ctx;

	if (s->complaints < COUNT(s->sentences))
		snprintf(s->sentences[s->complaints], sizeof(s->sentences[0]), "%s", sentence);
	s->complaints++;
}

unsigned parse_bytes(struct settings *s, const char *text, size_t length)
{
	const struct option table[] = {
		{.key = "quiet", .kind = OPTION_FLAG, .target = &s->quiet},
		{.key = "smp", .kind = OPTION_FLAG, .target = &s->smp},
		{.key = "ticks", .kind = OPTION_U64, .target = &s->ticks},
		{.key = "name",
		 .kind = OPTION_STRING,
		 .target = s->name,
		 .size = sizeof(s->name)},
		{.key = "route",
		 .kind = OPTION_CHOICE,
		 .target = &s->route,
		 .choices = "auto,intx,gsi"},
	};
	unsigned n;

	*s = (struct settings){.smp = true, .ticks = 100, .name = "none", .route = 77};
	n = option_parse(text, length, table, COUNT(table), complain, s);
	assert_int_equal(n, s->complaints);
	return n;
}

unsigned parse(struct settings *s, const char *text)
{
	char *open = exact_copy(text, strlen(text));
	unsigned n = parse_bytes(s, open, strlen(text));

	free(open);
	return n;
}

/* SPDX-License-Identifier: MIT */
#include "lib/storm.h"

#include "lib/printf.h"
#include "lib/splitmix64.h"

/* Out of 64. Bursts bring the most runs for the least time; what waits for everything to come to
 * rest is rare. */
static const uint8_t weights[NR_STORM_KINDS] = {
	[STORM_BURST] = 24, [STORM_SEND] = 8,     [STORM_RESEND] = 6,   [STORM_MASK] = 4,
	[STORM_UNMASK] = 4, [STORM_HIDE] = 3,     [STORM_MOVE] = 5,     [STORM_SETTLE] = 2,
	[STORM_REOPEN] = 2, [STORM_PRIORITY] = 3, [STORM_ORDER] = 1,    [STORM_DRAIN] = 2,
};

/* The next `bits` bits of a number. */
static unsigned storm_take(uint64_t *random, unsigned bits)
{
	unsigned value = *random & ((1u << bits) - 1);

	*random >>= bits;
	return value;
}

static enum storm_kind storm_kind_of(unsigned dice)
{
	unsigned kind = 0;

	for (; kind < NR_STORM_KINDS - 1 && dice >= weights[kind]; kind++)
		dice -= weights[kind];
	return kind;
}

struct storm_step storm_decide(const struct storm_params *p, uint32_t n)
{
	uint64_t random = splitmix64(p->seed, n);
	struct storm_step step = {.kind = storm_kind_of(storm_take(&random, 6))};
	unsigned away = storm_take(&random, 1);

	step.channel = storm_take(&random, 8) % p->channels;
	step.cpu = away ? storm_take(&random, 8) % p->cpus : 0; /* half of it stays at home */
	step.to = storm_take(&random, 8) % p->cpus;
	step.count = storm_take(&random, 4);
	step.set = storm_take(&random, p->channels);
	step.set |= 1u << step.channel;
	step.far_end = storm_take(&random, 1);
	if (step.kind == STORM_RESEND)
		step.count = 1 + step.count % 4;
	if (step.kind >= STORM_MOVE && step.kind != STORM_ORDER)
		step.cpu = 0;
	return step;
}

static const char *const words[NR_STORM_KINDS] = {
	[STORM_BURST] = "burst",   [STORM_SEND] = "send",     [STORM_RESEND] = "resend",
	[STORM_MASK] = "mask",     [STORM_UNMASK] = "unmask", [STORM_HIDE] = "burst and mask",
	[STORM_MOVE] = "move",     [STORM_SETTLE] = "settle", [STORM_REOPEN] = "reopen",
	[STORM_PRIORITY] = "priority", [STORM_ORDER] = "ordered burst", [STORM_DRAIN] = "drain",
};

int storm_describe(const struct storm_step *s, char *buf, size_t size)
{
	const char *word = words[s->kind];

	switch (s->kind) {
	case STORM_BURST:
	case STORM_HIDE:
	case STORM_ORDER:
		return fmt_snprintf(buf, size, "%s to 0x%x from CPU %u", word, s->set, s->cpu);
	case STORM_RESEND:
		return fmt_snprintf(buf, size, "%s channel %u from CPU %u, %u more by its handler",
				    word, s->channel, s->cpu, s->count);
	case STORM_MOVE:
	case STORM_SETTLE:
		return fmt_snprintf(buf, size, "%s channel %u to CPU %u", word, s->channel,
				    s->to);
	case STORM_REOPEN:
		return fmt_snprintf(buf, size, "%s channel %u, the %s end listens", word,
				    s->channel, s->far_end ? "binding" : "bound");
	case STORM_PRIORITY:
		return fmt_snprintf(buf, size, "%s of channel %u becomes %u", word, s->channel,
				    s->count);
	case STORM_DRAIN:
		return fmt_snprintf(buf, size, "%s all", word);
	default:
		return fmt_snprintf(buf, size, "%s channel %u from CPU %u", word, s->channel,
				    s->cpu);
	}
}

/* --- lists of steps --- */

static const char *list_number(const char *p, uint32_t *value)
{
	uint64_t n = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (unsigned)(*p - '0') < UINT32_MAX ? n * 10 + (unsigned)(*p - '0')
							       : UINT32_MAX;
	*value = (uint32_t)n;
	return p;
}

/* One "a", "a-b" or "a-" at p: [*first, *end). What follows its comma; NULL: it is neither. */
static const char *list_range(const char *p, uint32_t *first, uint32_t *end)
{
	const char *start = p;

	p = list_number(p, first);
	if (p == start)
		return NULL;
	*end = *first + (*first < UINT32_MAX);
	if (*p == '-') {
		start = ++p;
		p = list_number(p, end);
		*end = p == start ? UINT32_MAX : *end + (*end < UINT32_MAX);
	}
	if (*p && *p != ',')
		return NULL;
	return *p ? p + 1 : p;
}

bool storm_list_has(const char *list, uint32_t n)
{
	uint32_t first, end;

	if (!list || !*list)
		return true;
	while (list && *list) {
		list = list_range(list, &first, &end);
		if (list && n >= first && n < end)
			return true;
	}
	return false;
}

uint32_t storm_list_end(const char *list)
{
	uint32_t first, end, highest = 0;

	if (!list || !*list)
		return UINT32_MAX;
	while (*list) {
		list = list_range(list, &first, &end);
		if (!list || end <= first)
			return 0;
		highest = end > highest ? end : highest;
	}
	return highest;
}

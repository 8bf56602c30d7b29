/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

struct number {
	const char *name;
	uint64_t *value;
	uint64_t max;
	const char *what;
};

static void usage(FILE *out, const struct number *numbers)
{
	fputs("usage: hostile-backend vbd|vif DOMID DEVID [TRICK[,TRICK...]] "
	      "[OPTION=VALUE...]\n"
	      "Makes a device of that domain and serves it, from memory. Each connection "
	      "plays\n"
	      "one of the tricks; when none is left, connections are honest. SIGTERM detaches "
	      "it.\n"
	      "Options, with their defaults:\n",
	      out);
	for (; numbers->name; numbers++)
		fprintf(out, "  %s=%llu: %s\n", numbers->name,
			(unsigned long long)*numbers->value, numbers->what);
	fputs("  ip=192.0.2.2: whom the frames of a vif ask for\n"
	      "  front:KEY=VALUE: a key of the frontend's directory\n"
	      "Tricks, and of which device:\n",
	      out);
	plan_help(out);
	exit(out == stdout ? 0 : 2);
}

static bool number_parse(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	*value = strtoull(text, &end, 0);
	return *text && !*end && *text != '-' && *value <= max;
}

static bool option_set(struct options *o, const struct number *number, char *word)
{
	const char *value = strchr(word, '=');

	if (!value++)
		return false;
	if (!strncmp(word, "front:", 6) && o->nr_front < FRONT_KEYS_MAX) {
		o->front[o->nr_front++] = word + 6;
		return true;
	}
	if (!strncmp(word, "ip=", 3)) {
		o->ip = value;
		return true;
	}
	for (; number->name; number++) {
		size_t n = strlen(number->name);

		if (!strncmp(word, number->name, n) && word[n] == '=')
			return number_parse(value, number->max, number->value);
	}
	return false;
}

/* An option has a = and no : before it, but for front:. */
static bool is_option(const char *word)
{
	size_t n = strcspn(word, ":=");

	return word[n] == '=' || !strncmp(word, "front:", 6);
}

static void device_parse(struct options *o, char **argv)
{
	uint64_t domid, devid;

	o->type = argv[1];
	if (strcmp(o->type, "vbd") && strcmp(o->type, "vif"))
		die("%s: neither vbd nor vif", o->type);
	if (!number_parse(argv[2], 0x7fef, &domid))
		die("%s: not a domain's number", argv[2]);
	if (!number_parse(argv[3], UINT32_MAX, &devid))
		die("%s: not a device's number", argv[3]);
	o->domid = (unsigned)domid;
	o->devid = (unsigned)devid;
}

void options_parse(struct options *o, struct plan *plan, int argc, char **argv)
{
	uint64_t again = 0;
	const struct number numbers[] = {
		{"after", &plan->after, UINT64_MAX, "requests or frames before a trick"},
		{"again", &again, 1, "1: after the last trick comes the first"},
		{"sectors", &o->sectors, 1 << 22, "size of a vbd, of 512 bytes each"},
		{"sector-size", &o->sector_size, 1 << 16, "bytes, as it says"},
		{"seed", &o->seed, UINT64_MAX, "of the pattern that a vbd is filled with"},
		{"ring-order", &o->ring_order, 4, "2^N pages of each ring are offered"},
		{"queues", &o->queues, 16, "of a vbd, at most"},
		{"indirect", &o->indirect, 4096, "segments of an indirect request, at most"},
		{"barrier", &o->barrier, 1, "1: a vbd knows barriers, and no flush"},
		{"persistent", &o->persistent, 1, "1: grants may stay mapped"},
		{"every", &o->every, 60000,
		 "milliseconds between two frames of a vif; 0: none"},
		{"for", &o->seconds, 3600, "seconds of a storm"},
		{0},
	};
	const char *wrong;

	*o = (struct options){.sectors = 2048,
			      .sector_size = 512,
			      .queues = 1,
			      .seconds = 5,
			      .every = 200,
			      .ip = "192.0.2.2",
			      .seed = 1};
	if (argc == 2 && !strcmp(argv[1], "--help"))
		usage(stdout, numbers);
	if (argc < 4)
		usage(stderr, numbers);
	device_parse(o, argv);
	for (int i = 4; i < argc; i++) {
		if (is_option(argv[i]) && !option_set(o, numbers, argv[i]))
			die("%s: no such option, or not with that value: see --help", argv[i]);
		if (!is_option(argv[i]) && !plan_parse(plan, argv[i], o->type, &wrong))
			die("%s: no trick of a %s: see --help", wrong, o->type);
	}
	plan->again = again;
}

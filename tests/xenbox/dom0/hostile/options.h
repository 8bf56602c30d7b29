/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef HOSTILE_OPTIONS_H
#define HOSTILE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"

#define FRONT_KEYS_MAX 8u

struct options {
	const char *type;
	unsigned domid, devid;
	/* What an honest backend of that kind would say of itself. */
	uint64_t sectors, sector_size, ring_order, queues, indirect, persistent, barrier,
		seed;
	const char *ip;   /* whose MAC the frames of a vif ask for */
	uint64_t every;   /* milliseconds between two of them */
	uint64_t seconds; /* of a storm */
	/* Keys of the frontend's directory that are not as they should be: KEY=VALUE. */
	char *front[FRONT_KEYS_MAX];
	unsigned nr_front;
};

/* Ends the program when it makes no sense. */
void options_parse(struct options *o, struct plan *plan, int argc, char **argv);

#endif

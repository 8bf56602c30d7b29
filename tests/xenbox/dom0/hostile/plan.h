/* SPDX-License-Identifier: MIT */
/* Which trick is played on which connection, and when. */
#ifndef HOSTILE_PLAN_H
#define HOSTILE_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum trick {
	TRICK_NONE,
	TRICK_KEY, /* key:NAME[=VALUE] */
	/* of any ring */
	TRICK_INDEX_AHEAD,
	TRICK_INDEX_JUMP,
	TRICK_INDEX_BACK,
	TRICK_SCRIBBLE,
	TRICK_NEVER_ANSWERS,
	TRICK_ID_UNKNOWN,
	TRICK_ID_TWICE,
	TRICK_STATUS_UNKNOWN,
	TRICK_RING_KEPT,
	TRICK_GRANT_KEPT,
	TRICK_STORM,
	/* of vbd */
	TRICK_OPERATION_WRONG,
	TRICK_STATUS_ERROR,
	TRICK_STATUS_UNSUPPORTED,
	TRICK_SECTORS_LESS,
	/* of vif: what arrives there */
	TRICK_RX_INDEX_AHEAD,
	TRICK_RX_INDEX_JUMP,
	TRICK_RX_INDEX_BACK,
	TRICK_RX_LENGTH,
	TRICK_RX_OFFSET,
	TRICK_RX_ID_UNKNOWN,
	TRICK_RX_ID_TWICE,
	TRICK_RX_STATUS,
	TRICK_RX_EMPTY,
	TRICK_RX_ENDLESS,
	TRICK_RX_EXTRA_UNKNOWN,
	TRICK_RX_EXTRA_ENDLESS,
	/* of the backend's state */
	TRICK_STATE, /* state:TEXT */
	TRICK_STATE_GONE,
	TRICK_BACKEND_GONE,
	TRICK_DEVICE_GONE,
	NR_TRICKS
};

#define PLAN_MAX 32u

/* The words of the command line, one for each connection; honest when none is left. */
struct plan {
	char *words[PLAN_MAX];
	unsigned count, next;
	bool again;     /* after the last one the first */
	uint64_t after; /* requests, or frames, that are served before a trick */
	/* Of this connection. */
	enum trick now;
	const char *word; /* "": an honest one */
	uint64_t served;
	bool played;
};

/* Words with commas between them. False: *wrong is no trick of that type of device. */
bool plan_parse(struct plan *plan, char *words, const char *type, const char **wrong);
/* Another connection begins. */
void plan_begin(struct plan *plan);
/* It is time for this trick: once for each connection, and said. */
bool plan_due(struct plan *plan, enum trick trick);
/* The same, and true from then on, for what goes on as long as the connection. */
bool plan_on(struct plan *plan, enum trick trick);
/* What follows the colon of key:TEXT and state:TEXT; NULL: the trick is another one. */
const char *plan_text(const struct plan *plan, enum trick trick);
/* A line for each trick. */
void plan_help(FILE *out);

#endif

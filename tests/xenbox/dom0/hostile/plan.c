/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <string.h>

#include "say.h"

static const struct {
	const char *name; /* with a colon: text follows */
	const char *type; /* of device; NULL: any */
	const char *what;
} tricks[NR_TRICKS] = {
	[TRICK_NONE] = {"honest", NULL, "nothing of the kind"},
	[TRICK_KEY] =
		{"key:", NULL,
		 "key:NAME=VALUE: a key of the backend's is that; key:NAME: is not there"},
	[TRICK_INDEX_AHEAD] = {"index-ahead", NULL, "more responses than requests"},
	[TRICK_INDEX_JUMP] = {"index-jump", NULL, "rsp_prod jumps by 2^31"},
	[TRICK_INDEX_BACK] = {"index-back", NULL, "rsp_prod goes back"},
	[TRICK_SCRIBBLE] = {"scribble", NULL,
			    "random bytes all over the ring, again and again"},
	[TRICK_NEVER_ANSWERS] = {"never-answers", NULL, "requests are taken, and that is all"},
	[TRICK_ID_UNKNOWN] = {"id-unknown", NULL, "answers what was never asked"},
	[TRICK_ID_TWICE] = {"id-twice", NULL, "answers the request before once more instead"},
	[TRICK_STATUS_UNKNOWN] = {"status-unknown", NULL, "a status that is none"},
	[TRICK_RING_KEPT] = {"ring-kept", NULL,
			     "closes, and keeps the ring mapped until the program ends"},
	[TRICK_GRANT_KEPT] = {"grant-kept", NULL,
			      "keeps a page of data mapped until the program ends"},
	[TRICK_STORM] = {"storm", NULL, "events as fast as can be, for so many seconds: for="},
	[TRICK_OPERATION_WRONG] = {"operation-wrong", "vbd", "names another operation"},
	[TRICK_STATUS_ERROR] = {"status-error", "vbd", "the disk has failed, once"},
	[TRICK_STATUS_UNSUPPORTED] = {"status-unsupported", "vbd",
				      "knows no such operation, once"},
	[TRICK_SECTORS_LESS] = {"sectors-less", "vbd", "the disk is half as large from now on"},
	[TRICK_RX_INDEX_AHEAD] = {"rx-index-ahead", "vif", "more frames than buffers"},
	[TRICK_RX_INDEX_JUMP] = {"rx-index-jump", "vif", "rsp_prod jumps by 2^31"},
	[TRICK_RX_INDEX_BACK] = {"rx-index-back", "vif", "rsp_prod goes back"},
	[TRICK_RX_LENGTH] = {"rx-length", "vif", "a frame that is longer than its buffer"},
	[TRICK_RX_OFFSET] = {"rx-offset", "vif", "a frame that begins behind its buffer"},
	[TRICK_RX_ID_UNKNOWN] = {"rx-id-unknown", "vif", "fills a buffer that was never given"},
	[TRICK_RX_ID_TWICE] = {"rx-id-twice", "vif", "fills the buffer before once more"},
	[TRICK_RX_STATUS] = {"rx-status", "vif", "a status of -77"},
	[TRICK_RX_EMPTY] = {"rx-empty", "vif", "a frame of no bytes"},
	[TRICK_RX_ENDLESS] = {"rx-endless", "vif", "a frame that goes on in all buffers"},
	[TRICK_RX_EXTRA_UNKNOWN] = {"rx-extra-unknown", "vif", "extra info of type 99"},
	[TRICK_RX_EXTRA_ENDLESS] = {"rx-extra-endless", "vif", "extra info without an end"},
	[TRICK_STATE] = {"state:", NULL, "state:TEXT: the backend's state is that"},
	[TRICK_STATE_GONE] = {"state-gone", NULL, "the backend's state is not there"},
	[TRICK_BACKEND_GONE] = {"backend-gone", NULL, "the backend's directory is not there"},
	[TRICK_DEVICE_GONE] = {"device-gone", NULL,
			       "neither of the directories is there, and the program ends"},
};

static bool trick_has_text(enum trick trick)
{
	return trick == TRICK_KEY || trick == TRICK_STATE;
}

/* NR_TRICKS: there is none of that name. */
static enum trick trick_find(const char *word, const char *type)
{
	for (enum trick t = 0; t < NR_TRICKS; t++) {
		const char *name = tricks[t].name;
		bool same = trick_has_text(t) ? !strncmp(word, name, strlen(name))
					      : !strcmp(word, name);

		if (same && (!tricks[t].type || !strcmp(tricks[t].type, type)))
			return t;
	}
	return NR_TRICKS;
}

bool plan_parse(struct plan *plan, char *words, const char *type, const char **wrong)
{
	char *rest, *word = strtok_r(words, ",", &rest);

	for (; word; word = strtok_r(NULL, ",", &rest)) {
		*wrong = word;
		if (trick_find(word, type) == NR_TRICKS || plan->count == PLAN_MAX)
			return false;
		plan->words[plan->count++] = word;
	}
	return true;
}

/* The words have been looked up before, for their type. */
static enum trick trick_of(const char *word)
{
	enum trick t = trick_find(word, "vbd");

	return t == NR_TRICKS ? trick_find(word, "vif") : t;
}

void plan_begin(struct plan *plan)
{
	if (plan->again && plan->next == plan->count)
		plan->next = 0;
	plan->word = plan->next < plan->count ? plan->words[plan->next++] : "";
	plan->now = *plan->word ? trick_of(plan->word) : TRICK_NONE;
	plan->served = 0;
	plan->played = false;
}

bool plan_due(struct plan *plan, enum trick trick)
{
	if (plan->now != trick || plan->played || plan->served < plan->after)
		return false;
	plan->played = true;
	say("played %s", plan->word);
	return true;
}

bool plan_on(struct plan *plan, enum trick trick)
{
	return plan_due(plan, trick) || (plan->now == trick && plan->played);
}

const char *plan_text(const struct plan *plan, enum trick trick)
{
	return plan->now == trick ? plan->word + strlen(tricks[trick].name) : NULL;
}

void plan_help(FILE *out)
{
	for (enum trick t = 0; t < NR_TRICKS; t++)
		fprintf(out, "  %-19s%-4s %s\n", tricks[t].name,
			tricks[t].type ? tricks[t].type : "", tricks[t].what);
}

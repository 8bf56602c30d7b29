/* SPDX-License-Identifier: MIT */
/* The tricks that any type of device can play: in keys, in states, on rings. */
#include <stdio.h>
#include <string.h>

#include "channel.h"
#include "device_tricks.h"

/* --- keys --- */

/* True: this one is what the trick is about. */
static bool key_is_trick(struct device *d, const char *key, const char **value)
{
	const char *text = plan_text(&d->plan, TRICK_KEY);
	size_t n = text ? strcspn(text, "=") : 0;

	if (!text || strlen(key) != n || strncmp(text, key, n))
		return false;
	*value = text[n] ? text + n + 1 : NULL;
	return true;
}

void device_key(struct device *d, const char *key, const char *value)
{
	key_is_trick(d, key, &value);
	if (value)
		store_write(&d->store, d->store.back, key, value);
	else
		store_remove(&d->store, d->store.back, key);
}

void device_key_number(struct device *d, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	device_key(d, key, text);
}

/* It may be a key that this backend would not have written at all. */
void device_play_key(struct device *d)
{
	const char *text = plan_text(&d->plan, TRICK_KEY);
	char key[64];

	if (!text)
		return;
	snprintf(key, sizeof(key), "%.*s", (int)strcspn(text, "="), text);
	device_key(d, key, NULL);
	d->plan.after = 0; /* there may be no request after it */
	plan_due(&d->plan, TRICK_KEY);
}

/* --- tricks of the state --- */

void device_remove(struct device *d)
{
	store_remove(&d->store, d->store.back, NULL);
	store_remove(&d->store, d->store.front, NULL);
}

void device_play_state(struct device *d)
{
	const char *text = plan_text(&d->plan, TRICK_STATE);

	if (text && plan_due(&d->plan, TRICK_STATE))
		store_write(&d->store, d->store.back, "state", text);
	else if (plan_due(&d->plan, TRICK_STATE_GONE))
		store_remove(&d->store, d->store.back, "state");
	else if (plan_due(&d->plan, TRICK_BACKEND_GONE))
		store_remove(&d->store, d->store.back, NULL);
	else if (plan_due(&d->plan, TRICK_DEVICE_GONE))
		device_remove(d);
	else
		return;
	d->begin_anew = true;
}

/* --- tricks of rings --- */

void device_play_rings(struct device *d)
{
	struct ring *r = &d->rings[0];

	if (plan_due(&d->plan, TRICK_STORM))
		channel_storm(d, r);
	if (plan_due(&d->plan, TRICK_SCRIBBLE))
		channel_scribble(d, r);
	for (enum trick t = TRICK_INDEX_AHEAD; t <= TRICK_INDEX_BACK; t++) {
		if (!plan_due(&d->plan, t))
			continue;
		ring_play_index(r, t);
		channel_notify(d, r);
	}
}

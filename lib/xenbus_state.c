/* SPDX-License-Identifier: MIT */
#include "lib/string.h"
#include "lib/xenbus_state.h"

/* Rings and keys are there: something is to be undone. */
static bool is_published(enum xenbus_state mine)
{
	return mine == XenbusStateInitialised || mine == XenbusStateConnected ||
	       mine == XenbusStateReconfiguring || mine == XenbusStateReconfigured;
}

static enum xenbus_action decide_down(const struct xenbus_view *v)
{
	if (v->mine == XenbusStateClosed)
		return XENBUS_NOTHING;
	if (v->mine != XenbusStateClosing)
		return XENBUS_ANNOUNCE;
	/* A backend that is connected, or about to be, has not seen it yet. */
	switch (v->theirs) {
	case XenbusStateInitialised:
	case XenbusStateConnected:
	case XenbusStateReconfiguring:
	case XenbusStateReconfigured:
		return XENBUS_NOTHING;
	default:
		return XENBUS_CLOSE;
	}
}

/* The backend is at its beginning. */
static enum xenbus_action decide_new(const struct xenbus_view *v)
{
	if (v->mine == XenbusStateClosed)
		return XENBUS_START;
	if (v->mine == XenbusStateInitialising)
		return v->theirs == XenbusStateInitialising ? XENBUS_NOTHING : XENBUS_PUBLISH;
	/* It was further: it has let go of everything, and begins anew. Before the first time
	 * it just has not looked yet. */
	return is_published(v->mine) && v->met ? XENBUS_CLOSE : XENBUS_NOTHING;
}

static enum xenbus_action decide_connected(const struct xenbus_view *v)
{
	switch (v->mine) {
	case XenbusStateInitialising: /* it skipped a state */
		return XENBUS_PUBLISH;
	case XenbusStateInitialised:
	case XenbusStateReconfigured:
		return XENBUS_CONNECT;
	case XenbusStateConnected:
		if (!v->met)
			return XENBUS_CONNECT;
		return v->want == XENBUS_WANT_CHANGE ? XENBUS_ASK : XENBUS_NOTHING;
	default: /* Closed: nothing comes of it until the backend begins anew */
		return XENBUS_NOTHING;
	}
}

static enum xenbus_action decide_reconfiguring(const struct xenbus_view *v)
{
	if (v->theirs == XenbusStateReconfiguring)
		return v->mine == XenbusStateConnected && v->met ? XENBUS_RECONFIGURE
								 : XENBUS_NOTHING;
	/* It agrees to what this side asked for. */
	return v->mine == XenbusStateReconfiguring ? XENBUS_CONNECT : XENBUS_NOTHING;
}

/* The backend has let go of everything, and begins anew when this side does. */
static enum xenbus_action decide_closed(const struct xenbus_view *v)
{
	if (v->mine == XenbusStateClosed)
		return v->again ? XENBUS_START : XENBUS_NOTHING;
	return v->again && v->mine == XenbusStateInitialising ? XENBUS_NOTHING : XENBUS_CLOSE;
}

bool xenbus_fell_back(const struct xenbus_view *v)
{
	return v->met && v->want != XENBUS_WANT_DOWN &&
	       (v->theirs == XenbusStateUnknown || v->theirs == XenbusStateInitialising ||
		v->theirs == XenbusStateInitWait || v->theirs == XenbusStateInitialised);
}

enum xenbus_action xenbus_decide(const struct xenbus_view *v)
{
	if (v->want == XENBUS_WANT_DOWN)
		return decide_down(v);
	if (v->mine == XenbusStateClosing) /* the driver has thought better of it, too late */
		return XENBUS_CLOSE;
	switch (v->theirs) {
	case XenbusStateInitialising:
	case XenbusStateInitWait:
		return decide_new(v);
	case XenbusStateInitialised:
		if (v->mine == XenbusStateInitialising)
			return XENBUS_PUBLISH;
		/* From Connected no way leads back there. */
		return is_published(v->mine) && v->met ? XENBUS_CLOSE : XENBUS_NOTHING;
	case XenbusStateConnected:
		return decide_connected(v);
	case XenbusStateReconfiguring:
	case XenbusStateReconfigured:
		return decide_reconfiguring(v);
	case XenbusStateClosing:
		return v->mine == XenbusStateClosed ? XENBUS_NOTHING : XENBUS_CLOSE;
	case XenbusStateClosed:
		return decide_closed(v);
	default: /* gone, or no state at all */
		return is_published(v->mine) ? XENBUS_CLOSE : XENBUS_NOTHING;
	}
}

static const char *const names[] = {
	"Unknown", "Initialising", "InitWait",      "Initialised",  "Connected",
	"Closing", "Closed",       "Reconfiguring", "Reconfigured",
};

#define NR_STATES (sizeof(names) / sizeof(names[0]))

enum xenbus_state xenbus_parse_state(const char *text, unsigned length)
{
	uint64_t state;

	if (str_span_to_u64(text, length, &state) || state >= NR_STATES)
		return XenbusStateUnknown;
	return (enum xenbus_state)state;
}

const char *xenbus_state_name(enum xenbus_state state)
{
	return names[(unsigned)state < NR_STATES ? state : XenbusStateUnknown];
}

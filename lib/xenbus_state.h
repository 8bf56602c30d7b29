/* SPDX-License-Identifier: MIT */
/* What a frontend does next, from its own state, its backend's, and what its driver wants
 * (public/io/xenbus.h; the order of both ends: public/io/blkif.h, "state diagrams"). Pure
 * logic. A backend is not trusted to keep to any order: it may skip, repeat or take back
 * states. */
#ifndef LIB_XENBUS_STATE_H
#define LIB_XENBUS_STATE_H

#include <stdbool.h>

#include <xen/io/xenbus.h>

enum xenbus_want {
	XENBUS_WANT_UP,
	XENBUS_WANT_CHANGE, /* connected already, and something is to be agreed on anew */
	XENBUS_WANT_DOWN,
};

struct xenbus_view {
	enum xenbus_state mine; /* as this side has written it last */
	enum xenbus_state
		theirs; /* as it was read last; anything unknown is XenbusStateUnknown */
	enum xenbus_want want;
	bool met;   /* both have been connected since this side published */
	bool again; /* this side has closed it and begins anew, although the backend has not:
		       such a backend waits for the frontend to do so (Linux, QEMU) */
	bool early; /* the driver is connected as soon as it has published, as network drivers
		       are */
};

/* What to do, and the state to write when it is done. */
enum xenbus_action {
	XENBUS_NOTHING,     /* until something changes */
	XENBUS_START,       /* begin (again): Initialising */
	XENBUS_PUBLISH,     /* rings, ports, keys; then Initialised, or when early Connected */
	XENBUS_CONNECT,     /* read what the backend has published; then Connected, and met */
	XENBUS_ASK,         /* Reconfiguring */
	XENBUS_RECONFIGURE, /* the backend wants something else: agree, then Reconfigured */
	XENBUS_ANNOUNCE,    /* Closing, and wait for the backend */
	XENBUS_CLOSE,       /* the backend has let go, or is gone: undo all; Closed */
};

enum xenbus_action xenbus_decide(const struct xenbus_view *v);
/* The backend was connected, and is in a state now to which no order leads from there: it has
 * begun anew without a word, or its state is gone or nonsense. (It is closed, which
 * xenbus_decide says.) */
bool xenbus_fell_back(const struct xenbus_view *v);

/* Of a node's value, as many bytes as were read. Not a number or none that is known:
 * XenbusStateUnknown. */
enum xenbus_state xenbus_parse_state(const char *text, unsigned length);
const char *xenbus_state_name(enum xenbus_state state);

#endif

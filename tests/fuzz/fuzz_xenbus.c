/* SPDX-License-Identifier: MIT */
/* A driver before a backend that goes from any state to any other, whose state's text is any
 * bytes: the driver does as it is told, and each step must be one that it can do then. */
#include "tests/fuzz/fuzz.h"

#include "lib/xenbus_state.h"

#define NR_WANTS 3

static struct xenbus_view view;
static bool published; /* rings and keys are there */
static bool connected; /* the backend's have been read since */
static unsigned undone;

static void publish(void)
{
	fuzz_assert(!published);
	published = true;
	connected = view.met = false;
	view.mine = view.early ? XenbusStateConnected : XenbusStateInitialised;
}

/* All is undone, and once only: what was published may have been announced as closing. */
static void undo(void)
{
	fuzz_assert(view.mine != XenbusStateClosed);
	undone++;
	published = connected = view.met = false;
	view.mine = XenbusStateClosed;
	if (view.again)
		view.want = XENBUS_WANT_UP;
}

static void agree(enum xenbus_state theirs, enum xenbus_state mine)
{
	fuzz_assert(published && connected && view.met && view.theirs == theirs);
	view.mine = mine;
}

static void front_do(enum xenbus_action action)
{
	switch (action) {
	case XENBUS_START:
		fuzz_assert(!published && view.mine == XenbusStateClosed);
		view.mine = XenbusStateInitialising;
		break;
	case XENBUS_PUBLISH:
		fuzz_assert(view.mine == XenbusStateInitialising);
		publish();
		break;
	case XENBUS_CONNECT:
		fuzz_assert(published && (view.theirs == XenbusStateConnected ||
					  view.theirs == XenbusStateReconfigured));
		connected = view.met = true;
		view.again = false;
		view.mine = XenbusStateConnected;
		if (view.want == XENBUS_WANT_CHANGE)
			view.want = XENBUS_WANT_UP;
		break;
	case XENBUS_ASK:
		fuzz_assert(view.want == XENBUS_WANT_CHANGE);
		agree(XenbusStateConnected, XenbusStateReconfiguring);
		break;
	case XENBUS_RECONFIGURE:
		agree(XenbusStateReconfiguring, XenbusStateReconfigured);
		break;
	case XENBUS_ANNOUNCE:
		fuzz_assert(view.want == XENBUS_WANT_DOWN);
		view.mine = XenbusStateClosing;
		break;
	default:
		fuzz_assert(action == XENBUS_CLOSE);
		undo();
	}
}

/* Until there is nothing to do, to which it must come; then what is up is up for a reason. */
static void front_run(void)
{
	enum xenbus_action action;
	unsigned steps = 0, before = undone;
	bool fell = xenbus_fell_back(&view);

	while ((action = xenbus_decide(&view)) != XENBUS_NOTHING) {
		fuzz_assert(++steps < 8);
		front_do(action);
	}
	if (fell) /* whoever says so has it closed */
		fuzz_assert(undone == before + 1);
	fuzz_assert(*xenbus_state_name(view.mine) && *xenbus_state_name(view.theirs));
	if (view.want == XENBUS_WANT_DOWN)
		fuzz_assert(view.mine == XenbusStateClosed || view.mine == XenbusStateClosing);
	if (view.theirs == XenbusStateClosed || view.theirs == XenbusStateClosing)
		fuzz_assert(!published);
	if (view.theirs == XenbusStateClosing ||
	    (view.theirs == XenbusStateClosed && !view.again))
		fuzz_assert(view.mine == XenbusStateClosed);
	if (view.mine == XenbusStateClosed || view.mine == XenbusStateInitialising)
		fuzz_assert(!published);
	if (connected)
		fuzz_assert(published && view.met);
}

/* Decimal digits, or hexadecimal ones behind 0x; what they say, 0 when it is no state. */
static enum xenbus_state state_of(const char *text, size_t n)
{
	char digits[8] = {0}, *end;
	unsigned long value;
	bool hex = n > 2 && text[0] == '0' && (text[1] | 32) == 'x';
	size_t zeros = hex ? 2 : 0;

	for (size_t i = zeros; i < n; i++)
		if (!strchr(hex ? "0123456789abcdefABCDEF" : "0123456789", text[i]) || !text[i])
			return XenbusStateUnknown;
	while (zeros < n && text[zeros] == '0')
		zeros++;
	if (n - zeros >= sizeof(digits))
		return XenbusStateUnknown;
	memcpy(digits, text + zeros, n - zeros);
	value = strtoul(digits, &end, hex ? 16 : 10);
	return value <= XenbusStateReconfigured ? (enum xenbus_state)value : XenbusStateUnknown;
}

static enum xenbus_state read_state(struct fuzz *f)
{
	size_t n = fuzz_u8(f) % 24;
	char *text = fuzz_copy(f, &n);
	enum xenbus_state state = xenbus_parse_state(text, (unsigned)n);

	fuzz_assert(state == state_of(text, n));
	free(text);
	return state;
}

/* When the backend behaves again, all ends well. */
static void behave(void)
{
	view.want = XENBUS_WANT_UP;
	view.theirs = XenbusStateClosed;
	front_run();
	view.theirs = XenbusStateInitWait;
	front_run();
	fuzz_assert(published);
	view.theirs = XenbusStateConnected;
	front_run();
	fuzz_assert(connected && view.mine == XenbusStateConnected);
}

/* First byte: is it an early driver? Then for each turn one: what is wanted, in bit 3 whether
 * to begin anew, and a state, in the upper half or, 15 there, as a text. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz f = {bytes, size};

	view = (struct xenbus_view){.mine = XenbusStateInitialising};
	view.early = fuzz_u8(&f) % 2;
	published = connected = false;
	while (f.left) {
		uint8_t turn = fuzz_u8(&f);

		if (turn % 4 < NR_WANTS)
			view.want = turn % 4;
		if (turn & 8)
			view.again = !view.again;
		view.theirs = turn >> 4 == 15 ? read_state(&f) : (enum xenbus_state)(turn >> 4);
		front_run();
	}
	behave();
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "selftest/net_wire.h"

#include "arch/x86/paging.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/grant.h"
#include "drivers/xen/xenbus.h"
#include "kernel/time.h"
#include "lib/string.h"
#include "selftest/store_device.h"
#include "selftest/xenstore.h"

#define ROOT    "data/cards/device"
#define NODE    ROOT "/vif/77"
#define BACKEND "data/cards/backend"
#define ERROR   "error/" NODE "/error"

struct net_wire wire;

/* --- what a backend does --- */

uint16_t wire_posted_id(unsigned place)
{
	return wire.rx->ring[place % NET_RING_SLOTS].req.id;
}

/* Its next answer, not yet shown. */
void wire_rx_answer(uint16_t id, uint16_t offset, uint16_t flags, int16_t status)
{
	wire.rx->ring[wire.rx_next++ % NET_RING_SLOTS].rsp =
		(struct netif_rx_response){id, offset, flags, status};
}

void wire_rx_honest(uint16_t flags, int16_t status)
{
	uint16_t id = wire_posted_id(wire.rx_next);

	memset(wire.q->rx.buffers + id % wire.q->rx.count * PAGE_SIZE, 0x5a, 60);
	wire_rx_answer(id, 0, flags, status);
}

void wire_rx_extra(uint8_t type, uint8_t flags)
{
	struct netif_extra_info extra = {.type = type, .flags = flags};

	memcpy(&wire.rx->ring[wire.rx_next++ % NET_RING_SLOTS].rsp, &extra, sizeof(extra));
}

void wire_rx_show(unsigned prod)
{
	__atomic_store_n(&wire.rx->rsp_prod, prod, __ATOMIC_RELEASE);
	evtchn_send(wire.rx_port);
}

void wire_tx_show(void)
{
	__atomic_store_n(&wire.tx->rsp_prod, wire.tx_next, __ATOMIC_RELEASE);
	evtchn_send(wire.tx_port);
}

void wire_tx_send(unsigned frames)
{
	static const uint8_t frame[60];

	while (frames--)
		CHECK_EQ(net_tx_put(wire.q, frame, sizeof(frame), 0), 0);
	net_tx_push(wire.q);
}

const struct netif_tx_request *wire_tx_request(unsigned place)
{
	return &wire.tx->ring[(wire.tx_first + place) % NET_RING_SLOTS].req;
}

void wire_tx_answer(uint16_t id, int16_t status)
{
	wire.tx->ring[wire.tx_next++ % NET_RING_SLOTS].rsp = (struct netif_tx_response){id, status};
}

static bool all_taken(void *ctx)
{
	return wire.q->rx.taken == wire.rx_next && wire.q->rx.ids.nr_out == wire.q->rx.count;
}

void wire_check_taken(void)
{
	wire_rx_show(wire.rx_next);
	CHECK(time_wait(all_taken, NULL, PATIENCE_NS));
}

/* --- a card's life --- */

static bool link_is_up(void *ctx)
{
	return wire.q->card->link;
}

/* A card that has the guest's address announces it when its link is up: whether that was before
 * or after the test's first frame would be a matter of time. */
static void take_greeting(void)
{
	CHECK(time_wait(link_is_up, NULL, PATIENCE_NS));
	for (; wire.tx_first != wire.tx->req_prod; wire.tx_first++)
		wire_tx_answer(wire_tx_request(0)->id, NETIF_RSP_OKAY);
	if (wire.tx_first)
		wire_tx_show();
}

static bool card_connect(void)
{
	struct netfront *card = netfronts;

	CHECK(store_device_await(NODE, XenbusStateConnected));
	while (card && strcmp(card->name, "eth77"))
		card = card->next;
	if (!CHECK(card && card->queue && card->split && card->nr_queues == 1))
		return false;
	wire = (struct net_wire){.q = card->queue};
	wire.rx = wire.q->rx.page;
	wire.tx = wire.q->tx.page;
	wire.rx_port = evtchn_bind_interdomain(xen_domid(), wire.q->rx.port);
	wire.tx_port = evtchn_bind_interdomain(xen_domid(), wire.q->tx.port);
	CHECK(wire.rx_port > 0 && wire.tx_port > 0);
	CHECK_EQ(xenstore_write(BACKEND "/state", "4"), 0);
	take_greeting();
	return true;
}

static void card_disconnect(void)
{
	CHECK_EQ(evtchn_close(wire.rx_port), 0);
	CHECK_EQ(evtchn_close(wire.tx_port), 0);
}

/* It is closed, in order, and the store says why; then it begins anew. */
static void check_blamed(const char *said)
{
	char text[80] = "";
	int n;

	CHECK(store_device_await(NODE, XenbusStateClosing));
	n = xenstore_read(ERROR, text, sizeof(text));
	if (n < (int)strlen(said) || strcmp(text + n - strlen(said), said))
		selftest_fail("\"%s\" for \"%s\"", text, said);
	card_disconnect();
	CHECK_EQ(xenstore_write(BACKEND "/state", "6"), 0);
	CHECK(store_device_await(NODE, XenbusStateInitialising));
}

void wire_with(void (*act)(void), const char *said)
{
	static const char *const keys[][2] = {
		{NODE "/mac", "00:16:3e:00:00:77"},
		{BACKEND "/feature-rx-copy", "1"},
		{BACKEND "/feature-split-event-channels", "1"},
		{BACKEND "/multi-queue-max-queues", "-1"}, /* no number, and said to be none */
	};
	struct store_device device = {.node = NODE,
				      .backend = BACKEND,
				      .backend_state = "2",
				      .backend_id = xen_domid(),
				      .keys = keys,
				      .nr_keys = sizeof(keys) / sizeof(keys[0])};
	struct xenbus bus = {.root = ROOT};
	unsigned out = grant_out();

	xenstore_rm("data/cards");
	CHECK_EQ(store_device_make(&device), 0);
	CHECK_EQ(xenbus_open(&bus), 0);
	if (card_connect()) {
		act();
		if (said)
			check_blamed(said);
		else
			card_disconnect();
	}
	xenbus_shut(&bus);
	CHECK_EQ(grant_out(), out);
	xenstore_rm("data/cards");
	xenstore_rm(ERROR);
}

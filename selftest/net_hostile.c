/* SPDX-License-Identifier: MIT */
/* A network card before backends that do what none may: where its own books are to notice. (All
 * of it, against a real dom0, is in tests/guest/test_hostile_net.py.) */
#include "arch/x86/paging.h"
#include "selftest/needs.h"
#include "selftest/net_wire.h"
#include "selftest/xenstore.h"

static void more_than_asked(void)
{
	wire_rx_show(wire.q->rx.count + 1);
}

static void asked_once(void)
{
	uint16_t id = wire_posted_id(0);

	wire_rx_answer(id, 0, 0, 60);
	wire_rx_answer(id, 0, 0, 60);
	wire_rx_show(2);
}

static void beyond_the_page(void)
{
	wire_rx_answer(wire_posted_id(0), PAGE_SIZE - 59, 0, 60);
	wire_rx_show(1);
}

static void endless_extras(void)
{
	wire_rx_honest(NETRXF_extra_info, 60);
	for (unsigned i = 0; i < 30; i++)
		wire_rx_extra(XEN_NETIF_EXTRA_TYPE_HASH, XEN_NETIF_EXTRA_FLAG_MORE);
	wire_rx_show(31);
}

static void tx_twice(void)
{
	uint16_t id;

	wire_tx_send(2);
	id = wire_tx_request(0)->id;
	wire_tx_answer(id, NETIF_RSP_OKAY);
	wire_tx_answer(id, NETIF_RSP_OKAY);
	wire_tx_show();
}

static void tx_status(void)
{
	wire_tx_send(1);
	wire_tx_answer(wire_tx_request(0)->id, 5);
	wire_tx_show();
}

static const struct {
	void (*act)(void);
	const char *said;
} hostile[] = {
	{more_than_asked, "more responses than requests"},
	{asked_once, "second response"},
	{beyond_the_page, "a received slot reaches beyond its page"},
	{endless_extras, "a received frame has no end"},
	{tx_twice, "second response"},
	{tx_status, "an answer to a sent frame has no such status"},
};

SELFTEST(net_hostile)
{
	NEEDS(store);
	for (unsigned i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		wire_with(hostile[i].act, hostile[i].said);
}

/* SPDX-License-Identifier: MIT */
/* A network card before an honest backend. */
#include "arch/x86/paging.h"
#include "kernel/time.h"
#include "selftest/needs.h"
#include "selftest/net_wire.h"
#include "selftest/xenstore.h"

/* Frames of one slot and of several, whose pages come back; what is refused is counted. */
static void check_honest(void)
{
	wire_rx_honest(0, 60);
	wire_check_taken();
	CHECK(wire.q->rx.frames == 1 && wire.q->rx.bytes == 60 && wire.q->in.bytes[59] == 0x5a);
	wire_rx_honest(NETRXF_more_data | NETRXF_extra_info, 60);
	wire_rx_extra(XEN_NETIF_EXTRA_TYPE_HASH, 0);
	wire_rx_honest(0, 40);
	wire_check_taken();
	CHECK(wire.q->rx.frames == 2 && wire.q->rx.bytes == 160);
	wire_rx_honest(NETRXF_extra_info, 60);
	wire_rx_extra(XEN_NETIF_EXTRA_TYPE_GSO, XEN_NETIF_EXTRA_FLAG_MORE);
	wire_rx_extra(XEN_NETIF_EXTRA_TYPE_HASH, 0);
	wire_rx_honest(0, NETIF_RSP_ERROR);
	wire_rx_honest(NETRXF_gso_prefix, 0);
	wire_rx_honest(NETRXF_more_data, PAGE_SIZE);
	wire_rx_honest(0, 60);
	wire_check_taken();
	CHECK(wire.q->rx.frames == 2 && wire.q->refused[NET_REFUSED_EXTRA] == 1);
	CHECK(wire.q->refused[NET_REFUSED_ERROR] == 1 &&
	      wire.q->refused[NET_REFUSED_PREFIX] == 1);
	CHECK_EQ(wire.q->refused[NET_REFUSED_LONG], 1);
}

static bool all_answered(void *ctx)
{
	return wire.q->tx.taken == wire.tx_next;
}

static void check_sent(void)
{
	uint16_t first, second;

	wire_tx_send(2);
	CHECK_EQ(wire.tx->req_prod, wire.tx_first + 2);
	first = wire_tx_request(0)->id;
	second = wire_tx_request(1)->id;
	CHECK(wire_tx_request(0)->size == 60 &&
	      wire_tx_request(0)->gref != wire_tx_request(1)->gref);
	wire_tx_answer(second, NETIF_RSP_OKAY); /* in any order */
	wire_tx_answer(first, NETIF_RSP_DROPPED);
	wire_tx_show();
	CHECK(time_wait(all_answered, NULL, PATIENCE_NS));
	CHECK(wire.q->tx.ids.nr_out == 0 && wire.q->tx_failed == 1);
}

SELFTEST(net_front)
{
	NEEDS(store);
	wire_with(check_honest, NULL);
	wire_with(check_sent, NULL);
}

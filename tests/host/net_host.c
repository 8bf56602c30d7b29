/* SPDX-License-Identifier: MIT */
#include "tests/host/net_host.h"
#include "tests/host/test.h"

void host_start(struct net_stack *stack, size_t mtu)
{
	assert_int_equal(net_stack_init(stack, &wire_us, &wire_config, mtu), 0);
}

static uint64_t frames_counted(const struct net_stack *stack)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < NR_NET_DROPS; i++)
		n += stack->drops[i];
	return n;
}

int host_receive(struct net_stack *stack, struct wire *w)
{
	uint64_t before = frames_counted(stack);
	size_t room = w->room ? w->room : WIRE_MAX;
	void *frame = exact_copy(w->bytes, w->length);
	struct net_output out = {malloc(room), room, 1, 1}; /* both are to be set */
	const struct net_input in = {frame, w->length, w->flags, w->now_ns};
	int result = net_stack_receive(stack, &in, &out);

	assert_int_equal(frames_counted(stack), before + 1);
	assert_int_equal(out.length, result > 0 ? result : 0);
	assert_true(out.length || !out.flags);
	assert_true(out.length <= room && out.length <= AT_IP + stack->mtu);
	memcpy(w->reply, out.frame, out.length);
	w->reply_flags = out.flags;
	free(out.frame);
	free(frame);
	return result;
}

int host_ping_poll(struct net_stack *stack, struct wire *w, uint64_t now_ns)
{
	struct net_output out = {.frame = w->reply, .size = w->room ? w->room : WIRE_MAX};
	int result = net_ping_poll(stack, now_ns, &out);

	if (result > 0)
		assert_int_equal(out.length, result);
	return result;
}

void host_drops(struct net_stack *stack, struct wire *w, enum net_drop want)
{
	uint64_t before = stack->drops[want];

	assert_int_equal(host_receive(stack, w), net_drop_errno(want));
	if (stack->drops[want] != before + 1)
		fail_msg("not dropped as %s", net_drop_name(want));
}

void host_check_reply(const struct wire *w, int length)
{
	const uint8_t *ip = w->reply + AT_IP, *data = w->reply + AT_IP_DATA;

	assert_true(length >= AT_IP_DATA + 8);
	assert_memory_equal(w->reply + AT_MAC_TO, &wire_peer, 6);
	assert_memory_equal(w->reply + AT_MAC_FROM, &wire_us, 6);
	assert_int_equal(wire_get16(w->reply + AT_TYPE), 0x0800);
	assert_int_equal(ip[0], 0x45);
	assert_int_equal(wire_get16(ip + IP_LENGTH), length - AT_IP);
	assert_int_equal(wire_checksum(ip, 20), 65535);
	assert_int_equal(wire_get32(ip + IP_FROM), WIRE_US);
	assert_int_equal(wire_get32(ip + IP_TO), WIRE_PEER);
	if (ip[IP_PROTOCOL] == 1)
		assert_int_equal(wire_checksum(data, length - AT_IP_DATA), 65535);
	else if (!w->reply_flags)
		assert_int_equal(wire_udp_checksum(ip), 65535);
}

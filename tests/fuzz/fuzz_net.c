/* SPDX-License-Identifier: MIT */
/* Frames of any bytes, with any flags, to a host that pings at times; and the texts of its
 * addresses. */
#include "tests/host/net_host.h"
#include "tests/host/test.h"

#include "lib/errno.h"
#include "lib/net_udp.h"

static struct net_stack stack;
static struct wire w;
static struct fuzz input;

/* A service that says whatever the input says. */
static int serve(void *ctx, const struct net_udp_request *request, uint8_t *reply, size_t size)
{
	size_t n = fuzz_u8(&input);

	(void)ctx;
	fuzz_assert(request->port && request->length <= w.length);
	if (n == 255)
		return -ENODATA;
	if (n > size)
		return -EMSGSIZE;
	fuzz_take(&input, reply, n);
	return (int)n;
}

/* The lengths in the headers are believed only as far as the frame goes. */
static void seal(unsigned seals)
{
	size_t head = AT_IP + w.bytes[AT_IP] % 16 * 4u, ip = wire_get16(w.bytes + AT_IP + 2);

	if (w.length < AT_IP_DATA + 8 || wire_get16(w.bytes + AT_TYPE) != NET_TYPE_IPV4)
		return;
	if (seals & 1 && head <= w.length)
		wire_seal_ip(&w);
	if (head != AT_IP_DATA || ip < 28 || AT_IP + ip > w.length)
		return;
	if (seals & 2 && w.bytes[AT_IP + IP_PROTOCOL] == NET_IP_ICMP) {
		size_t length = w.length;

		w.length = AT_IP + ip; /* without the padding */
		wire_seal_icmp(&w);
		w.length = length;
	}
	if (seals & 2 && w.bytes[AT_IP + IP_PROTOCOL] == NET_IP_UDP)
		wire_seal_udp(&w);
}

/* It goes back to where the frame came from (ARP: to the sender that it names, RFC 826), whole,
 * with right sums, and is no longer. */
static void check_reply(size_t length, bool longer)
{
	const uint8_t *ip = w.reply + AT_IP, *to = w.bytes + AT_MAC_FROM;
	bool arp = wire_get16(w.bytes + AT_TYPE) == NET_TYPE_ARP;

	if (arp)
		to = w.bytes + AT_ARP + ARP_SENDER_MAC;
	fuzz_assert(length >= AT_ARP + NET_ARP_BYTES && (longer || length <= w.length));
	fuzz_assert(memcmp(w.reply + AT_MAC_TO, to, 6) == 0);
	fuzz_assert(memcmp(w.reply + AT_MAC_FROM, &wire_us, 6) == 0);
	fuzz_assert(memcmp(w.reply + AT_TYPE, w.bytes + AT_TYPE, 2) == 0);
	if (arp)
		return;
	fuzz_assert(ip[0] == 0x45 && wire_get16(ip + IP_LENGTH) == length - AT_IP);
	fuzz_assert(wire_checksum(ip, NET_IP_HEADER) == 0xffff);
	fuzz_assert(wire_get32(ip + IP_FROM) == WIRE_US);
	fuzz_assert(wire_get32(ip + IP_TO) == wire_get32(w.bytes + AT_IP + IP_FROM));
	if (ip[IP_PROTOCOL] == NET_IP_ICMP) {
		/* An echo is as long as its request, without that one's options and padding. */
		fuzz_assert(length - AT_IP_DATA + w.bytes[AT_IP] % 16 * 4u ==
			    wire_get16(w.bytes + AT_IP + IP_LENGTH));
		fuzz_assert(wire_checksum(ip + 20, length - AT_IP_DATA) == 0xffff);
	}
	if (ip[IP_PROTOCOL] == NET_IP_UDP && !w.reply_flags)
		fuzz_assert(wire_udp_checksum(ip) == 0xffff);
}

/* All of it from the input. */
static void raw_frame(void)
{
	w.length = fuzz_u16(&input) % 2048;
	if (w.length > input.left)
		w.length = input.left;
	memset(w.bytes, 0, AT_IP_DATA + 68);
	fuzz_take(&input, w.bytes, w.length);
}

/* A good one, of which a few bytes are changed, and which is padded. */
static void made_frame(void)
{
	unsigned kind = fuzz_u8(&input), n = fuzz_u8(&input);
	uint64_t now_ns = w.now_ns;

	if (kind % 4 == 0)
		wire_arp(&w, 1 + kind / 4 % 2, (WIRE_US & ~0xffu) + n, WIRE_US);
	else if (kind % 4 == 1)
		wire_udp(&w, 40000, kind & 4 ? 7 : 9, n);
	else
		wire_echo(&w, kind & 4 ? 8 : 0, 1, 2, n);
	if (kind % 4 == 3)
		wire_options(&w, kind / 8 % 10 * 4);
	w.now_ns = now_ns;
	for (n = fuzz_u8(&input) % 4; n; n--)
		w.bytes[fuzz_u8(&input) % w.length] = fuzz_u8(&input);
	w.length += fuzz_u8(&input) % 32;
}

/* How: the flags, what is sealed, a small buffer for the reply, a frame that is made. */
static void take_frame(void)
{
	unsigned how = fuzz_u8(&input);
	size_t room = how & 0x10 ? 1 + fuzz_u8(&input) : 0;
	uint64_t served = stack.drops[NET_DROP_NONE];
	int result;

	if (how & 0x20)
		made_frame();
	else
		raw_frame();
	w.flags = how % 4;
	w.room = room;
	seal(how >> 2);
	result = host_receive(&stack, &w);
	fuzz_assert(result >= 0 || result > -200);
	fuzz_assert((result >= 0) == (stack.drops[NET_DROP_NONE] == served + 1));
	if (result > 0) /* only port 9 has a service that says more than it was asked */
		check_reply(result, w.bytes[AT_IP + IP_PROTOCOL] == NET_IP_UDP ||
					    wire_get16(w.bytes + AT_TYPE) == NET_TYPE_ARP);
}

static void ping(void)
{
	uint32_t target = fuzz_u32(&input);
	size_t length = fuzz_u16(&input);
	int err;

	if (target % 2)
		target = WIRE_PEER;
	err = net_ping_start(&stack, target, fuzz_u8(&input), fuzz_u8(&input), length);
	fuzz_assert(!err || err == -EINVAL || err == -EMSGSIZE || err == -ENXIO);
	fuzz_assert(err || 28 + length <= stack.mtu);
}

static void poll(void)
{
	int length;

	w.room = fuzz_u8(&input);
	length = host_ping_poll(&stack, &w, w.now_ns);
	fuzz_assert(length >= 0 || length == -EMSGSIZE);
	fuzz_assert(length <= (int)(AT_IP + stack.mtu));
	if (length > (int)(AT_IP_DATA) && wire_get16(w.reply + AT_TYPE) == NET_TYPE_IPV4)
		fuzz_assert(wire_checksum(w.reply + AT_IP_DATA, length - AT_IP_DATA) == 0xffff);
}

/* What is understood means the same when it is written, and read again. */
static void texts(void)
{
	size_t n = fuzz_u8(&input) % 64 + 1u;
	char *text = fuzz_copy(&input, &n), again[32];
	struct net_config config;
	struct net_mac mac, mac_again;
	uint32_t address, address_again;
	const char *why = NULL;

	if (n) {
		text[n - 1] = '\0';
		if (!net_address_parse(text, &address))
			fuzz_assert(!net_address_parse(net_address_format(address, again),
						       &address_again) &&
				    address == address_again);
		if (!net_mac_parse(text, &mac))
			fuzz_assert(!net_mac_parse(net_mac_format(&mac, again), &mac_again) &&
				    net_mac_equal(&mac, &mac_again));
		if (!net_config_parse(text, &config, &why))
			fuzz_assert(net_address_is_host(config.address) &&
				    net_config_on_link(&config, config.address));
		else
			fuzz_assert(why && *why);
	}
	free(text);
}

static void step(void)
{
	switch (fuzz_u8(&input) % 8) {
	case 0:
	case 1:
	case 2:
		take_frame();
		break;
	case 3:
		ping();
		break;
	case 4:
		poll();
		break;
	case 5:
		w.now_ns += fuzz_u32(&input) * 100ull;
		break;
	case 6:
		texts();
		break;
	default:
		stack.csum_blank = !stack.csum_blank;
		(void)net_stack_serve(&stack, fuzz_u8(&input), serve, NULL);
	}
}

/* First two bytes: the mtu. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t frame[64];
	struct net_output out = {.frame = frame, .size = sizeof(frame)};

	input = (struct fuzz){bytes, size};
	host_start(&stack, NET_IP_MTU_MIN +
				   fuzz_u16(&input) % (NET_STACK_MTU_MAX + 1 - NET_IP_MTU_MIN));
	fuzz_assert(net_stack_serve(&stack, 9, serve, NULL) == 0);
	fuzz_assert(net_stack_announce(&stack, &out) == 42);
	w.now_ns = 0;
	while (input.left)
		step();
	fuzz_assert(*net_drop_name(size % NR_NET_DROPS));
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "drivers/xen/net/netfront.h"
#include "drivers/xen/net/netfront_ping.h"
#include "drivers/xen/net/netfront_send.h"
#include "drivers/xen/net/netfront_show.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/latency.h"
#include "lib/string.h"

#define COUNT_DEFAULT 3u
#define COUNT_MAX     100000u
#define SIZE_DEFAULT  56u
#define SECONDS       3u
#define SECONDS_MAX   3600u

/* Nothing could be sent. */
static void say_why_not(const char *address, int err)
{
	switch (err) {
	case -ENODEV:
		printk("net: no card has an address: ip=\n");
		break;
	case -ENOTCONN:
		printk("net: the link is down\n");
		break;
	case -EMSGSIZE:
		printk("net: that is more than the mtu\n");
		break;
	case -ENXIO:
		printk("net: %s is on another network, and there is no gateway\n", address);
		break;
	case -EINVAL:
		printk("net: %s is no other host's address\n", address);
		break;
	case -ETIMEDOUT:
		printk("net: %s does not answer\n", address);
		break;
	default:
		printk("net: error %d\n", err);
	}
}

/* words: ADDRESS [A [B]], of which A and B are numbers. */
static int parse(unsigned count, char **words, uint32_t *address, int *a, unsigned a_max,
		 int *b)
{
	if (count < 1 || count > 3)
		return -EINVAL;
	if (count > 1)
		*a = shell_number(words[1], a_max + 1);
	if (count > 2)
		*b = shell_number(words[2], NET_MTU_MAX);
	if (*a < 0 || *b < 0)
		return -EINVAL;
	if (!net_address_parse(words[0], address))
		return 0;
	printk("net: %s is no address, as 192.168.7.1 is one\n", words[0]);
	return -ENOENT;
}

static int net_shell_ping(unsigned count, char **words)
{
	int times = COUNT_DEFAULT, size = SIZE_DEFAULT, n, answered = 0;
	uint32_t address;
	uint64_t ns;
	int err = parse(count, words, &address, &times, COUNT_MAX, &size);

	if (err)
		return err == -ENOENT ? 0 : err;
	for (n = 0; n < times; n++) {
		err = net_ping(address, n, size, &ns);
		answered += !err;
		if (!err)
			printk("%d bytes from %s: %d, %llu us\n", size, words[0], n,
			       (unsigned long long)ns / 1000);
		else if (err == -ETIMEDOUT)
			printk("%s: %d, no answer\n", words[0], n);
		else
			break;
	}
	if (n < times)
		say_why_not(words[0], err);
	printk("%d sent, %d answered\n", n, answered);
	return 0;
}

/* Since then. */
static void events_print(const struct net_events *from)
{
	struct net_events now = net_events();

	printk("%llu notifications, %llu rx irqs, %llu tx irqs\n",
	       (unsigned long long)(now.notifications - from->notifications),
	       (unsigned long long)(now.rx_runs - from->rx_runs),
	       (unsigned long long)(now.tx_runs - from->tx_runs));
}

/* Round trips, one after the other. */
static int net_shell_bench(unsigned count, char **words)
{
	static struct latency rounds; /* one at a time: the shell is one */
	int seconds = SECONDS, size = SIZE_DEFAULT, lost = 0;
	struct net_events before;
	uint64_t ns, end;
	uint32_t address;
	int err = parse(count, words, &address, &seconds, SECONDS_MAX, &size);

	if (err)
		return err == -ENOENT ? 0 : err;
	latency_reset(&rounds);
	before = net_events();
	end = time_now_ns() + seconds * NS_PER_SEC;
	for (unsigned n = 0; time_now_ns() < end; n++) {
		err = net_ping(address, n, size, &ns);
		if (err && err != -ETIMEDOUT) {
			say_why_not(words[0], err);
			return 0;
		}
		lost += !!err;
		if (!err)
			latency_record(&rounds, ns);
	}
	printk("%u round trips of %d bytes in %d s, %d lost; us: min %llu, median %llu, "
	       "p99 %llu, max %llu\n",
	       rounds.count, size, seconds, lost,
	       rounds.count ? (unsigned long long)rounds.min / 1000 : 0,
	       (unsigned long long)latency_quantile(&rounds, 500) / 1000,
	       (unsigned long long)latency_quantile(&rounds, 990) / 1000,
	       (unsigned long long)rounds.max / 1000);
	events_print(&before);
	return 0;
}

static int net_shell_send(unsigned count, char **words)
{
	int times = COUNT_DEFAULT, size = SIZE_DEFAULT;
	struct net_events before = net_events();
	unsigned sent = 0;
	uint32_t address;
	int err = parse(count, words, &address, &times, COUNT_MAX, &size);

	if (err)
		return err == -ENOENT ? 0 : err;
	err = net_stream(address, times, size, &sent);
	if (err)
		say_why_not(words[0], err);
	printk("%u datagrams of %d bytes sent\n", sent, size);
	events_print(&before);
	return 0;
}

SHELL_COMMAND(net, "ls|stats, ping|send ADDRESS [COUNT [SIZE]], bench ADDRESS [SECONDS [SIZE]]",
	      "network cards; pings of our own, and how long they take")
{
	if (count == 2 && !strcmp(words[1], "ls"))
		net_show_cards();
	else if (count == 2 && !strcmp(words[1], "stats"))
		net_show_stats();
	else if (count > 2 && !strcmp(words[1], "ping"))
		return net_shell_ping(count - 2, words + 2);
	else if (count > 2 && !strcmp(words[1], "send"))
		return net_shell_send(count - 2, words + 2);
	else if (count > 2 && !strcmp(words[1], "bench"))
		return net_shell_bench(count - 2, words + 2);
	else
		return -EINVAL;
	return 0;
}

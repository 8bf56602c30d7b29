/* SPDX-License-Identifier: MIT */
/* What the two ends write for each other: public/io/netif.h. */
#include "drivers/xen/evtchn.h"
#include "drivers/xen/net/netfront.h"
#include "drivers/xen/xenbus.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

typedef int read_key_fn(const struct xenbus_device *dev, const char *key, char *buf,
			size_t size);

/* A number from 0 to most; what is there and is none counts as missing, which is said. */
static uint64_t key_number(const struct xenbus_device *dev, read_key_fn *read, const char *key,
			   uint64_t missing, uint64_t most)
{
	char text[24];
	uint64_t value;
	int n = read(dev, key, text, sizeof(text));

	if (n < 0)
		return missing;
	str_clean(text, sizeof(text), (size_t)n);
	if (n < (int)sizeof(text) && !str_to_u64(text, &value) && value <= most)
		return value;
	printk("%s: %s=%s: not a number up to %llu, taken for %llu\n", dev->node, key, text,
	       (unsigned long long)most, (unsigned long long)missing);
	return missing;
}

static uint64_t backend_number(const struct netfront *card, const char *key, uint64_t missing,
			       uint64_t most)
{
	return key_number(card->dev, xenbus_read_backend, key, missing, most);
}

static int read_mac(struct netfront *card)
{
	char text[NET_MAC_TEXT + 1];
	int n = xenbus_read(card->dev, "mac", text, sizeof(text));

	if (n < 0) {
		printk("%s: it has no mac (%d)\n", card->dev->node, n);
		return n;
	}
	str_clean(text, sizeof(text), (size_t)n);
	if (n < (int)sizeof(text) && !net_mac_parse(text, &card->mac))
		return 0;
	printk("%s: mac=%s is none of a host's\n", card->dev->node, text);
	return -EINVAL;
}

/* A queue for each CPU, as far as the backend has so many. */
static unsigned queues_wanted(const struct netfront *card)
{
	uint64_t most = backend_number(card, "multi-queue-max-queues", 1, UINT32_MAX);
	unsigned cpus = cpu_count_online();

	if (!most)
		most = 1;
	if (most > NET_QUEUES_MAX)
		most = NET_QUEUES_MAX;
	return most < cpus ? most : cpus;
}

int net_read_keys(struct netfront *card)
{
	int err = read_mac(card);

	if (err)
		return err;
	if (!backend_number(card, "feature-rx-copy", 0, 1)) {
		printk("%s: the backend does not copy into our pages\n", card->dev->node);
		return -EOPNOTSUPP;
	}
	card->sg = backend_number(card, "feature-sg", 0, 1);
	card->csum = !backend_number(card, "feature-no-csum-offload", 0, 1);
	card->split = backend_number(card, "feature-split-event-channels", 0, 1);
	card->mtu = key_number(card->dev, xenbus_read, "mtu", NET_MTU, NET_MTU_MAX);
	if (card->mtu < NET_IP_MTU_MIN) {
		printk("%s: mtu=%zu is less than IP wants\n", card->dev->node, card->mtu);
		return -EINVAL;
	}
	if (!card->sg && card->mtu > NET_MTU) {
		printk("%s: mtu %zu, but each frame is one page at most: %u\n", card->dev->node,
		       card->mtu, NET_MTU);
		card->mtu = NET_MTU;
	}
	card->nr_queues = queues_wanted(card);
	return 0;
}

/* --- writing; each begins a path below the device's own --- */

static int write_number(const struct xenstore_tx *tx, const struct netfront *card,
			const char *prefix, const char *key, unsigned value)
{
	char path[40];

	fmt_snprintf(path, sizeof(path), "%s%s", prefix, key);
	return xenbus_write_number(tx, card->dev, path, value);
}

static int write_queue(const struct xenstore_tx *tx, const struct net_queue *q)
{
	const struct netfront *card = q->card;
	char prefix[12] = "";
	int err;

	if (card->nr_queues > 1)
		fmt_snprintf(prefix, sizeof(prefix), "queue-%u/", q->index);
	err = write_number(tx, card, prefix, "tx-ring-ref", q->tx.ring_ref);
	if (!err)
		err = write_number(tx, card, prefix, "rx-ring-ref", q->rx.ring_ref);
	if (!err && !card->split)
		return write_number(tx, card, prefix, "event-channel", q->rx.port);
	if (!err)
		err = write_number(tx, card, prefix, "event-channel-tx", q->tx.port);
	return err ? err : write_number(tx, card, prefix, "event-channel-rx", q->rx.port);
}

/* What an earlier life of the device has left there would be believed. */
static int remove_old(const struct xenstore_tx *tx, const struct netfront *card)
{
	static const char *const keys[] = {"event-channel", "event-channel-tx",
					   "event-channel-rx", "tx-ring-ref", "rx-ring-ref"};
	char queue[12];
	int err = 0;

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]) && !err; i++)
		err = xenbus_rm(tx, card->dev, keys[i]);
	for (unsigned i = 0; i < NET_QUEUES_MAX && !err; i++) {
		fmt_snprintf(queue, sizeof(queue), "queue-%u", i);
		err = xenbus_rm(tx, card->dev, queue);
	}
	return err;
}

static int write_all(struct xenstore_tx *tx, void *ctx)
{
	static const struct {
		const char *key;
		unsigned value;
	} features[] = {
		{"request-rx-copy", 1},
		{"feature-rx-notify", 1}, /* it is told when it may go on */
		{"feature-sg", 1},        /* a frame may take several of our pages */
		{"feature-gso-tcpv4", 0}, /* but is none that would be cut up first */
		{"feature-gso-tcpv6", 0},
		{"feature-no-csum-offload", 0}, /* IPv4: a blank checksum is as good */
		{"feature-ipv6-csum-offload", 0},
	};
	const struct netfront *card = ctx;
	int err = remove_old(tx, card);

	for (unsigned i = 0; i < sizeof(features) / sizeof(features[0]) && !err; i++)
		err = write_number(tx, card, "", features[i].key, features[i].value);
	if (!err)
		err = write_number(tx, card, "", "multi-queue-num-queues", card->nr_queues);
	for (unsigned i = 0; i < card->nr_queues && !err; i++)
		err = write_queue(tx, &card->queue[i]);
	return err;
}

int net_write_keys(struct netfront *card)
{
	return xenstore_tx_run(write_all, card);
}

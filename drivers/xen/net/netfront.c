/* SPDX-License-Identifier: MIT */
/* A card's life. Its backend connects as soon as it sees the keys, before connect() here: so
 * all is ready for frames by then. */
#include "drivers/xen/net/netfront.h"

#include "drivers/xen/grant.h"
#include "drivers/xen/xenbus.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

struct netfront *netfronts;

void net_blame(struct netfront *card, int err, const char *what)
{
	if (!__atomic_exchange_n(&card->dead, true, __ATOMIC_RELAXED))
		xenbus_blame(card->dev, err, what);
}

/* --- link --- */

static bool carrier_is_up(const struct netfront *card)
{
	char text[4];

	return xenbus_read_backend(card->dev, "carrier", text, sizeof(text)) != 1 ||
	       text[0] != '0';
}

static void link_look(struct netfront *card)
{
	bool link = card->connected && carrier_is_up(card);

	if (link == card->link)
		return;
	card->link = link;
	printk("%s: link %s\n", card->name, link ? "up" : "down");
	if (link)
		net_stack_hello(card);
}

static void carrier_changed(struct xenstore_watch *w, const char *path)
{
	link_look(w->ctx);
}

static int link_watch(struct netfront *card)
{
	int err;

	fmt_snprintf(card->carrier_path, sizeof(card->carrier_path), "%s/carrier",
		     card->dev->backend);
	card->carrier = (struct xenstore_watch){
		.path = card->carrier_path, .changed = carrier_changed, .ctx = card};
	err = xenstore_watch(&card->carrier);
	card->watching = !err;
	return err;
}

static void link_unwatch(struct netfront *card)
{
	if (card->watching)
		xenstore_unwatch(&card->carrier);
	card->watching = card->connected = card->link = false;
}

/* --- xenbus --- */

static int net_probe(struct xenbus_device *dev)
{
	struct netfront *card = heap_alloc(sizeof(*card));

	if (!card)
		return -ENOMEM;
	fmt_snprintf(card->name, sizeof(card->name), "eth%s", xenbus_id(dev));
	card->dev = dev;
	dev->driver_data = card;
	net_stack_attach(card);
	card->next = netfronts;
	netfronts = card;
	return 0;
}

static int net_publish(struct xenbus_device *dev)
{
	struct netfront *card = dev->driver_data;
	int err = net_read_keys(card);

	if (err)
		return err;
	card->dead = false;
	net_stack_begin(card);
	err = net_queues_open(card);
	return err ? err : net_write_keys(card);
}

static void net_disconnect(struct xenbus_device *dev)
{
	struct netfront *card = dev->driver_data;

	link_unwatch(card);
	net_queues_close(card);
}

/* The new backend may be able to do less, or more: then everything is made anew. */
static int net_republish(struct xenbus_device *dev)
{
	struct netfront *card = dev->driver_data;
	unsigned queues = card->nr_queues;
	bool split = card->split;
	size_t mtu = card->mtu;
	int err;

	link_unwatch(card);
	err = net_read_keys(card);
	if (err || card->nr_queues != queues || card->split != split || card->mtu != mtu) {
		unsigned now = card->nr_queues;

		card->nr_queues = queues; /* those that there are */
		card->split = split;
		net_queues_close(card);
		card->nr_queues = now;
		return err ? err : net_publish(dev);
	}
	net_stack_begin(card);
	err = net_queues_begin(card);
	card->dead = false; /* not before: a handler may have found the old rings at fault */
	return err ? err : net_write_keys(card);
}

static int net_connect(struct xenbus_device *dev)
{
	struct netfront *card = dev->driver_data;
	char mac[NET_MAC_TEXT], address[NET_ADDRESS_TEXT];

	card->connected = true;
	printk("%s: %s, mtu %zu, %u queues, %s%s%s%s%s\n", card->name,
	       net_mac_format(&card->mac, mac), card->mtu, card->nr_queues,
	       card->split ? "rx and tx apart" : "rx and tx together", card->sg ? ", sg" : "",
	       card->csum ? ", csum" : "", card->has_stack ? ", " : "",
	       card->has_stack ? net_address_format(card->stack.config.address, address) : "");
	net_queues_kick(card);
	link_look(card);
	return card->watching ? 0 : link_watch(card);
}

static void net_remove(struct xenbus_device *dev)
{
	struct netfront **at = &netfronts;

	while (*at != dev->driver_data)
		at = &(*at)->next;
	*at = (*at)->next;
	heap_free(dev->driver_data);
	grant_retry(); /* the backend let go when this side had closed */
}

XENBUS_DRIVER(vif, .type = "vif", .early = true, .probe = net_probe, .publish = net_publish,
	      .republish = net_republish, .connect = net_connect, .disconnect = net_disconnect,
	      .remove = net_remove);

/* SPDX-License-Identifier: MIT */
/* A backend that is not to be trusted: it makes a block or network device of a domain, serves
 * it from its own memory, and breaks the protocol in one way that it is told. For tests of
 * frontends. Usage: --help; tests/xenbox/README.md. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "device.h"
#include "say.h"
#include "vbd.h"
#include "vif.h"

#define TURN_MS 20 /* at the most between two looks at what no event announces */

static struct device device;

static void on_signal(int number)
{
	(void)number;
	device.asked_to_end = 1;
}

static void device_open_handles(struct device *d)
{
	d->gnttab = xengnttab_open(NULL, 0);
	d->evtchn = xenevtchn_open(NULL, 0);
	if (!d->gnttab || !d->evtchn)
		die("grants or event channels cannot be used: %s", strerror(errno));
	store_open(&d->store, d->options->domid, d->type->name, d->options->devid);
}

static void turn(struct device *d)
{
	struct pollfd fds[] = {
		{.fd = store_fd(&d->store), .events = POLLIN},
		{.fd = xenevtchn_fd(d->evtchn), .events = POLLIN},
	};

	poll(fds, 2, TURN_MS);
	if (fds[0].revents && store_changed(&d->store))
		device_look(d);
	channel_receive(d);
	device_serve(d);
	device_tick(d);
}

int main(int argc, char **argv)
{
	static struct options options;

	options_parse(&options, &device.plan, argc, argv);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	device.options = &options;
	device.type = !strcmp(options.type, "vbd") ? &vbd_type : &vif_type;
	device_open_handles(&device);
	device_open(&device);
	while (!device.over && !device.asked_to_end)
		turn(&device);
	device_close(&device);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Channels come and go: with daisy on each gets an irq of its own, with daisy off its driver
 * gets an action on the upcall's. Slow paths. */
#include "drivers/xen/evtchn.h"

#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/fault.h"

bool evtchn_daisy_on;
static bool start_with_vector;

bool evtchn_daisy(void)
{
	return evtchn_daisy_on;
}

static bool virq_is_per_vcpu(uint32_t virq)
{
	return virq == VIRQ_TIMER || virq == VIRQ_DEBUG || virq == VIRQ_XENOPROF ||
	       virq == VIRQ_XENPMU;
}

static irq_flow_fn *evtchn_flow_of(const struct evtchn_status *s)
{
	bool percpu = s->status == EVTCHNSTAT_ipi ||
		      (s->status == EVTCHNSTAT_virq && virq_is_per_vcpu(s->u.virq));

	return percpu ? irq_flow_percpu : irq_flow_edge;
}

/* Daisy on: an irq of the channel's own. */
static int channel_attach(struct channel *ch, unsigned flags, const char *name)
{
	int err;
	struct irq *irq = irq_alloc(&err);

	if (!irq)
		return err;
	irq_attach(irq, &evtchn_chip, ch->flow, ch->port, ch, name);
	ch->irq = irq;
	channel_put(ch->port, ch);
	if (start_with_vector)
		irq_set_redelivery(irq->number, true);
	err = irq_request(irq->number, ch->handler, ch->ctx, flags, name);
	if (!err)
		return irq->number;
	channel_set_redelivery(irq, false);
	irq_release(irq);
	return err;
}

/* Daisy off: the driver looks at its own bit. Clears it before the handler, as the chip does.
 * Every CPU's upcall asks every driver; only the one that the port notifies may serve it, or the
 * handler would run on two CPUs at once, and one that belongs to a CPU on another. */
enum irq_result channel_look(struct irq *irq, void *ctx)
{
	struct channel *ch = ctx;

	if (evtchn_abi->is_masked(ch->port) || !evtchn_abi->is_pending(ch->port))
		return IRQ_NONE;
	if (evtchn_abi->bound_cpu(ch->port) != this_cpu()->id || !evtchn_abi->clear(ch->port))
		return IRQ_NONE;
	return ch->handler(irq, ch->ctx);
}

static int channel_share(struct channel *ch, const char *name)
{
	int number = upcall_irq();
	int err = number < 0 ? number : irq_request(number, channel_look, ch, IRQ_SHARED, name);

	if (err)
		return err;
	channel_put(ch->port, ch);
	evtchn_abi->unmask(ch->port);
	return number;
}

static struct channel *channel_create(evtchn_port_t port, int *err)
{
	struct evtchn_status status;
	struct channel *ch;

	*err = channel_prepare(port, &status);
	if (*err)
		return NULL;
	ch = heap_alloc(sizeof(*ch));
	if (!ch) {
		*err = -ENOMEM;
		return NULL;
	}
	ch->port = port;
	ch->flow = evtchn_flow_of(&status);
	ch->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	return ch;
}

int evtchn_irq_request(evtchn_port_t port, irq_handler_fn *handler, void *ctx, const char *name)
{
	return evtchn_irq_request_flags(port, handler, ctx, 0, name);
}

int evtchn_irq_request_flags(evtchn_port_t port, irq_handler_fn *handler, void *ctx,
			     unsigned flags, const char *name)
{
	struct channel *ch;
	int ret;

	if (channel_get(port) && !FAULT(stale_port))
		return -EBUSY;
	if (flags && !evtchn_daisy_on)
		return -EOPNOTSUPP;
	ch = channel_create(port, &ret);
	if (!ch)
		return ret;
	ch->handler = handler;
	ch->ctx = ctx;
	ch->name = name;
	ret = evtchn_daisy_on ? channel_attach(ch, flags, name) : channel_share(ch, name);
	if (ret < 0) {
		channel_put(port, NULL);
		heap_free(ch);
	}
	return ret;
}

void evtchn_irq_stays(evtchn_port_t port)
{
	channel_get(port)->stays = true;
}

/* Masks the port for good, unless its vector is on the way. On the CPU that scans it: so there is
 * no scan between the test and the mask. */
static void channel_quiesce(void *ctx)
{
	struct channel *ch = ctx;

	ch->quiet = !ch->in_flight;
	if (!ch->quiet)
		return;
	if (ch->irq) /* as a reason, or a late EOI would unmask it again */
		irq_mask_for(ch->irq, IRQ_MASK_UNWANTED);
	evtchn_abi->mask(ch->port);
}

int evtchn_irq_free(evtchn_port_t port, void *ctx)
{
	struct channel *ch = channel_get(port);

	if (!ch || ch->ctx != ctx)
		return -ENOENT;
	if (FAULT(stale_port))
		return 0;
	channel_call(ch, channel_quiesce, ch);
	if (!ch->quiet)
		return -EBUSY;
	if (ch->moved)
		channel_barrier(ch);
	if (ch->in_flight) /* sent by a CPU that it has left */
		return -EBUSY;
	if (ch->irq) {
		irq_free(ch->irq->number, ctx);
		channel_set_redelivery(ch->irq, false);
		irq_release(ch->irq);
	} else {
		irq_free(upcall_irq(), ch);
	}
	channel_put(port, NULL);
	channel_barrier(ch);
	heap_free(ch);
	return 0;
}

struct freeing {
	evtchn_port_t port;
	void *ctx;
	int err;
};

static bool freeing_try(void *ctx)
{
	struct freeing *f = ctx;

	f->err = evtchn_irq_free(f->port, f->ctx);
	return f->err != -EBUSY;
}

int evtchn_irq_free_wait(evtchn_port_t port, void *ctx)
{
	struct freeing f = {.port = port, .ctx = ctx};

	time_wait(freeing_try, &f, PATIENCE_NS);
	return f.err;
}

/* --- start --- */

int evtchn_init_cpu(unsigned cpu)
{
	return evtchn_abi->init_cpu(cpu);
}

static int evtchn_use(const struct evtchn_abi *abi)
{
	int err = abi->init();

	if (!err)
		err = abi->init_cpu(0);
	if (!err)
		evtchn_abi = abi;
	return err;
}

int evtchn_init(enum evtchn_abi_choice choice, bool daisy, bool redeliver_vector)
{
	int err;

	if (!xen_shared_info)
		return -ENODEV;
	err = channels_init();
	if (err)
		return err;
	evtchn_daisy_on = daisy;
	start_with_vector = daisy && redeliver_vector;
	err = choice == EVTCHN_ABI_2L ? -ENODEV : evtchn_use(&evtchn_abi_fifo);
	if (err && choice == EVTCHN_ABI_FIFO)
		printk_warn("evtchn: abi=fifo cannot be used (error %d)\n", err);
	if (err)
		err = evtchn_use(&evtchn_abi_2l);
	if (err)
		return err;
	printk("evtchn: %s, %u ports, %s\n", evtchn_abi->name, evtchn_abi->max_ports,
	       !daisy              ? "daisy off: all share the upcall's irq"
	       : start_with_vector ? "an irq each, by vector"
				   : "an irq each, by call");
	return 0;
}

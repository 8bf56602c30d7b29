/* SPDX-License-Identifier: MIT */
/* Which cells there are, and the way from one to the next. Channels stay open all the way, with
 * events pending on them: the next cell begins by looking whether they have come over. */
#include "storm/storm.h"

#include "drivers/irqchip/irqchip.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/irq.h"
#include "kernel/options.h"
#include "kernel/selftest.h"
#include "kernel/shell.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/* In this order: Xen leaves the per-vCPU vector, which hybrid gives to all but vCPU 0, for no line
 * any more; and, on a machine without lines, the global vector for nothing. */
static const struct stop {
	const char *word;
	uint8_t choice, chip;
} stops[] = {
	{"pic_intx", UPCALL_INTX, UPCALL_CHIP_PIC},
	{"ioapic_intx", UPCALL_INTX, UPCALL_CHIP_IOAPIC},
	{"isa_gsi", UPCALL_GSI, UPCALL_CHIP_AUTO},
	{"vector", UPCALL_VECTOR, UPCALL_CHIP_AUTO},
	{"poll", UPCALL_POLL, UPCALL_CHIP_AUTO},
	{"hybrid", UPCALL_HYBRID, UPCALL_CHIP_AUTO},
	{"percpu", UPCALL_PERCPU, UPCALL_CHIP_AUTO},
	{"percpu_assist", UPCALL_ASSIST, UPCALL_CHIP_AUTO},
	{"vector", UPCALL_VECTOR, UPCALL_CHIP_AUTO},
};
#define NR_STOPS (sizeof(stops) / sizeof(stops[0]))

static struct storm_place {
	char name[32];
	struct selftest test;
} places[2 * NR_STOPS];

static unsigned nr_places;
static const struct stop *next_stop; /* where the running test goes first */
static enum evtchn_abi_choice next_abi;

const char *storm_cell_name(void)
{
	return places[nr_places - 1].name;
}

static void run_cell(void)
{
	SKIP_UNLESS(evtchn_daisy(), "daisy=off: channels have no irqs");
	storm_cell();
}

static void run_at(const char *word, bool fifo, void (*run)(void))
{
	struct storm_place *place = &places[nr_places++];

	fmt_snprintf(place->name, sizeof(place->name), "storm_%s_%s", word,
		     fifo ? "fifo" : "2l");
	place->test = (struct selftest){place->name, __FILE__, run, false, false};
	selftest_run_one(&place->test);
}

/* --- the boot's own cell --- */

static const char *word_here(void)
{
	bool pic = !strcmp(upcall_chip_name(), "pic");

	if (upcall_route() == UPCALL_INTX)
		return pic ? "pic_intx" : upcall_irq() < 16 ? "ioapic_intx" : "gsi_intx";
	if (upcall_route() == UPCALL_GSI)
		return pic ? "pic_gsi" : "isa_gsi";
	return upcall_route() == UPCALL_ASSIST ? "percpu_assist" : upcall_route_name();
}

static void run_here(void)
{
	run_cell();
	CHECK_EQ(storm_close_all(), 0);
	storm_count_anew();
}

/* --- the tour --- */

static bool stumbled; /* the cell before this one failed */

/* Where a cell has failed its ABI may deliver nothing any more, and a route is confirmed by an
 * event: so the way leads over 2-level, to which a reset brings everything back. */
static int tour_go(void)
{
	int err = stumbled ? evtchn_switch_abi(EVTCHN_ABI_2L) : 0;

	if (!err)
		err = upcall_switch(next_stop->choice, next_stop->chip);
	return err ? err : evtchn_switch_abi(next_abi);
}

static void lose_the_way(int err)
{
	selftest_fail("the way to it failed: error %d, seed %llu", err,
		      (unsigned long long)options.seed);
	storm_dump();
}

static void lose_the_peer(void)
{
	selftest_fail("lost event: the store's, on the way to it, seed %llu",
		      (unsigned long long)options.seed);
}

static void run_there(void)
{
	bool peer;
	int err;

	SKIP_UNLESS(evtchn_daisy(), "daisy=off: channels have no irqs");
	storm_peer_leave_pending();
	storm_leave_pending();
	err = tour_go();
	storm_arrive();
	peer = storm_peer_arrive();
	if (err == -EOPNOTSUPP && upcall_why_not(next_stop->choice)) {
		selftest_skip("%s", upcall_why_not(next_stop->choice));
		return; /* what was sent goes on to the next one */
	}
	if (err)
		lose_the_way(err);
	else
		storm_cell();
	if (!err && !peer)
		lose_the_peer();
	stumbled = selftest_has_failed();
	if (stumbled)
		storm_close_all(); /* the next one begins anew */
	storm_count_anew();
}

static void tour(void)
{
	bool fifo = !strcmp(evtchn_abi_name(), "fifo");
	bool lines = irqchip_has(ISA_PIC) || irqchip_has(ISA_IOAPIC);

	for (next_stop = stops; next_stop < stops + NR_STOPS; next_stop++) {
		bool last = next_stop == stops + NR_STOPS - 1;

		if (next_stop->choice == UPCALL_VECTOR && last == lines)
			continue;
		for (unsigned i = 0; i < 2; i++) {
			next_abi = fifo ? EVTCHN_ABI_FIFO : EVTCHN_ABI_2L;
			run_at(next_stop->word, fifo, run_there);
			fifo ^= i == 0; /* from a route to the next with the same ABI */
		}
	}
	storm_close_all();
}

static void run_without_xen(void)
{
	selftest_skip("no Xen");
}

SELFTEST_GROUP(storm)
{
	static const struct selftest none = {"storm", __FILE__, run_without_xen, false, false};

	nr_places = 0; /* the results of a storm before have been forgotten */
	storm_dumps_begin();
	if (options.storm == STORM_OFF)
		return;
	if (!xen_present())
		selftest_run_one(&none);
	else if (options.storm == STORM_ALL)
		tour();
	else
		run_at(word_here(), !strcmp(evtchn_abi_name(), "fifo"), run_here);
}

SHELL_COMMAND(storm, "[here|all] [SEED]", "random traffic here, or on every route")
{
	unsigned at = 1;
	uint64_t seed = options.seed;
	enum storm_mode mode = STORM_HERE;

	if (count > at && (!strcmp(words[at], "here") || !strcmp(words[at], "all")))
		mode = words[at++][0] == 'a' ? STORM_ALL : STORM_HERE;
	if (count > at && str_to_u64(words[at++], &seed))
		return -EINVAL;
	if (count > at)
		return -EINVAL;
	options.storm = mode;
	options.seed = seed;
	selftest_run_now("storm");
	return 0;
}

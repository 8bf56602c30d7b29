/* SPDX-License-Identifier: MIT */
/* Transactions with the store. */
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "selftest/needs.h"
#include "selftest/xenstore.h"

struct tx_race {
	unsigned tries, conflicts;
	int outside; /* what the write beside it said */
};

static int tx_body(struct xenstore_tx *tx, void *ctx)
{
	struct tx_race *race = ctx;
	char value[16];
	int n = xenstore_tx_read(tx, "data/tx/count", value, sizeof(value));
	uint64_t old;

	race->tries++;
	if (n < 0 || str_to_u64(value, &old))
		return n < 0 ? n : -EINVAL;
	if (race->conflicts) { /* somebody else is faster */
		race->conflicts--;
		race->outside |= xenstore_write("data/tx/count", "40");
	}
	fmt_snprintf(value, sizeof(value), "%u", (unsigned)old + 1);
	return xenstore_tx_write(tx, "data/tx/count", value);
}

static void tx_value_is(const struct xenstore_tx *tx, const char *want)
{
	char value[16];

	CHECK(xenstore_tx_read(tx, "data/tx/count", value, sizeof(value)) >= 0);
	CHECK(!strcmp(value, want));
}

/* A write beside it ends a transaction with -EAGAIN, and the next try sees that write. */
SELFTEST(xenstore_tx_conflict)
{
	struct tx_race race = {.conflicts = 3};

	NEEDS(store);
	CHECK_EQ(xenstore_write("data/tx/count", "1"), 0);
	CHECK_EQ(xenstore_tx_run(tx_body, &race), 0);
	CHECK_EQ(race.tries, 4);
	CHECK_EQ(race.outside, 0);
	tx_value_is(NULL, "41");
	race = (struct tx_race){.conflicts = XENSTORE_TX_TRIES};
	CHECK_EQ(xenstore_tx_run(tx_body, &race), -EAGAIN);
	CHECK_EQ(race.tries, XENSTORE_TX_TRIES);
	CHECK_EQ(xenstore_rm("data/tx"), 0);
	race = (struct tx_race){0};
	CHECK_EQ(xenstore_tx_run(tx_body, &race), -ENOENT); /* body's own error ends it */
	CHECK_EQ(race.tries, 1);
}

/* All of it or nothing, and nothing of it before. */
SELFTEST(xenstore_tx_isolated)
{
	struct xenstore_tx tx, unknown;
	char name[16];

	NEEDS(store);
	CHECK_EQ(xenstore_write("data/tx/count", "1"), 0);
	for (unsigned commit = 0; commit < 2; commit++) {
		CHECK_EQ(xenstore_tx_begin(&tx), 0);
		CHECK_EQ(xenstore_tx_write(&tx, "data/tx/count", "2"), 0);
		CHECK_EQ(xenstore_tx_mkdir(&tx, "data/tx/new"), 0);
		CHECK_EQ(xenstore_tx_rm(&tx, "data/tx/new"), 0);
		tx_value_is(&tx, "2");
		tx_value_is(NULL, "1");
		CHECK_EQ(xenstore_tx_list(&tx, "data/tx", name, sizeof(name)), 1);
		CHECK(!strcmp(name, "count"));
		CHECK_EQ(xenstore_tx_end(&tx, commit), 0);
		tx_value_is(NULL, commit ? "2" : "1");
	}
	CHECK_EQ(xenstore_tx_end(&tx, true), -ENOENT); /* it is over */
	unknown = (struct xenstore_tx){0x7fffffff, tx.epoch};
	CHECK_EQ(xenstore_tx_read(&unknown, "data/tx/count", name, sizeof(name)), -ENOENT);
	unknown.epoch--; /* one of the connection before this one */
	CHECK_EQ(xenstore_tx_read(&unknown, "data/tx/count", name, sizeof(name)), -EAGAIN);
	CHECK_EQ(xenstore_rm("data/tx"), 0);
}

/* SPDX-License-Identifier: MIT */
/* What lines (pirq_line.c) and MSIs share, and the MSIs. A message with vector 0 names a PIRQ
 * where others name a destination: hvm_inject_msi() in xen/arch/x86/hvm/irq.c. */
#include "drivers/xen/pirq.h"

#include <xen/features.h>

#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "lib/errno.h"

#define MSI_ADDRESS    0xfee00000u
#define MSI_DEST_SHIFT 12
#define NR_SPARE       32u /* Xen has so many for a domain, unless its command line says more */

/* Xen takes none back: what PHYSDEVOP_get_free_pirq has handed out stays handed out. */
static uint16_t spare[NR_SPARE];
static unsigned nr_spare, nr_msis;

bool pirq_present(void)
{
	return xen_present() && xen_has_feature(XENFEAT_hvm_pirqs);
}

unsigned pirq_bound_count(void)
{
	return nr_msis + pirq_line_count();
}

void pirq_unmap(unsigned pirq)
{
	struct physdev_unmap_pirq op = {.domid = DOMID_SELF, .pirq = pirq};

	hypercall_physdev_op(PHYSDEVOP_unmap_pirq, &op);
}

static int pirq_alloc(void)
{
	struct physdev_get_free_pirq op = {.type = MAP_PIRQ_TYPE_MSI};
	int err;

	if (nr_spare)
		return spare[--nr_spare];
	err = hypercall_physdev_op(PHYSDEVOP_get_free_pirq, &op);
	return err ? err : (int)op.pirq;
}

static void pirq_keep(unsigned pirq)
{
	if (nr_spare < NR_SPARE)
		spare[nr_spare++] = pirq;
}

/* Xen hands out the same numbers, in the same order (get_free_pirq() in xen/arch/x86/irq.c). */
void pirq_resume(void)
{
	struct physdev_get_free_pirq op = {.type = MAP_PIRQ_TYPE_MSI};

	for (unsigned n = nr_spare + nr_msis; n; n--)
		hypercall_physdev_op(PHYSDEVOP_get_free_pirq, &op);
}

int pirq_open_msi(struct pirq_msi *msi)
{
	int pirq = pirq_present() ? pirq_alloc() : -ENODEV, port;

	if (pirq < 0)
		return pirq;
	port = evtchn_bind_pirq(pirq, false);
	if (port < 0) {
		pirq_keep(pirq);
		return port;
	}
	msi->address = (uint64_t)(pirq & ~0xffu) << 32 | MSI_ADDRESS |
		       (pirq & 0xffu) << MSI_DEST_SHIFT;
	msi->data = 0;
	msi->pirq = pirq;
	msi->port = port;
	nr_msis++;
	return 0;
}

int pirq_close_msi(struct pirq_msi *msi)
{
	int err = evtchn_close(msi->port);

	if (err)
		return err;
	pirq_unmap(msi->pirq); /* the first message has tied it to MSIs */
	pirq_keep(msi->pirq);
	nr_msis--;
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "drivers/xen/vcpus.h"

#include <stddef.h>

#include <xen/vcpu.h>

#include "drivers/xen/hypercall.h"
#include "drivers/xen/xenstore.h"
#include "kernel/printk.h"
#include "lib/printf.h"
#include "lib/string.h"

static bool listed_here; /* by Xen, which does not say who is available */

/* Xen's own rule (vlapic_reset() in xen/arch/x86/hvm/vlapic.c). */
uint32_t xen_vcpu_apic_id(uint32_t vcpu)
{
	return vcpu * 2;
}

void xen_add_vcpus(struct board *board)
{
	struct board_reader reader;
	uint32_t vcpu = 1;

	board_reader_start(&reader, board, "Xen");
	/* -ENOENT ends it: there is no such vCPU. One that is there is not up yet. */
	for (; hypercall_vcpu_op(VCPUOP_is_up, vcpu, NULL) >= 0; vcpu++)
		board_add_cpu(&reader, xen_vcpu_apic_id(vcpu), vcpu);
	listed_here = vcpu > 1;
	if (listed_here)
		printk("xen: %u vCPUs, which no table names\n", vcpu);
}

enum vcpu_availability xen_vcpu_availability(uint32_t vcpu)
{
	char path[32], text[12];

	fmt_snprintf(path, sizeof(path), "cpu/%u/availability", vcpu);
	if (xenstore_read(path, text, sizeof(text)) < 0)
		return VCPU_UNKNOWN;
	return strcmp(text, "offline") ? VCPU_ONLINE : VCPU_OFFLINE;
}

bool xen_vcpu_is_wanted(uint32_t vcpu)
{
	return !listed_here || xen_vcpu_availability(vcpu) != VCPU_OFFLINE;
}

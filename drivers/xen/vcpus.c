/* SPDX-License-Identifier: MIT */
#include "drivers/xen/vcpus.h"

#include <stddef.h>

#include <xen/vcpu.h>

#include "drivers/xen/hypercall.h"
#include "kernel/printk.h"

/* Xen's own rule (vlapic_reset() in xen/arch/x86/hvm/vlapic.c). */
static uint32_t vcpu_apic_id(uint32_t vcpu)
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
		board_add_cpu(&reader, vcpu_apic_id(vcpu), vcpu);
	if (vcpu > 1)
		printk("xen: %u vCPUs, which no table names\n", vcpu);
}

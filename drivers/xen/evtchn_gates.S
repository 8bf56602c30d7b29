/* SPDX-License-Identifier: MIT */
/* The entries of drivers/xen/evtchn_gate.h. */
#include "arch/x86/save.h"

	gate	abi_2l_gate_plain, abi_2l_upcall_plain
	gate	abi_2l_gate_eoi, abi_2l_upcall_eoi
	gate	fifo_gate_plain, fifo_upcall_plain
	gate	fifo_gate_eoi, fifo_upcall_eoi

	.section .note.GNU-stack, "", @progbits

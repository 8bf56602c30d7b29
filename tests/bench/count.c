/* SPDX-License-Identifier: MIT */
/* A plugin of the outer QEMU that counts what a nested guest does, to the digit: its instructions,
 * its VM entries and hypercalls, and how many instructions each interrupt takes from its entry to
 * its IRET.
 *
 *   -plugin count.so,out=FILE[,traps=ADDR-END][,gate=ADDR]...[,at=ADDR]...
 *
 * traps: where the guest's interrupt entries are, 8 bytes each. gate: one more. at: whenever the guest
 * comes to that instruction, what there is so far is written; so it is at a NOP of seven bytes whose
 * displacement is MARK + n, wherever it is executed: that is how code says so whose address is not
 * known. All addresses are the guest's, hexadecimal. One guest, on a machine with one processor: what
 * another does would count as well. Several vCPUs of it are counted together, but interrupts are told
 * from one another only with one. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

#define EXPORT   __attribute__((visibility("default")))
#define AT_MAX   16
#define MARK     "\xa1\xd1\x5e" /* nopl 0x5ed1a100 + n(%rax): lib/count_mark.h */
#define TRAP_MAX (1u << 24) /* instructions in one interrupt; what takes longer counts as so many */

EXPORT int qemu_plugin_version = 1;

/* Before the instruction at hand: QEMU adds after it has called. */
static uint64_t executed;
static uint64_t entries, hypercalls;
static uint64_t guest;   /* its instructions until its last exit */
static uint64_t entered; /* executed, when it was entered last */
static bool in_guest;
static uint64_t resume; /* where the host goes on after an exit */

static uint64_t trap_begin;
static bool in_trap;
static uint32_t trap_times[TRAP_MAX], trap_most; /* one more than the longest since the last mark */
static uint64_t traps, traps_end, gates[AT_MAX], at[AT_MAX];
static unsigned nr_gates, nr_at;
static FILE *out;

static uint64_t guest_now(void)
{
	return guest + (in_guest ? executed - entered : 0);
}

static void vm_entry(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	entries++;
	in_guest = true;
	entered = executed + 1; /* VMRUN is not the guest's */
}

static void vm_exit(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	guest = guest_now();
	in_guest = false;
}

static void trap_entry(unsigned int vcpu, void *data)
{
	(void)vcpu, (void)data;
	if (!in_guest)
		return;
	trap_begin = guest_now();
	in_trap = true;
}

static void trap_end(unsigned int vcpu, void *data)
{
	uint64_t took = guest_now() + 1 - trap_begin;

	(void)vcpu, (void)data;
	if (!in_guest || !in_trap)
		return;
	in_trap = false;
	if (took >= TRAP_MAX)
		took = TRAP_MAX - 1;
	trap_times[took]++;
	if (took >= trap_most)
		trap_most = took + 1;
}

static void write_out(const char *what, uint64_t address)
{
	for (unsigned i = 0; i < trap_most; i++)
		if (trap_times[i])
			fprintf(out, "trap %u %u\n", i, trap_times[i]);
	memset(trap_times, 0, trap_most * sizeof(*trap_times));
	trap_most = 0;
	fprintf(out, "%s %llx %llu %llu %llu\n", what, (unsigned long long)address,
		(unsigned long long)guest_now(), (unsigned long long)entries,
		(unsigned long long)hypercalls);
	fflush(out);
}

static void at_mark(unsigned int vcpu, void *data)
{
	(void)vcpu;
	write_out("mark", (size_t)data);
}

static void at_address(unsigned int vcpu, void *data)
{
	(void)vcpu;
	if (in_guest)
		write_out("at", at[(size_t)data]);
}

/* --- which instructions are looked at --- */

static bool is(const struct qemu_plugin_insn *insn, const char *bytes, size_t size)
{
	return qemu_plugin_insn_size(insn) == size &&
	       !memcmp(qemu_plugin_insn_data(insn), bytes, size);
}

static void call(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_udata_cb_t cb, size_t data)
{
	qemu_plugin_register_vcpu_insn_exec_cb(insn, cb, QEMU_PLUGIN_CB_NO_REGS, (void *)data);
}

static bool is_entry(uint64_t address)
{
	for (unsigned i = 0; i < nr_gates; i++)
		if (address == gates[i])
			return true;
	return address >= traps && address < traps_end && (address - traps) % 8 == 0;
}

static void look_at_address(struct qemu_plugin_insn *insn, uint64_t address)
{
	for (unsigned i = 0; i < nr_at; i++)
		if (address == at[i])
			call(insn, at_address, i);
	if (is_entry(address))
		call(insn, trap_entry, 0);
	if (address == resume)
		call(insn, vm_exit, 0);
}

static void look_at_mark(struct qemu_plugin_insn *insn)
{
	const uint8_t *bytes = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) == 7 && !memcmp(bytes, "\x0f\x1f\x80", 3) &&
	    !memcmp(bytes + 4, MARK, 3))
		call(insn, at_mark, bytes[3]);
}

static void look_at(struct qemu_plugin_insn *insn)
{
	uint64_t address = qemu_plugin_insn_vaddr(insn);

	qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &executed, 1);
	look_at_address(insn, address);
	look_at_mark(insn);
	if (is(insn, "\x0f\x01\xd8", 3)) { /* VMRUN */
		resume = address + 3;
		call(insn, vm_entry, 0);
	} else if (is(insn, "\x0f\x01\xd9", 3)) { /* VMMCALL */
		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
							   &hypercalls, 1);
	} else if (is(insn, "\x48\xcf", 2)) { /* IRETQ */
		call(insn, trap_end, 0);
	}
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++)
		look_at(qemu_plugin_tb_get_insn(tb, i));
}

/* --- its words --- */

static bool take_word(const char *word)
{
	char *end = NULL;

	if (!strncmp(word, "out=", 4)) {
		out = fopen(word + 4, "w");
		return out;
	}
	if (!strncmp(word, "at=", 3) && nr_at < AT_MAX) {
		at[nr_at++] = strtoull(word + 3, &end, 16);
		return !*end;
	}
	if (!strncmp(word, "gate=", 5) && nr_gates < AT_MAX) {
		gates[nr_gates++] = strtoull(word + 5, &end, 16);
		return !*end;
	}
	if (strncmp(word, "traps=", 6))
		return false;
	traps = strtoull(word + 6, &end, 16);
	traps_end = *end == '-' ? strtoull(end + 1, &end, 16) : 0;
	return !*end && traps < traps_end;
}

static void finish(qemu_plugin_id_t id, void *data)
{
	(void)id, (void)data;
	write_out("end", 0);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!take_word(argv[i])) {
			fprintf(stderr, "count: %s: expected out=FILE traps=ADDR-END gate=ADDR at=ADDR\n", argv[i]);
			return 1;
		}
	}
	if (!out) {
		fprintf(stderr, "count: out=FILE is missing\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * A guest that does what its command line says, to try every way in which a run can end:
 *
 *	pass	a passing verdict, power-off (also when there is no command line)
 *	fail	a failing verdict, then a crash, as a kernel with failing tests does
 *	crash	a line, then a crash
 *	fault	a line, then a triple fault
 *	hang	a line, then nothing more
 *	mute	nothing at all
 *	off	a line, then power-off without a verdict
 *	late	a passing verdict, then a crash
 *	ktap	a report with one test of each outcome and results of its own, passing verdict
 *	broken	the same with results that are cut off
 *	cut	the same up to the middle of the report, then a crash
 *	echo	reads a line from the serial port and prints it, then as "pass"
 *
 * Text goes to the serial port and to the PV console, whichever of them there is.
 */
#include <stdint.h>

#define __XEN_INTERFACE_VERSION__ 0x00040d00
#include <xen/xen.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>
#include <xen/sched.h>

#define MULTIBOOT_LOADED 0x2badb002
#define MULTIBOOT_CMDLINE 4	/* word of the multiboot information */
#define DEBUG_PORT 0xe9		/* Xen puts it on its own console, a line at a time */
#define COM1 0x3f8
#define COM1_STATUS (COM1 + 5)
#define COM1_RECEIVED 0x01

static void out8(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* The bed emulates an AMD processor, whose instruction needs no hypercall page. */
static long hypercall2(unsigned int op, unsigned int a, void *b)
{
	long result;

	asm volatile("vmmcall"
		     : "=a"(result), "+b"(a), "+c"(b)
		     : "0"(op)
		     : "memory");
	return result;
}

static uint64_t hvm_param(unsigned int index)
{
	struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };

	return hypercall2(__HYPERVISOR_hvm_op, HVMOP_get_param, &param) ? 0 : param.value;
}

static void console_put(char c)
{
	static struct xencons_interface *ring;
	static struct evtchn_send event;

	if (!ring) {
		ring = (void *)(uintptr_t)(hvm_param(HVM_PARAM_CONSOLE_PFN) << 12);
		event.port = hvm_param(HVM_PARAM_CONSOLE_EVTCHN);
	}
	ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = c;
	asm volatile("" : : : "memory");	/* the character before its index */
	ring->out_prod++;
	if (c == '\n')
		hypercall2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &event);
}

static void print(const char *text)
{
	for (; *text; text++) {
		out8(COM1, *text);
		console_put(*text);
	}
}

static void shutdown(unsigned int reason)
{
	struct sched_shutdown arg = { .reason = reason };

	hypercall2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &arg);
}

static void triple_fault(void)
{
	static const struct { uint16_t limit; uint32_t base; } __attribute__((packed)) none;

	asm volatile("lidt %0; ud2" : : "m"(none));
}

/* Not by HLT: with interrupts off Xen takes that for a power-off. */
static void stay(void)
{
	for (;;)
		asm volatile("pause");
}

static void echo(void)
{
	char text[2] = "";

	print("say something\n");
	do {
		while (!(in8(COM1_STATUS) & COM1_RECEIVED))
			;
		text[0] = in8(COM1);
		print(text);
	} while (text[0] != '\n');
}

static const char *command_line(uint32_t magic, const uint32_t *info)
{
	const struct hvm_start_info *start = (const void *)info;
	uint32_t at = 0;

	if (magic == MULTIBOOT_LOADED)
		at = info[MULTIBOOT_CMDLINE];
	else if (start->magic == XEN_HVM_START_MAGIC_VALUE)
		at = start->cmdline_paddr;
	return at ? (const char *)at : "";
}

static int is(const char *word, const char *line)
{
	while (*word && *word == *line) {
		word++;
		line++;
	}
	return !*word && (!*line || *line == ' ');
}

static void report(const char *order)
{
	print("# json: {\"schema\": \"guest-1\", \"irqs\": [1, \n");
	if (!is("broken", order))
		print("# json:  2]}\n");
	print("# two: told while it ran\n");
	print("KTAP version 1\n1..3\nok 1 one\n");
	if (is("cut", order))
		shutdown(SHUTDOWN_crash);
	print("not ok 2 two # 1 < 2 & \"so\"\nok 3 three # SKIP no three\n");
}

void guest_main(uint32_t magic, const uint32_t *info)
{
	const char *order = command_line(magic, info);

	if (is("mute", order))
		stay();
	print("guest: here, told to: ");
	print(order);
	print("\n");
	for (const char *text = "guest: debug port\n"; *text; text++)
		out8(DEBUG_PORT, *text);
	if (is("hang", order))
		stay();
	if (is("crash", order))
		shutdown(SHUTDOWN_crash);
	if (is("fault", order))
		triple_fault();
	if (is("off", order))
		shutdown(SHUTDOWN_poweroff);
	if (is("echo", order))
		echo();
	if (is("fail", order)) {
		print("guest: 1 passed, 2 failed\n");
		shutdown(SHUTDOWN_crash);
	}
	if (is("ktap", order) || is("broken", order) || is("cut", order))
		report(order);
	print("guest: 3 passed, 0 failed\n");
	shutdown(is("late", order) ? SHUTDOWN_crash : SHUTDOWN_poweroff);
}

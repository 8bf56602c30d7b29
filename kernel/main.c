/* SPDX-License-Identifier: MIT */
/* Daisy from the first line of C to the verdict, in order. */
#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "arch/x86/trap.h"
#include "boot/boot_info.h"
#include "boot/boot_memory.h"
#include "boot/provoke.h"
#include "boot/smp.h"
#include "boot/vcpu_set.h"
#include "drivers/acpi/acpi.h"
#include "drivers/acpi/power_button.h"
#include "drivers/irqchip/ipi.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/pci/pci.h"
#include "drivers/pci/pci_link.h"
#include "drivers/serial/debug_exit.h"
#include "drivers/serial/debugport.h"
#include "drivers/serial/uart.h"
#include "drivers/timer/lapic_timer.h"
#include "drivers/timer/pit.h"
#include "drivers/xen/console.h"
#include "drivers/xen/control.h"
#include "drivers/xen/debug_virq.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/net/netfront_status.h"
#include "drivers/xen/pirq.h"
#include "drivers/xen/timer.h"
#include "drivers/xen/unplug.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/vcpus.h"
#include "drivers/xen/xen.h"
#include "drivers/xen/xenbus.h"
#include "drivers/xen/xenstore.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/machine.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/vector.h"
#include "kernel/work.h"
#include "lib/fault.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "storm/storm.h"

#define GUESSED_TSC_HZ 1000000000ull

void kernel_main(unsigned protocol, uint32_t address);

static void say_hello(void)
{
	printk("daisy: booted by %s, on %s %s\n", boot_info.protocol_name,
	       xen_present() ? "Xen" : "no Xen; hypervisor:",
	       xen_present() ? xen_version_string() : xen_other_hypervisor());
	printk(FAULT_SAYS "command line: %s\n", boot_info.cmdline);
	if (boot_info.cmdline_cut)
		printk_warn("the command line is longer than %u bytes, %u were cut off\n",
			    BOOT_CMDLINE_MAX - 1, boot_info.cmdline_cut);
	if (boot_info.unread)
		printk_warn("%s is not all below 0x%x, where it could be read\n",
			    boot_info.unread, BOOT_MAP_END);
	if (boot_info.no_memory_map)
		printk_warn("the loader gave no memory map: using 1 MiB from 1 MiB on\n");
	if (boot_info.nr_regions_cut)
		printk_warn("the memory map has %u entries too many: they are not used\n",
			    boot_info.nr_regions_cut);
}

static void xen_end(enum machine_end_reason reason)
{
	static const uint8_t codes[] = {
		[MACHINE_POWEROFF] = SHUTDOWN_poweroff,
		[MACHINE_CRASH] = SHUTDOWN_crash,
		[MACHINE_REBOOT] = SHUTDOWN_reboot,
	};

	xen_shutdown(codes[reason]);
}

static void init_consoles(void)
{
	uart_init();
	debugport_init(xen_detect() == 0);
	if (xen_present())
		machine_end_register(xen_end);
	else
		debug_exit_init();
}

/* shared_info first: the PV console's ring and Xen's clock hang on it. */
static void init_xen(void)
{
	if (!xen_present())
		return;
	if (xen_init())
		panic("Xen gives no shared_info");
	xen_console_init();
}

static void init_tsc(void)
{
	uint64_t hz = pit_calibrate_tsc();
	const char *who = "pit";

	if (!hz) {
		hz = GUESSED_TSC_HZ;
		who = "a guess";
		printk_warn("neither Xen nor a PIT tells the TSC's frequency\n");
	}
	time_set_tsc_hz(hz, who);
}

static void init_clock(void)
{
	if (!xen_present() || time_set_source(&xen_time_source))
		init_tsc();
	printk("time: TSC at %llu kHz, from %s\n", (unsigned long long)time_tsc_hz() / 1000,
	       time_source_name());
}

/* Xen's PIT and RTC take a tick for delivered when they find it on vCPU 0 (docs/tricks.md). */
static void keep_timers_home(void)
{
	static const uint8_t irqs[] = {0, 8};

	for (unsigned i = 0; i < sizeof(irqs); i++)
		if (irq_get(irqs[i]))
			irq_get(irqs[i])->boot_cpu_only = true;
}

static void init_irq_chips(void)
{
	static struct board board;
	char text[160];

	trap_init_interrupts();
	vector_init();
	if (acpi_init(boot_info.rsdp, &board) == ACPI_NOTHING && xen_present())
		xen_add_vcpus(&board);
	paging_unmap(0, PAGE_SIZE); /* wherever a table was looked for: NULL is to fault */
	irqchip_init(&board, options.noapic, options.x2apic);
	if (xen_present())
		keep_timers_home();
	machine_dump_register(irqchip_dump);
	machine_dump_cpu_register(lapic_dump);
	irqchip_describe(text, sizeof(text));
	printk("irqchip: %s\n", text);
	irq_print_spaces();
}

static void init_pci(void)
{
	if (unplug_init(options.unplug) && xen_present())
		printk("unplug: this machine has nothing to unplug\n");
	if (pci_scan() < 0)
		return;
	pci_assign_resources();
	pci_bind_drivers();
}

static void init_events(void)
{
	/* A tour of all routes begins with one from which every other can be reached. */
	bool tour = options.storm == STORM_ALL && options.route == UPCALL_AUTO;

	if (!xen_present())
		return;
	if (evtchn_init(options.abi, options.daisy, options.redeliver))
		panic("event channels cannot be set up");
	machine_dump_register(evtchn_dump);
	machine_dump_cpu_register(evtchn_dump_cpu);
	if (upcall_init(tour ? UPCALL_POLL : options.route, options.intx_chip))
		panic("no route delivers events");
	upcall_pirq_count = pirq_bound_count;
	xenstore_init();
	machine_dump_register(xenbus_dump);
	debug_virq_init();
}

/* Xen's first: arming it is one exit where the local APIC's timer takes three (docs/exits.md), and
 * its deadline is in Xen's time. Where channels do not interrupt, or not every CPU, and while
 * a watchdog is armed (timer_keep_apart()), it is the local APIC's. */
static void init_timers(void)
{
	if (options.timer == TIMER_AUTO || options.timer == TIMER_VIRQ)
		timer_offer(&xen_timer_clock);
	if (options.timer == TIMER_AUTO || options.timer == TIMER_LAPIC)
		timer_offer(&lapic_timer_clock);
}

static enum machine_end_reason report(void)
{
	unsigned passed, failed;
	char verdict[64];

	work_hold(); /* the verdict, once begun, is not cut short */
	irq_print_table();
	storm_results_print();
	failed = selftest_report_all(&passed);
	if (!passed && !failed)
		printk("# no test ran\n");
	fmt_snprintf(verdict, sizeof(verdict), "%u passed, %u failed", passed, failed);
	if (xenstore_usable() && xenstore_write("data/daisy", verdict))
		printk_warn("the verdict could not be written to xenstore\n");
	printk("daisy: %s\n", verdict);
	work_release();
	return failed || !passed ? MACHINE_CRASH : MACHINE_POWEROFF;
}

/* The selftests, unless somebody wants the shell alone; then the shell, if somebody wants it. */
static _Noreturn void run(void)
{
	bool shell = options.shell || options.autorun[0];
	enum machine_end_reason end = MACHINE_POWEROFF;

	if (!shell || options.test[0]) {
		selftest_run_all();
		end = report(); /* table, KTAP, verdict */
	}
	if (shell)
		shell_run(options.autorun, options.shell);
	machine_end(end);
}

static void mute_consoles(void)
{
	const char *list = options.mute, *name;
	size_t n;

	while (*options.mute && (name = str_list_next(&list, &n)))
		if (console_mute(name, n))
			printk_warn("command line: mute=%.*s: there is no such console\n", (int)n,
				    name);
}

void kernel_main(unsigned protocol, uint32_t address)
{
	cpu_init_boot();                      /* descriptors, exceptions, this_cpu() */
	panic_init();                         /* from here on a fault says what it was */
	init_consoles();                      /* COM1, port 0xe9; is there a Xen? */
	boot_info_init(protocol, address);    /* every boot protocol becomes one struct */
	say_hello();
	options_parse(boot_info.cmdline, sizeof(boot_info.cmdline));
	mute_consoles();
	boot_memory_init();                   /* page allocator, Daisy's own page tables */
	init_xen();                           /* shared_info, PV console */
	init_clock();                         /* Xen's clock, or the TSC's */
	init_irq_chips();                     /* ACPI; PIC, IO-APIC, LAPIC; irq numbers */
	init_pci();                           /* unplug, scan, the Xen platform device */
	init_events();                        /* channels, the upcall's route, xenstore */
	ipi_init();                           /* the local APIC's way to call another CPU */
	smp_init(options.cpus);               /* the other CPUs, each with all of the above */
	init_timers();                        /* what may drive timers; started when needed */
	local_irq_enable();
	net_status_register(storm_results_write);
	xenbus_init();                        /* paravirtual devices, and their drivers */
	control_init();                       /* what the toolstack asks: control/shutdown */
	power_button_init();                  /* and ACPI's way to ask for the same */
	vcpu_set_init();                      /* CPUs come and go as the toolstack says */
	provoke();
	run();                                /* selftests, verdict, shell; shutdown */
}

# SPDX-License-Identifier: MIT
"""Which tests must skip on a machine, and why.

A test needs parts (PIC, IO-APIC, PCI bus, ...) and words on the command line; one that lacks some
must skip, with the reason; all others must pass. A test that is not named in RULES needs nothing
and passes everywhere.
"""

from board import NO_PLATFORM, PLATFORM_DEVICE, link_irq

CHANNELS = ("loopback", "mask", "two_channels", "fair_scan", "close_and_reuse",
            "reuse_raised", "reuse_in_flight", "virq_timer", "redelivery", "redelivery_tpr",
            "redelivery_exhausted")
CALLS = ("calls_no_channel", "calls_xen_channel", "calls_unbound", "calls_interdomain",
         "calls_ipi", "calls_pirq", "calls_other_domain", "calls_bad_pointer",
         "calls_init_control", "calls_priority", "calls_all_ports", "calls_virq")
REDELIVERY = ("redelivery", "redelivery_tpr", "redelivery_exhausted")
PIRQ_LINES = ("pirq_gsi_edge", "pirq_gsi_level", "resume_pirq")
PIRQS = (*PIRQ_LINES, "pirq_msi", "pirq_refused")
SWITCHING = ("switch_routes", "switch_refused", "switch_one_way", "switch_abi",
             "switch_abi_kinds", "switch_abi_priority")
LAPIC = ("lapic_timer_xapic", "lapic_timer_x2apic", "lapic_self_ipi")
MOVES = ("affinity", "affinity_pending", "reuse_moved")
DEVICE_MOVES = ("affinity_msi", "affinity_msix", "affinity_level", "affinity_edge",
                "affinity_lines_refused")
DOWN = ("cpu_down_up", "cpu_down_refused", "cpu_down_msi", "cpu_down_edge")
DOWN_CHANNELS = ("cpu_down_changes", "cpu_down_busy")
REACH = ("evtchn_ipi", "virq_timer_each", "upcall_each", "spread", *DOWN_CHANNELS,
         *MOVES)  # something arrives on another CPU


LATE = ("mask_reasons", "mask_race", "late_eoi", "brake_flood", "brake_spurious",
        "unhandled_channel", "stray_port")
STORE = ("xenstore", "xenstore_bytes", "xenstore_large", "xenstore_list", "xenstore_perms",
         "xenstore_tx_conflict", "xenstore_tx_isolated", "xenstore_refused", "xenstore_crowd",
         "xenstore_watch", "xenstore_watch_flood", "xenstore_watch_ends",
         "xenbus_life", "xenbus_disorder", "xenbus_wants", "xenbus_error", "xenbus_blame",
         "xenbus_close_all", "console_front", "net_front", "net_hostile")
# test_xenstore.py and test_xenbus.py play dom0's part in these.
WITH_DOM0 = ("xenstore_long", "xenstore_restart", "xenstore_late", "xenbus_hotplug", "resume",
             "resume_pirq")
DISK = ("blk_write_read", "blk_refused", "blk_crowd", "blk_roaming", "blk_flush")
ELSEWHERE = ("mask_race", "alone", "alone_passed_on")  # a timer is to run on another CPU


def timers_elsewhere(machine):
    """The local APIC's do; Xen's where the upcall gets there; without a clock CPU 0 looks."""
    clock = machine.option("timer", "auto")
    return clock in ("auto", "lapic") or clock == "virq" and machine.reaches_all


def edu_is_apart(machine):
    """From the upcall's line, in irq numbers: intx=gsi is another pin of the same wire."""
    return (machine.edu is None or not machine.has("xen") or machine.route != "intx" or
            machine.option("intx") == "gsi" or link_irq(machine.edu) != link_irq(PLATFORM_DEVICE))


def other_mode(machine):
    return f"{machine.cpus} CPUs are in the other mode"


# (tests, what the machine must have, the reason without): in the order of a test's own checks.
RULES = (
    (("exits",), lambda m: m.option("exits") is not None, "no exits=STEPS on the command line"),
    (("resume_counted",), lambda m: m.option("crowd") is not None and m.option("scratch") is not None,
     "crowd=CHANNELS and scratch= are wanted"),
    (CALLS, "xen", "no Xen"),
    (("cpus", "cpu_call", "cpu_call_crossing", "cpu_call_all", *REACH, *DEVICE_MOVES, *DOWN,
      "blk_roaming"), lambda m: m.cpus > 1, "one CPU"),
    (DISK, lambda m: m.option("scratch") is not None, "no disk to write to: scratch="),
    (("late_cpu",), lambda m: m.cpus < m.listed, "every CPU is in use"),
    ((*CHANNELS, *REACH, "priority", "affinity_refused", "vcpu_info_each", "discovery",
      "platform_device", *STORE, *WITH_DOM0, "route", "shared_intx"), "xen", "no Xen"),
    (("pci", "platform_device"), "pci", "no PCI"),
    (("platform_device",), "platform", NO_PLATFORM),
    (("isa_identity",), lambda m: m.has("pic") or m.has("ioapic"), "no PIC and no IO-APIC"),
    (("pit_pic",), "pic", "no PIC"),
    (("pit_ioapic",), "ioapic", "no IO-APIC in use"),
    (("pit_pic", "pit_ioapic"), "pit", "no PIT"),
    (("calls_xen_channel",), lambda m: not m.has("xen") or m.hvm, "no channel ends in Xen"),
    (REACH, lambda m: m.reaches_all, lambda m: f"route {m.route} reaches vCPU 0 only"),
    (("fair_scan", "priority"), lambda m: m.daisy,
     "daisy=off: the drivers are asked in turn, there is no scan"),
    (("priority",), lambda m: m.abi == "fifo", "the 2-level ABI has no priorities"),
    ((*REDELIVERY, *MOVES, *DOWN_CHANNELS, "affinity_refused", "spread"), lambda m: m.daisy,
     "daisy=off: channels have no irqs"),
    ((*REDELIVERY, *LAPIC), "lapic", "no local APIC"),
    (("lapic_timer_xapic",), lambda m: m.cpus == 1 or m.lapic_mode == "xapic", other_mode),
    (("lapic_timer_x2apic",), lambda m: m.cpus == 1 or m.lapic_mode == "x2apic", other_mode),
    (("lapic_timer_x2apic",), "x2apic", "the CPU has no x2APIC"),
    (("page_rights",), "nx", "the CPU has no NX"),
    (("route",), lambda m: not m.has("xen") or not m.why_not, lambda m: m.why_not),
    (("switch_abi_priority",), lambda m: m.daisy,
     "daisy=off: the drivers are asked in turn, there is no scan"),
    (("switch_abi_priority",), lambda m: m.option("abi") != "2l",
     "the 2-level ABI has no priorities"),
    (("switch_one_way",), lambda m: not m.has("xen") or m.hvm or m.route != "vector",
     "no way back from vector on this machine"),
    (("shared_intx", "msi", "affinity_msi", "affinity_level", "cpu_down_msi"),
     lambda m: m.edu is not None,
     "no edu device"),
    (("msix", "affinity_msix"), lambda m: m.nvme is not None, "no nvme device"),
    (("msi", "msix"), "lapic", "no local APIC"),
    (("affinity_level",), lambda m: m.edu is None or m.has("ioapic") and
     not (m.edu_beside_upcall and m.line_chip == "pic"),
     "edu's line is not on the IO-APIC"),
    (("affinity_level",), lambda m: m.edu is None or not m.edu_beside_upcall,
     "edu is on the upcall's line"),
    (("affinity_edge", "cpu_down_edge"), "ioapic", "COM1 is not on the IO-APIC"),
    (("shared_intx",), lambda m: not m.has("xen") or m.route == "intx",
     "the upcall does not come by INTx"),
    (("shared_intx",), lambda m: m.edu is None or link_irq(m.edu) == link_irq(PLATFORM_DEVICE),
     lambda m: f"edu is on irq {link_irq(m.edu)}, the upcall on {link_irq(PLATFORM_DEVICE)}"),
    (PIRQS, "xen", "no Xen"),
    ((*PIRQ_LINES, "pirq_msi"), "pirq", "Xen offers no PIRQs"),
    (PIRQ_LINES, lambda m: m.daisy, "daisy=off: channels have no irqs"),
    (PIRQ_LINES, "ioapic", "no IO-APIC in use"),
    (PIRQ_LINES, lambda m: not m.has("xen") or m.route in ("vector", "percpu", "assist"),
     "the upcall is not a vector"),
    (("pirq_gsi_level", "pirq_msi"), lambda m: m.edu is not None, "no edu device"),
    (SWITCHING, "xen", "no Xen"),
    (("reuse_in_flight",), lambda m: m.daisy, "daisy=off: channels have no irqs"),
    (("reuse_in_flight",), "lapic", "no local APIC"),
    (("timers_each", *ELSEWHERE, "alone_channel", "time_across"), lambda m: m.cpus > 1,
     "one CPU"),
    (("time_across", "time_xen", "time_wall", "time_suspend"), "xen", "no Xen"),
    ((*LATE, "alone_channel"), "xen", "no Xen"),
    (("alone_channel",), lambda m: m.reaches_all, lambda m: f"route {m.route} reaches vCPU 0 only"),
    (LATE, lambda m: m.daisy, "daisy=off: channels have no irqs"),
    (ELSEWHERE, timers_elsewhere, "no clock runs timers on other CPUs"),
    (("late_eoi_pic", "unhandled_pic"), "pic", "no PIC"),
    (("unhandled_ioapic",), "ioapic", "no IO-APIC in use"),
    (("late_eoi_pic", "unhandled_pic", "unhandled_ioapic"), "pit", "no PIT"),
    (("unhandled_lapic", "unhandled_ipi"), "lapic", "no local APIC"),
    (("unhandled_level",), lambda m: m.edu is not None, "no edu device"),
    (("unhandled_level",), edu_is_apart, "edu shares the upcall's line"),
    (("watchdog",), "xen", "no Xen"),
    (("grant_v1", "grant_v2"), "xen", "no Xen"),
    (("grant_v1", "grant_v2"), lambda m: not m.has("disk"), "grants are in use"),
    (WITH_DOM0, lambda m: False, "nobody in dom0 plays along"),
)


def skips(machine):
    """Test name to the reason why it must skip: the first rule that fits."""
    found = {}
    for tests, needs, reason in RULES:
        met = machine.has(needs) if isinstance(needs, str) else needs(machine)
        for test in tests if not met else ():
            found.setdefault(test, reason(machine) if callable(reason) else reason)
    return found

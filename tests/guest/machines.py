# SPDX-License-Identifier: MIT
"""What follows from a configuration: which tests must skip and why, the upcall's route.

Nothing here is copied from an output: a machine has parts (PIC, IO-APIC, PCI bus, ...), a test
needs parts, and a test whose parts are missing must skip, with the reason; all others must pass.
A test that is not named in RULES needs nothing and passes everywhere.
"""

import ast
import dataclasses
import json
import re

# -- machines -----------------------------------------------------------------------------

PLATFORM_DEVICE = 2              # 00:02.0, where Xen's device model puts it
LINK_IRQS = (5, 10, 11, 5)       # what hvmloader programs into PIIX links A to D; Daisy as well
XEN_GSIS = 48                    # pins of Xen's IO-APIC for an hvm domain
ISA_IRQS = 16
CPUS_MAX = 128                   # that Daisy uses
NO_PLATFORM = "no Xen platform device on the PCI bus"
NO_PAGE = "CPUID offers no assist page (xl.cfg: viridian)"
ONE_VCPU = "there is one vCPU"
NO_CHIPS = "this machine has neither a PIC nor an IO-APIC"
NO_TABLES = "no tables, as every PC"
ABIS = {"auto": "fifo", "fifo": "fifo", "2l": "2-level"}  # abi=, and what it is called


def link(device, pin=0):
    """A device's INTx pin to the PIIX link: PCI's swizzle."""
    return (device + pin) & 3


def link_irq(device):
    return LINK_IRQS[link(device)]


def xen_gsi(device, pin=0):
    """The pin that Xen raises as well: hvm_pci_intx_gsi() in its irq.h."""
    return ((device << 2) + (device >> 3) + pin & 31) + 16


@dataclasses.dataclass(frozen=True)
class Machine:
    """A name, a command line, and the parts that a test may need."""

    name: str
    cmdline: str = ""
    edu = None           # device number of QEMU's edu
    nvme = None          # and of its nvme

    def __str__(self):
        return self.name

    def option(self, key, default=None):
        words = dict(word.partition("=")[::2] for word in self.cmdline.split())
        return words.get(key, default)

    def has(self, part):
        return part in self.usable(self.parts)

    def usable(self, parts):
        """An IO-APIC talks to local APICs only, and noapic leaves it alone."""
        lost = {"ioapic"} if "lapic" not in parts or self.option("noapic") is not None else set()
        return parts - lost

    @property
    def daisy(self):
        return self.option("daisy") != "off"

    @property
    def abi(self):
        return ABIS[self.option("abi", "auto")]

    @property
    def cpus(self):
        """How many come online: all that the board names, unless cpus= says fewer."""
        limit = int(self.option("cpus", 0)) or CPUS_MAX
        return min(self.listed, limit, CPUS_MAX)

    @property
    def smp_words(self):
        """The line on the other CPUs: how many came, and what they cost."""
        return [rf"smp: {self.cpus} of {self.listed} CPUs, \d+ us, \d+ bytes each"]

    @property
    def live(self):
        """The kinds of sources that all_sources finds, and says."""
        kinds = {"pic": self.has("pic"),
                 "ioapic": self.has("ioapic") and self.has("keyboard"),
                 "msi": self.edu is not None and self.has("lapic"),
                 "msi-x": self.nvme is not None and self.has("lapic"),
                 "lapic": self.has("lapic"), "evtchn": self.has("xen")}
        return " ".join(["# live at once:", *(kind for kind, there in kinds.items() if there)])

    @property
    def edu_beside_upcall(self):
        """On the ISA irq of the upcall, which leads to vCPU 0 only."""
        return (self.has("xen") and self.route == "intx" and self.option("intx") != "gsi" and
                link_irq(self.edu) == link_irq(PLATFORM_DEVICE))

    @property
    def skips(self):
        """Test name to the reason why it must skip: the first rule that fits."""
        skips = {}
        for tests, needs, reason in RULES:
            met = self.has(needs) if isinstance(needs, str) else needs(self)
            for test in tests if not met else ():
                skips.setdefault(test, reason(self) if callable(reason) else reason)
        return skips


@dataclasses.dataclass(frozen=True)
class Domain(Machine):
    """A Xen domain; the fields are Guest's."""

    type: str = "hvm"
    boot: str = "direct"
    vcpus: int = 1
    memory: int = 64
    settings: tuple = ()
    edu: int = None
    nvme: int = None

    @property
    def hvm(self):
        return self.type == "hvm"

    @property
    def listed(self):
        """The tables name them, or Xen does."""
        return self.vcpus

    @property
    def lapic_mode(self):
        return "xapic" if self.option("x2apic") == "off" else "x2apic"

    @property
    def parts(self):
        """pvh has a local APIC and nothing else: no PIC, PIT, IO-APIC, INTx or GSI. An hvm
        domain has PIRQs; from Xen 4.19 on with hvm_pirq=1 only, which xl knows since then."""
        parts = {"xen", "lapic", "x2apic", "nx"}
        if self.hvm:
            parts |= {"pic", "pit", "ioapic", "keyboard", "pci", "platform", "pirq"}
        return parts - ({"platform"} if "xen_platform_pci=0" in self.settings else set())

    @property
    def guest(self):
        """The keyword arguments of the fixtures `boot` and `start`."""
        settings, words = self.settings, []
        if self.edu is not None:
            words += ["-device", f"edu,addr={self.edu:02x}"]
        if self.nvme is not None:
            words += ["-device", f"nvme,addr={self.nvme:02x},serial=1"]
        if words:
            settings += (f"device_model_args_hvm={json.dumps(words)}",)
        return {"type": self.type, "boot": self.boot, "vcpus": self.vcpus,
                "memory": self.memory, "settings": settings, "cmdline": self.cmdline}

    @property
    def protocol(self):
        """The way in: see the README's table of ways to boot."""
        if not self.hvm or self.boot == "firmware":
            return "pvh"
        return "linux" if self.boot == "direct" else "multiboot"

    # -- the upcall --------------------------------------------------------------------------

    @property
    def asked(self):
        return self.option("route", "auto")

    @property
    def line_chip(self):
        """Who brings intx and gsi to the CPU: the IO-APIC, unless it is not to be used."""
        asked = self.option("intx")
        if asked == "gsi":
            return "ioapic"
        return asked or ("ioapic" if self.has("ioapic") else "pic")

    @property
    def why_not(self):
        """Why the route that was asked for cannot be used; None when it can."""
        if self.asked == "assist" and not self.enlightenments:
            return NO_PAGE
        if self.asked == "assist" and not self.assist:
            return "Xen does not use the assist page"
        if self.asked == "hybrid" and not self.daisy:
            return "daisy=off: the drivers share one irq"
        if self.asked == "hybrid" and self.vcpus < 2:
            return ONE_VCPU
        if self.asked in ("intx", "hybrid") and not self.has("platform"):
            return NO_PLATFORM
        if self.asked in ("intx", "gsi", "hybrid") and not self.hvm:
            return NO_CHIPS
        if self.asked in ("intx", "gsi", "hybrid") and not self.has(self.line_chip):
            return "there is no IO-APIC"
        return None

    @property
    def enlightenments(self):
        """What xl.cfg's viridian= gives; pvh has none. 1 is a set of defaults, apic_assist
        among them (libxl_x86.c)."""
        if not self.hvm:
            return ()
        for words in (s.partition("=")[2] for s in self.settings if s.startswith("viridian=")):
            return ("base", "apic_assist") if words == "1" else tuple(ast.literal_eval(words))
        return ()

    @property
    def assist(self):
        return "apic_assist" in self.enlightenments

    @property
    def route(self):
        """What is used in the end. Every domain has a local APIC: percpu always works."""
        if self.asked != "auto" and not self.why_not:
            return self.asked
        return "assist" if self.assist else "percpu"

    @property
    def reaches_all(self):
        """A line leads to vCPU 0 only."""
        return self.route not in ("intx", "gsi")

    @property
    def chip(self):
        return {"percpu": "lapic", "assist": "lapic", "vector": "direct", "poll": "poll"}.get(
            self.route, self.line_chip)

    def irq_fits(self, irq):
        """INTx leads to its link's irq, gsi is an ISA irq of nobody's, others are dynamic."""
        if self.route == "intx" and self.option("intx") == "gsi":
            return irq == xen_gsi(PLATFORM_DEVICE)
        if self.route in ("intx", "hybrid"):
            return irq == link_irq(PLATFORM_DEVICE)
        if self.route == "gsi":
            return 0 < irq < ISA_IRQS and irq not in (2, 8, 13, *LINK_IRQS)
        return irq >= (XEN_GSIS if self.has("ioapic") else ISA_IRQS)

    # -- what else it must say -------------------------------------------------------------

    @property
    def words(self):
        """Patterns that match exactly one line each."""
        pins = rf", ioapic 0x[0-9a-f]+ gsi 0-{XEN_GSIS - 1}" if self.has("ioapic") else ""
        pic = "pic" if self.has("pic") else "no pic"
        by = self.option("redeliver", "call")
        style = f"an irq each, by {by}" if self.daisy else "daisy off: .+"
        return [rf"irqchip: {pic}, lapic {self.lapic_mode} id 0{pins}",
                rf"evtchn: {self.abi}, \d+ ports, {style}",
                f"acpi: {self.tables}: cpus {self.cpus_in_tables}, .+", *self.smp_words, self.live]

    @property
    def cpus_in_tables(self):
        return 1 if self.tables == NO_TABLES else self.vcpus

    @property
    def tables(self):
        """Who describes the board. hvmloader makes ACPI tables unless acpi=0, an MADT among
        them unless apic=0 with one vCPU; an MP table in the same cases as an MADT."""
        if self.hvm and self.boot == "firmware" or self.no_madt:
            return NO_TABLES
        return "MP table" if self.hvm and "acpi=0" in self.settings else "MADT"

    @property
    def no_madt(self):
        return self.hvm and "apic=0" in self.settings and self.vcpus == 1

    @property
    def warnings(self):
        """Patterns, in order; a warning that is not among them is a failure."""
        found = []
        if self.no_madt and self.boot != "firmware" and "acpi=0" not in self.settings:
            found.append("acpi: tables, but no usable MADT among them")
        if self.why_not:
            found.append(re.escape(f"upcall: route={self.asked} cannot be used: {self.why_not}"))
        return found


# -- what tests need ----------------------------------------------------------------------

CHANNELS = ("loopback", "mask", "two_channels", "fair_scan", "close_and_reuse",
            "reuse_raised", "reuse_in_flight", "virq_timer", "redelivery", "redelivery_tpr",
            "redelivery_exhausted")
CALLS = ("calls_no_channel", "calls_xen_channel", "calls_unbound", "calls_interdomain",
         "calls_ipi", "calls_pirq", "calls_other_domain", "calls_bad_pointer",
         "calls_init_control", "calls_priority", "calls_all_ports", "calls_virq")
REDELIVERY = ("redelivery", "redelivery_tpr", "redelivery_exhausted")
PIRQ_LINES = ("pirq_gsi_edge", "pirq_gsi_level")
PIRQS = (*PIRQ_LINES, "pirq_msi", "pirq_refused")
SWITCHING = ("switch_routes", "switch_refused", "switch_one_way", "switch_abi",
             "switch_abi_kinds", "switch_abi_priority")
LAPIC = ("lapic_timer_xapic", "lapic_timer_x2apic", "lapic_self_ipi")
MOVES = ("affinity", "affinity_pending", "reuse_moved")
DEVICE_MOVES = ("affinity_msi", "affinity_msix", "affinity_level", "affinity_edge",
                "affinity_lines_refused")
REACH = ("evtchn_ipi", "virq_timer_each", "upcall_each", "spread",
         *MOVES)  # something arrives on another CPU


LATE = ("mask_reasons", "mask_race", "late_eoi", "brake_flood", "brake_spurious",
        "unhandled_channel", "stray_port")
ELSEWHERE = ("mask_race", "alone")  # a timer is to run on another CPU


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
    (CALLS, "xen", "no Xen"),
    (("cpus", "cpu_call", "cpu_call_crossing", *REACH, *DEVICE_MOVES), lambda m: m.cpus > 1,
     "one CPU"),
    (("late_cpu",), lambda m: m.cpus < m.listed, "every CPU is in use"),
    ((*CHANNELS, *REACH, "priority", "affinity_refused", "vcpu_info_each", "discovery",
      "platform_device", "xenstore", "route", "shared_intx"), "xen", "no Xen"),
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
    ((*REDELIVERY, *MOVES, "affinity_refused", "spread"), lambda m: m.daisy,
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
    (("shared_intx", "msi", "affinity_msi", "affinity_level"), lambda m: m.edu is not None,
     "no edu device"),
    (("msix", "affinity_msix"), lambda m: m.nvme is not None, "no nvme device"),
    (("msi", "msix"), "lapic", "no local APIC"),
    (("affinity_level",), lambda m: m.edu is None or m.has("ioapic") and
     not (m.edu_beside_upcall and m.line_chip == "pic"),
     "edu's line is not on the IO-APIC"),
    (("affinity_level",), lambda m: m.edu is None or not m.edu_beside_upcall,
     "edu is on the upcall's line"),
    (("affinity_edge",), "ioapic", "COM1 is not on the IO-APIC"),
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
    (("timers_each", *ELSEWHERE, "alone_channel"), lambda m: m.cpus > 1, "one CPU"),
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
)

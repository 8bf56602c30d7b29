# SPDX-License-Identifier: MIT
"""What follows from a configuration: the parts, the upcall's route, what Daisy must say.

Nothing here is copied from an output: a machine has parts (PIC, IO-APIC, PCI bus, ...), which say
what works. rules.py says which tests need which.
"""

import ast
import dataclasses
import json
import re

from board import (ISA_IRQS, LINK_IRQS, NO_CHIPS, NO_PAGE, NO_PLATFORM, NO_TABLES, ONE_VCPU,
                   PLATFORM_DEVICE, XEN_GSIS, link_irq, xen_gsi)

CPUS_MAX = 128                   # that Daisy uses
ABIS = {"auto": "fifo", "fifo": "fifo", "2l": "2-level"}  # abi=, and what it is called


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
    quiet: bool = False  # hvm: nothing is said on COM1, its PV console is the one to read

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
        if self.boot.startswith("grub"):
            parts |= {"disk"}
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
        if self.quiet:
            settings += ('serial="null"',)
        mute = " mute=com1" if self.quiet else ""
        return {"type": self.type, "boot": self.boot, "vcpus": self.vcpus,
                "memory": self.memory, "settings": settings, "cmdline": self.cmdline + mute,
                "console": "pv" if self.quiet else None}

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

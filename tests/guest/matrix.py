# SPDX-License-Identifier: MIT
"""The configurations that Daisy is run in; machines.py and rules.py say what is expected of each.

Ways in, board options and memory sizes are hvm's business and take half a minute each, so every
one of them is met once and by different routes. A pvh domain takes ten seconds: there every
route meets every option. On both, every route meets both channel ABIs, on one vCPU and on
several; a check at the end holds this file to it (hvm with each ABI and each of one and several
vCPUs: all four together are met by the tours of test_oracle.py).
"""

import dataclasses
import itertools

from board import PLATFORM_DEVICE, link
from machines import Domain


def hvm(name, cmdline="", quiet=True, **fields):
    """COM1 is taken byte by byte by the device model, half of a run's time when all is said
    there too: most configurations have their PV console read, those of BOOTS have COM1."""
    return Domain(f"hvm-{name}", cmdline, quiet=quiet, **fields)


def pvh(name, cmdline="", **fields):
    return Domain(f"pvh-{name}", cmdline, type="pvh", **fields)


LINES = {"intx-ioapic": "route=intx", "intx-pic": "route=intx intx=pic",
         "intx-gsi": "route=intx intx=gsi", "gsi-ioapic": "route=gsi intx=ioapic",
         "gsi-pic": "route=gsi intx=pic"}
VECTORS = {"vector": "route=vector", "percpu": "route=percpu", "poll": "route=poll"}

# Every route and chip, the fast way in: hvmloader, SeaBIOS, the Linux boot protocol. The other
# two pairs of ABI and number of vCPUs are met by the tours of test_oracle.py.
ROUTES = [hvm("auto", quiet=False)]
for key, words in (LINES | VECTORS).items():
    ROUTES += [hvm(key, words), hvm(f"{key}-2l-smp", f"{words} abi=2l", vcpus=2)]

# How channels become irqs.
STYLES = [
    hvm("redeliver-percpu", "redeliver=vector route=percpu", vcpus=4),
    hvm("redeliver-intx", "redeliver=vector route=intx abi=2l"),
    hvm("redeliver-pic", "redeliver=vector route=intx intx=pic abi=2l"),
    hvm("shared-intx", "daisy=off route=intx", vcpus=4),
    hvm("shared-pic", "daisy=off route=gsi intx=pic abi=2l"),
    hvm("redeliver-vector", "redeliver=vector route=vector", vcpus=4),
]

OPTIONS = [
    hvm("noapic-intx", "noapic route=intx", vcpus=4),
    hvm("noapic-auto", "noapic abi=2l"),
    hvm("noapic-contradiction", "noapic route=intx intx=ioapic"),
    hvm("xapic", "x2apic=off route=percpu abi=2l"),
    hvm("unplug-all", "unplug=all route=intx"),
    hvm("xapic-redeliver", "x2apic=off redeliver=vector route=vector", vcpus=3),
]

# The ways in that are slower or poorer.
BOOTS = [
    hvm("grub", boot="grub", quiet=False),
    hvm("grub-intx-8M", "route=intx", boot="grub", memory=8),
    hvm("grub-disk-8M", "route=poll abi=2l", boot="grub-disk", memory=8),
    hvm("grub-disk-pic", "route=intx intx=pic", boot="grub-disk", quiet=False),
    hvm("firmware", boot="firmware", quiet=False),
    hvm("firmware-smp", boot="firmware", vcpus=4),
    hvm("firmware-pic", "route=intx intx=pic", boot="firmware"),
    hvm("firmware-noapic", "route=gsi noapic", boot="firmware", vcpus=2),
]

# With the least memory that each boots with.
LITTLE = [
    hvm("direct-4M", "route=intx", memory=4, quiet=False),
    hvm("direct-2M", memory=2),
    hvm("firmware-smp-4M", "abi=2l x2apic=off", boot="firmware", vcpus=3, memory=4),
    hvm("firmware-2M", "route=intx intx=gsi abi=2l", boot="firmware", memory=2),
]

ASSIST = 'viridian=["base","apic_assist"]'

# xl.cfg. With apic=0 there still are a local APIC and an IO-APIC, and no table says so.
BOARDS = [
    hvm("apic0-intx", "route=intx", settings=("apic=0",)),
    hvm("apic0-pic", "route=intx intx=pic", settings=("apic=0",)),
    hvm("apic0-smp", settings=("apic=0",), vcpus=4),
    hvm("acpi0-intx", "route=intx", settings=("acpi=0",)),
    hvm("apic0-acpi0", "route=gsi", settings=("apic=0", "acpi=0")),
    hvm("viridian-auto", settings=("viridian=1",)),
    hvm("viridian-firmware", boot="firmware", settings=("viridian=1",), vcpus=33),
    hvm("smp-grub-acpi0", "route=intx intx=pic", boot="grub", settings=("acpi=0",),
        vcpus=3),
    hvm("assist-smp", "route=assist", vcpus=4, settings=(ASSIST,)),
    hvm("assist-xapic", "x2apic=off redeliver=vector", settings=(ASSIST,)),
    hvm("assist-shared", "daisy=off", settings=(ASSIST,)),
    hvm("assist-base", "route=assist", settings=('viridian=["base"]',)),
    hvm("hybrid", "route=hybrid", vcpus=4),
    hvm("hybrid-pic", "route=hybrid intx=pic redeliver=vector", vcpus=2),
    hvm("hybrid-alone", "route=hybrid"),
    hvm("timer-virq-smp", "timer=virq route=vector", vcpus=2),
    hvm("no-platform-intx", "route=intx", settings=("xen_platform_pci=0",)),
    hvm("no-platform-gsi", "route=gsi", settings=("xen_platform_pci=0",)),
    hvm("smp-128", vcpus=128),
    hvm("smp-3-of-4", "cpus=3", vcpus=4),
]

# A second device on the platform device's line, and one on the next line.
BESIDE, APART = PLATFORM_DEVICE + 4, PLATFORM_DEVICE + 3
assert link(BESIDE) == link(PLATFORM_DEVICE) != link(APART)
SHARED_LINES = [
    hvm("edu-ioapic", "route=intx", edu=BESIDE),
    hvm("edu-pic", "route=intx intx=pic", edu=BESIDE),
    hvm("edu-redeliver", "route=intx redeliver=vector", edu=BESIDE),
    hvm("edu-daisy-off", "route=intx intx=pic daisy=off", edu=BESIDE),
    hvm("edu-firmware", "route=intx", edu=BESIDE, boot="firmware"),
    hvm("edu-percpu", "route=percpu", edu=BESIDE),
]

# Emulated lines and messages as event channels. pvh has none: -ENOSYS.
PIRQ_SETTING = ("hvm_pirq=1",)
PIRQS = [
    hvm("pirq-vector", "route=vector", edu=BESIDE, settings=PIRQ_SETTING),
    hvm("pirq-2l", "route=vector abi=2l", edu=APART, settings=PIRQ_SETTING),
    hvm("pirq-smp", "route=percpu", edu=APART, settings=PIRQ_SETTING, vcpus=2),
    hvm("pirq-redeliver", "route=percpu redeliver=vector", edu=APART, settings=PIRQ_SETTING),
    hvm("pirq-shared", "route=vector daisy=off", edu=APART, settings=PIRQ_SETTING),
    hvm("pirq-noapic", "route=percpu noapic", edu=APART, settings=PIRQ_SETTING),
    hvm("pirq-intx", "route=intx", edu=APART, settings=PIRQ_SETTING),
]

# Messages beside all the other sources, and irqs that move. (The slots of edu: its line is the
# upcall's, or is not.)
MESSAGES = [
    hvm("msi", edu=BESIDE, nvme=7),
    hvm("msi-smp-4-intx", "route=intx", edu=APART, nvme=7, vcpus=4),
    hvm("msi-smp-intx-beside", "route=intx", edu=BESIDE, vcpus=2),
    hvm("msi-smp-pic", "route=intx intx=pic abi=2l", edu=BESIDE, nvme=7, vcpus=2),
    hvm("msi-smp-noapic", "noapic redeliver=vector", edu=BESIDE, nvme=7, vcpus=2),
    hvm("msi-smp-xapic", "x2apic=off daisy=off", edu=APART, nvme=7, vcpus=4),
    hvm("msi-vector", "route=vector redeliver=vector", nvme=7, vcpus=3),
    hvm("msi-assist", edu=BESIDE, nvme=7, vcpus=2, settings=(ASSIST,)),
    hvm("msi-firmware", "route=gsi", edu=BESIDE, nvme=7, boot="firmware"),
]

PVH_STYLES = {"": "", "redeliver": "redeliver=vector", "shared": "daisy=off",
              "xapic": "x2apic=off", "noapic": "noapic"}
PVH = [pvh(f"{route}-{name}".strip("-"), f"route={route} {option}".strip())
       for route in ("auto", *VECTORS) for name, option in PVH_STYLES.items()
       if (route, name) != ("auto", "")]
PVH += [pvh(route, f"route={route}") for route in ("intx", "gsi")]
# The ways in which events come.
PVH_EVENTS = [pvh("auto")]
PVH_EVENTS += [pvh(f"{route}-2l", f"{words} abi=2l") for route, words in VECTORS.items()]
PVH_EVENTS += [pvh(f"{route}-{abi}-smp", f"{words} abi={abi}", vcpus=4)
               for route, words in VECTORS.items() for abi in ("2l", "fifo")]
# Each option on several vCPUs with one ABI and then the other.
SMP_STYLES = {"redeliver": "redeliver=vector", "shared": "daisy=off", "xapic": "x2apic=off",
              "cpus": "cpus=2"}
PVH_STYLES_SMP = [
    pvh(f"{route}-{abi}-{name}-smp", f"{words} abi={abi} {option}", vcpus=4)
    for (route, words), (name, option), abi in zip(
            *zip(*itertools.product(VECTORS.items(), SMP_STYLES.items())),
            itertools.cycle(("2l", "fifo", "fifo", "2l", "2l")))]
PVH_LITTLE = [pvh("4M", memory=4), pvh("2M", memory=2), pvh("smp-2M", "abi=2l", vcpus=4, memory=2),
              pvh("2M-poll", "route=poll redeliver=vector", memory=2)]
# Xen keeps 32 vcpu_infos in shared_info: whoever comes after needs one of its own.
PVH += [
    pvh("smp-2", vcpus=2),
    pvh("smp-8", "route=poll", vcpus=8),
    pvh("smp-32", "route=vector", vcpus=32),
    pvh("smp-33", "route=vector abi=2l", vcpus=33),
    pvh("smp-128", vcpus=128),
    pvh("smp-128-vector-2l", "route=vector abi=2l redeliver=vector", vcpus=128),
    pvh("smp-128-xapic", "x2apic=off abi=2l", vcpus=128),
    pvh("smp-40-of-128", "cpus=40", vcpus=128),
    pvh("smp-intx", "route=intx", vcpus=3),
]
PVH += [
    pvh("silent"),
    pvh("ports", settings=("max_event_channels=4000",)),
    pvh("ports-2l", "abi=2l", settings=("max_event_channels=4000",), vcpus=2),
    pvh("timer-virq", "timer=virq"),
    pvh("timer-virq-smp", "timer=virq", vcpus=2),
    pvh("timer-poll-smp", "timer=poll route=vector", vcpus=2),
    pvh("viridian", settings=("viridian=1",)),
    pvh("assist", "route=assist", settings=("viridian=1",)),
    pvh("hybrid", "route=hybrid", vcpus=2),
    pvh("apic0", "route=vector", settings=("apic=0",)),
    pvh("acpi0", settings=("acpi=0",)),
]

# What is asked of dom0 (the store, xenbus, consoles, cards), and the longest of the rest, is half of
# a run, and meets the configuration only in the way that its events come, and in memory.
ELSEWHERE = "net_*,xenbus_*,xenstore*,console_front,switch_abi*,brake_flood,calls_all_ports"


def shorter(domains):
    return [dataclasses.replace(d, cmdline=f"{d.cmdline} skip={ELSEWHERE}".strip())
            for d in domains]


ALL = ROUTES + LITTLE + PVH_EVENTS + PVH_LITTLE + shorter(
    STYLES + OPTIONS + BOOTS + BOARDS + SHARED_LINES + PIRQS + MESSAGES + PVH_STYLES_SMP + PVH)
assert len({d.name for d in ALL}) == len(ALL), "names are unique"

# All parts of these are met in others, though not together: for MATRIX=all (conftest.py).
RARE = {
    *(f"hvm-{name}" for name in (
        "grub-intx-8M", "grub-disk-pic", "firmware-pic", "direct-4M", "firmware-smp-4M",
        "apic0-intx", "viridian-auto", "smp-grub-acpi0", "assist-shared", "hybrid-alone",
        "no-platform-gsi", "smp-128", "edu-daisy-off", "edu-firmware", "edu-percpu", "pirq-smp",
        "pirq-redeliver", "pirq-noapic", "msi-smp-intx-beside", "msi-smp-noapic", "msi-vector",
        "msi-firmware", "noapic-intx", "noapic-contradiction", "xapic", "pirq-intx", "msi-assist",
        "acpi0-intx", "assist-base", "no-platform-intx", "smp-3-of-4", "grub-disk-8M", "firmware",
        "viridian-firmware", "msi-smp-4-intx", "redeliver-intx", "shared-pic", "noapic-auto",
        "timer-virq-smp", "pirq-shared", "xapic-redeliver", "apic0-smp", "assist-xapic",
        "redeliver-pic", "grub", "unplug-all", "apic0-acpi0", "msi", "firmware-smp", "hybrid-pic",
        "edu-redeliver", "msi-smp-pic", "redeliver-vector", "pirq-2l")),
    *(f"pvh-{route}-{style}" for route in ("auto", *VECTORS)
      for style in ("redeliver", "shared", "xapic") if (route, style) != ("auto", "xapic")),
    "pvh-smp-128-vector-2l", "pvh-smp-128-xapic", "pvh-smp-8",
    "pvh-smp-32", "pvh-smp-40-of-128", "pvh-timer-virq", "pvh-acpi0", "pvh-viridian",
    "pvh-2M-poll", "pvh-smp-2", "pvh-auto-xapic", "pvh-vector-noapic", "pvh-poll-noapic",
    "pvh-percpu-2l-shared-smp", "pvh-poll-2l-redeliver-smp", "pvh-poll-2l-shared-smp",
    "pvh-poll-2l-xapic-smp", "pvh-poll-fifo-cpus-smp", "pvh-vector-2l-redeliver-smp",
    "pvh-timer-virq-smp", "pvh-ports", "pvh-smp-intx", "pvh-percpu-fifo-xapic-smp",
    "pvh-percpu-fifo-cpus-smp", "pvh-percpu-noapic", "pvh-silent", "pvh-smp-33", "pvh-apic0",
}
assert RARE <= {d.name for d in ALL}
USUAL = [d for d in ALL if d.name not in RARE]


def way(domain):
    return domain.route, domain.chip, domain.option("intx") == "gsi"


def missed(routes, type_, *kinds):
    """Routes that no domain of this type takes with each ABI, on one vCPU and on several."""
    met = {(way(d), *(kind(d) for kind in kinds)) for d in USUAL if d.type == type_}
    values = {"abi": ("2-level", "fifo"), "several": (False, True)}
    return {(way(Domain("", words)), *value) for words in routes
            for value in itertools.product(*(values[kind.__name__] for kind in kinds))} - met


def abi(domain):
    return domain.abi


def several(domain):
    return domain.cpus > 1


assert not missed((LINES | VECTORS).values(), "hvm", abi), "every route with every ABI"
assert not missed((LINES | VECTORS).values(), "hvm", several), "every route on SMP"
assert not missed(VECTORS.values(), "pvh", abi, several), "every pair of them"

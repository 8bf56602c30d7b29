# SPDX-License-Identifier: MIT
"""The configurations that Daisy is run in; machines.py says what is expected of each.

Ways in, board options and memory sizes are hvm's business and take ten seconds each, so every
one of them is met once and by different routes. A pvh domain takes one second: there every
route meets every option.
"""

from machines import PLATFORM_DEVICE, Domain, link


def hvm(name, cmdline="", **fields):
    return Domain(f"hvm-{name}", cmdline, **fields)


def pvh(name, cmdline="", **fields):
    return Domain(f"pvh-{name}", cmdline, type="pvh", **fields)


# Every route and chip, the fast way in: hvmloader, SeaBIOS, the Linux boot protocol.
ROUTES = [
    hvm("auto"),
    hvm("intx-ioapic", "route=intx"),
    hvm("intx-pic", "route=intx intx=pic"),
    hvm("intx-gsi", "route=intx intx=gsi"),
    hvm("gsi-ioapic", "route=gsi intx=ioapic"),
    hvm("gsi-pic", "route=gsi intx=pic"),
    hvm("vector", "route=vector"),
    hvm("percpu", "route=percpu"),
    hvm("poll", "route=poll"),
]

OPTIONS = [
    hvm("redeliver-percpu", "redeliver=vector route=percpu"),
    hvm("redeliver-intx", "redeliver=vector route=intx"),
    hvm("redeliver-pic", "redeliver=vector route=intx intx=pic"),
    hvm("shared-intx", "daisy=off route=intx"),
    hvm("shared-pic", "daisy=off route=gsi intx=pic"),
    hvm("shared-vector", "daisy=off route=vector"),
    hvm("noapic-intx", "noapic route=intx"),
    hvm("noapic-auto", "noapic"),
    hvm("noapic-contradiction", "noapic route=intx intx=ioapic"),
    hvm("xapic", "x2apic=off route=percpu"),
    hvm("redeliver-gsi", "redeliver=vector route=gsi"),
    hvm("redeliver-vector", "redeliver=vector route=vector"),
    hvm("redeliver-poll", "redeliver=vector route=poll"),
    hvm("unplug-all", "unplug=all route=intx"),
    hvm("xapic-redeliver", "x2apic=off redeliver=vector route=intx"),
]

# The ways in that are slower or poorer, with the least memory that each boots with.
BOOTS = [
    hvm("grub", boot="grub"),
    hvm("grub-intx-8M", "route=intx", boot="grub", memory=8),
    hvm("grub-disk-8M", "route=vector", boot="grub-disk", memory=8),
    hvm("grub-disk-pic", "route=intx intx=pic", boot="grub-disk"),
    hvm("direct-4M", "route=intx", memory=4),
    hvm("direct-2M", memory=2),
    hvm("firmware", boot="firmware"),
    hvm("firmware-intx", "route=intx", boot="firmware", memory=4),
    hvm("firmware-pic", "route=intx intx=pic", boot="firmware"),
    hvm("firmware-gsi", "route=gsi", boot="firmware"),
    hvm("firmware-noapic", "route=gsi noapic", boot="firmware"),
    hvm("firmware-2M", "route=vector", boot="firmware", memory=2),
]

# xl.cfg. With apic=0 there still are a local APIC and an IO-APIC, and no table says so.
BOARDS = [
    hvm("apic0-intx", "route=intx", settings=("apic=0",)),
    hvm("apic0-pic", "route=intx intx=pic", settings=("apic=0",)),
    hvm("apic0-smp", settings=("apic=0",), vcpus=2),
    hvm("acpi0-intx", "route=intx", settings=("acpi=0",)),
    hvm("acpi0-auto", settings=("acpi=0",)),
    hvm("apic0-acpi0", "route=gsi", settings=("apic=0", "acpi=0")),
    hvm("viridian-auto", settings=("viridian=1",)),
    hvm("viridian-firmware", boot="firmware", settings=("viridian=1",)),
    hvm("smp-grub-acpi0", boot="grub", settings=("acpi=0",), vcpus=2),
    hvm("viridian-intx", "route=intx", settings=("viridian=1",)),
    hvm("no-platform-intx", "route=intx", settings=("xen_platform_pci=0",)),
    hvm("no-platform-gsi", "route=gsi", settings=("xen_platform_pci=0",)),
    hvm("no-platform-firmware", "route=intx", settings=("xen_platform_pci=0",),
        boot="firmware"),
    hvm("smp-percpu", "route=percpu", vcpus=2),
    hvm("smp-intx", "route=intx", vcpus=2),
    hvm("smp-vector", "route=vector", vcpus=2),
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
    hvm("edu-apart", "route=intx", edu=APART),
    hvm("edu-percpu", "route=percpu", edu=BESIDE),
]

PVH_STYLES = {"": "", "redeliver": "redeliver=vector", "shared": "daisy=off",
              "xapic": "x2apic=off", "noapic": "noapic"}
PVH = [pvh(f"{route}-{name}".strip("-"), f"route={route} {option}".strip())
       for route in ("auto", "percpu", "vector", "poll", "intx", "gsi")
       for name, option in PVH_STYLES.items()]
PVH += [
    pvh("silent"),
    pvh("4M", memory=4),
    pvh("2M", memory=2),
    pvh("2M-poll", "route=poll redeliver=vector", memory=2),
    pvh("smp-auto", vcpus=2),
    pvh("smp-vector", "route=vector", vcpus=2),
    pvh("smp-poll", "route=poll", vcpus=2),
    pvh("viridian", settings=("viridian=1",)),
    pvh("apic0", "route=vector", settings=("apic=0",)),
    pvh("acpi0", settings=("acpi=0",)),
]

DOMAINS = ROUTES + OPTIONS + BOOTS + BOARDS + SHARED_LINES + PVH
assert len({d.name for d in DOMAINS}) == len(DOMAINS), "names are unique"

# SPDX-License-Identifier: MIT
"""VM exits per event, counted by the host: docs/exits.md says where each comes from."""

import dataclasses

import pytest
from conftest import rare
from machines import Domain
from test_matrix import IMAGE, PATIENCE, judged

STEPS = 300
ABIS = {"2l": "2-level", "fifo": "fifo"}


@dataclasses.dataclass(frozen=True)
class Row:
    """A route, and what one self-sent event costs there beside the send, by cause."""

    name: str
    route: str
    cmdline: str
    cost: dict
    type: str = "pvh"
    settings: tuple = ()


def hvm(name, route, cmdline, cost):
    return Row(name, route, cmdline, cost, "hvm")


ROWS = [
    Row("percpu", "percpu", "route=percpu", {"MSR": 1}),
    Row("percpu-xapic", "percpu", "route=percpu x2apic=off", {"NPF": 1}),
    Row("vector", "vector", "route=vector", {"VINTR": 1}),
    Row("poll", "poll", "route=poll", {}),
    Row("assist", "assist", "route=assist", {}, "hvm", ('viridian=["base","apic_assist"]',)),
    hvm("intx-ioapic", "intx", "route=intx", {"MSR": 1}),
    hvm("intx-xapic", "intx", "route=intx x2apic=off", {"NPF": 1}),
    hvm("intx-gsi", "intx", "route=intx intx=gsi", {"MSR": 1}),
    hvm("intx-pic-slave", "intx", "route=intx intx=pic", {"IOIO": 2}),
    hvm("gsi-ioapic", "gsi", "route=gsi", {"MSR": 1}),
    hvm("gsi-pic-master", "gsi", "route=gsi intx=pic", {"IOIO": 1}),
    Row("percpu-redeliver", "percpu", "route=percpu redeliver=vector", {"MSR": 3, "VINTR": 1}),
    Row("vector-redeliver", "vector", "route=vector redeliver=vector", {"MSR": 2, "VINTR": 1}),
]


def counted(run, /, **options):
    """A run in which dom0 did not write to the store, of its own, while something was counted: that is
    an event more, and its exits. Daisy says so."""
    for _ in range(5):
        result = run(IMAGE, timeout=PATIENCE, exits=True, **options)
        assert judged(result).names("pass") == {"exits"}
        if "the store has interrupted it" not in result.console:
            return result
    pytest.fail("dom0 writes to the store all the time")


# A line costs the same whatever is found behind it: with both ABIs on one of them, usually.
SELDOM = {("intx-xapic", "2l"), ("intx-xapic", "fifo"), ("intx-gsi", "fifo"),
          ("intx-pic-slave", "fifo"), ("gsi-ioapic", "2l"), ("gsi-ioapic", "fifo"),
          ("gsi-pic-master", "fifo")}


@pytest.mark.parametrize("row, abi", [
    rare(row, abi, id=f"{row.name}-{abi}", when=(row.name, abi) in SELDOM)
    for row in ROWS for abi in ABIS])
def test_exits_per_event(boot, row, abi):
    domain = Domain(row.name, f"test=exits exits={STEPS} abi={abi} {row.cmdline}",
                    type=row.type, settings=row.settings)
    result = counted(boot, **domain.guest)
    sections = {s["name"]: s for s in result.exits["sections"]}
    assert result.exits["problems"] == []
    clock = "lapic" if row.route == "poll" else "virq"  # which interrupts nobody by poll
    assert set(sections) == {"null", f"timer-{clock}", f"masked-{ABIS[abi]}",
                             f"{row.route}-{ABIS[abi]}"}
    check(sections["null"], {"VMMCALL": 1})
    check(sections[f"masked-{ABIS[abi]}"], {"VMMCALL": 2})
    check(sections[f"{row.route}-{ABIS[abi]}"], {"VMMCALL": 1} | row.cost)


@pytest.mark.parametrize("x2apic, write", [("auto", "MSR"), ("off", "NPF")])
@pytest.mark.parametrize("clock, calls, writes", [("virq", 1, 1), ("lapic", 0, 4)])
def test_exits_per_timer(boot, x2apic, write, clock, calls, writes):
    """The EOI is a write, too. Whether a look at the time is an exit depends on the host's TSC,
    and whether Xen asks for a window on when the timer is due."""
    result = counted(boot, type="pvh",
                     cmdline=f"test=exits exits={STEPS} timer={clock} x2apic={x2apic}")
    assert result.exits["problems"] == []
    found, = (s for s in result.exits["sections"] if s["name"] == f"timer-{clock}")
    assert found["steps"] == STEPS
    assert found["exits"].get("VMMCALL", 0) == calls * STEPS
    assert found["exits"].get(write, 0) == writes * STEPS
    assert set(found["exits"]) <= {"VMMCALL", write, "RDTSC", "VINTR", "INTR", "NMI", "SMI"}


def check(section, cost):
    """What the guest does is counted to the digit. An interrupt of the host's that comes in
    between may take or add one exit: Xen looks at the guest's interrupts again then."""
    assert section["steps"] == STEPS
    own = {name: n for name, n in section["exits"].items() if name not in ("INTR", "NMI", "SMI")}
    assert set(own) == set(cost), section
    assert own["VMMCALL"] == STEPS * cost["VMMCALL"]
    for name, times in cost.items():
        assert abs(own[name] - STEPS * times) <= section["outside"], section
    assert section["entries"] == sum(section["exits"].values())

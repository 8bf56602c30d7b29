# SPDX-License-Identifier: MIT
"""What an event costs: guest instructions from the interrupt's entry to IRET, VM exits by cause. One at a
time, sent by a vCPU to itself, by each of Daisy's routes and ABIs; and in Linux, by the one that it takes.
"""

import peer
from xenboxlib import Guest

STEPS = 1000
PATIENCE = 600  # seconds; the peer is slow to boot, and the machine that counts is slower
ABIS = {"2l": "2-level", "fifo": "fifo"}
ASSIST = ('viridian=["base","apic_assist"]',)
# type, route, settings
ROUTES = [("pvh", "vector", ()), ("pvh", "percpu", ()), ("pvh", "poll", ()),
          ("hvm", "intx", ()), ("hvm", "gsi", ()), ("hvm", "assist", ASSIST)]
# type, ABI, more of the command line
LINUX = [("pvh", "fifo", ""), ("pvh", "2l", "xen.fifo_events=0"), ("hvm", "fifo", "")]


def measure(bench):
    rows = [daisy(bench, *route, abi) for route in ROUTES for abi in ABIS]
    return rows + [linux(bench, *row) for row in LINUX]


def row(bench, guest, kind, route, abi, found):
    """One line of the answer, of the section that is the events'."""
    section = bench.counter.sections()[-1]
    return {"guest": guest, "type": kind, "route": route, "abi": abi, "steps": STEPS,
            "instructions": {"least": min(section.traps, default=None),
                             "usual": section.usual_trap()[0] or None,
                             "p10": section.quantile_trap(100), "p90": section.quantile_trap(900)},
            "whole": round(section.instructions / STEPS, 2),
            "exits": found["exits"],
            "per_event": found["per_step"]}


def run(bench, guest):
    bench.counter.sections()  # what was before
    result = bench.bed.run(guest)
    assert result.passed, result.message
    assert not result.exits["problems"], result.exits["problems"]
    return {section["name"]: section for section in result.exits["sections"]}


def daisy(bench, kind, route, settings, abi):
    words = f"test=exits exits={STEPS} route={route} abi={abi}"
    sections = run(bench, Guest(bench.image, type=kind, memory=peer.MEMORY, cmdline=words, settings=settings,
                                timeout=PATIENCE, exits=True))
    return row(bench, "daisy", kind, route, abi, sections[f"{route}-{ABIS[abi]}"])


def linux(bench, kind, abi, more):
    options = bench.peer.guest(kind, f"peer.steps={STEPS} {more}".strip())
    sections = run(bench, Guest(bench.peer.image(kind), timeout=PATIENCE, exits=True, **options))
    return row(bench, "linux", kind, "percpu", abi, sections["event"])

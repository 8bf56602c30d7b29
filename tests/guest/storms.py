# SPDX-License-Identifier: MIT
"""The cells of the storm: which ones a machine must have, and how many runs each must bring.

A cell is a route and a channel ABI, storm_ROUTE_ABI. Every boot has one, its own; a tour has every
one that the machine can have, and skips the others with a reason.
"""

import dataclasses

from board import NO_CHIPS, NO_PAGE, NO_PLATFORM, ONE_VCPU

USUAL = 400          # handler runs of a cell when events= is not given


@dataclasses.dataclass(frozen=True)
class Cell:
    name: str
    runs: int = 0        # at least
    skip: str = None     # why not, in Daisy's words


def route_word(machine):
    """What the cell calls the route and the chip that brings it."""
    if machine.route == "intx":
        if machine.option("intx") == "gsi":
            return "gsi_intx"
        return f"{machine.chip}_intx"
    if machine.route == "gsi":
        return {"pic": "pic_gsi", "ioapic": "isa_gsi"}[machine.chip]
    return "percpu_assist" if machine.route == "assist" else machine.route


def here(machine):
    """The cells of an ordinary boot."""
    if machine.option("storm") == "off":
        return []
    if not machine.has("xen"):
        return [Cell("storm", skip="no Xen")]
    route = route_word(machine)
    abi = {"2-level": "2l"}.get(machine.abi, machine.abi)
    events = int(machine.option("events", USUAL))
    return [Cell(f"storm_{route}_{abi}", events,
                 None if machine.daisy else "daisy=off: channels have no irqs")]


def check(report, cells):
    """Each cell that was not skipped has passed, and has brought its runs."""
    for cell in cells:
        outcome = report.outcomes[cell.name]
        if cell.skip:
            assert (outcome.state, outcome.why) == ("skip", cell.skip)
            continue
        counts = outcome.counts
        assert outcome.state == "pass", outcome.why
        assert counts["runs"] >= cell.runs, f"{cell.name}: fewer than {cell.runs} runs"
        assert counts["runs"] + counts["coalesced"] == counts["sends"] + counts["spurious"]


# -- tours ----------------------------------------------------------------------------------

LINES = ("pic_intx", "ioapic_intx", "isa_gsi")
ROUTES = (*LINES, "poll", "hybrid", "percpu", "percpu_assist", "vector")
CELLS = tuple(f"storm_{route}_{abi}" for route in ROUTES for abi in ("2l", "fifo"))


def why_not(machine, route):
    """A pvh domain has no board, hybrid needs another vCPU, the assist page xl.cfg's viridian."""
    if route == "hybrid" and machine.cpus < 2:
        return ONE_VCPU
    if route == "percpu_assist" and not machine.assist:
        return NO_PAGE
    if machine.hvm or route not in (*LINES, "hybrid"):
        return None
    return NO_CHIPS if route == "isa_gsi" else NO_PLATFORM


def tour(machine):
    """The cells of a boot with storm=all: each route with both ABIs, or why not."""
    events = int(machine.option("events", USUAL))
    return [Cell(f"storm_{route}_{abi}", events, why_not(machine, route))
            for route in ROUTES for abi in ("2l", "fifo")]

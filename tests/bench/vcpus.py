# SPDX-License-Identifier: MIT
"""What each further vCPU costs until it is there: instructions of all vCPUs, VM entries and hypercalls
from one call of cpu_create() to the next. In one boot, on pvh, one at a time as Daisy starts them."""

import statistics

from counts import spent
from starts import PATIENCE
from xenboxlib import Guest

VCPUS = 128
PART = 16  # of them, the first and the last, are compared: linear is when these are alike


def measure(bench):
    bench.counter.passed()  # what was before
    result = bench.bed.run(Guest(bench.image, type="pvh", vcpus=VCPUS, cmdline="test=mask",
                                 timeout=PATIENCE))
    assert result.passed, result.message
    assert f"smp: {VCPUS} of {VCPUS} CPUs" in result.console, result.console
    return rows(bench.counter.passed())


def rows(passed):
    """One for each vCPU but the first. The last ends where the line "smp: ..." begins."""
    names = [name for name, _ in passed]
    first, behind = names.index("cpu_create"), len(names) - names[::-1].index("cpu_create")
    counts = [counts for name, counts in passed[first:behind + 1]]
    return [{**spent(*pair), "vcpu": vcpu} for vcpu, pair in enumerate(zip(counts, counts[1:]), 1)]


def growth(found, what):
    """(of the first, of the last, as medians; their ratio)."""
    first, last = (statistics.median(row[what] for row in part) for part in (found[:PART], found[-PART:]))
    return first, last, last / first

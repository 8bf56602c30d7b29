# SPDX-License-Identifier: MIT
"""For soak.py: what an event takes with 100,000 channels, one of them pending and all of them by one upcall.
Counted as in test_steps.py, which goes up to 4000: Xen looks for a free port from the first one on, so that
binding so many takes many minutes.

Ports from 4096 on take more (docs/performance.md), and no more from there to the last one."""

import test_steps
from test_matrix import PATIENCE
from test_steps import COUNTING, counting  # noqa: F401  (a fixture)

STEPS = 3
LOW, MORE, CROWD = 4000, 8000, 100000
FLAT = 1.2
# Recorded with gcc 12.2, of ports from 4096 on: one alone with the test's handler, each of all with an empty
# one. 28 more than a lower port: its word is taken by a function, by pages, and so is its irq.
BEYOND = 106, 52


def measured(counting, bound):  # noqa: F811
    """(one of so many, all of them): instructions."""
    sections = test_steps.measured(
        counting, STEPS, f"route=vector abi=fifo irqs=131072 crowd={bound}", sections=2,
        settings=("max_event_channels=131071",), memory=128, timeout=3 * PATIENCE)
    for section in sections:
        assert section.usual_trap()[1] >= STEPS - 1, "but for what dom0 does, each takes the same"
    return [section.usual_trap()[0] for section in sections]


def test_a_crowd(counting):  # noqa: F811
    (low_one, low_all), (more_one, more_all), (one, everyone) = (
        measured(counting, bound) for bound in (LOW, MORE, CROWD))
    low = low_all / LOW - COUNTING
    more, each = ((total - low_all) / (bound - LOW) - COUNTING
                  for bound, total in ((MORE, more_all), (CROWD, everyone)))
    print(f"\ncrowd: one of {LOW}, {MORE}, {CROWD}: {low_one}, {more_one}, {one} instructions; "
          f"each of all: {low:.1f}, of further ones {more:.1f}, {each:.1f}")
    assert 0 < one <= FLAT * more_one and one <= BEYOND[0]
    assert 0 < each <= FLAT * more and each <= BEYOND[1]

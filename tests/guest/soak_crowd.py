# SPDX-License-Identifier: MIT
"""For soak.py: what an event takes with 100,000 channels, one of them pending and all of them by one upcall.
Counted as in test_steps.py, which goes up to 4000: Xen looks for a free port from the first one on, so that
binding so many takes many minutes.

Where a port lies does not matter."""

import test_steps
from test_matrix import PATIENCE
from test_steps import COUNTING, EACH, RECORDED, counting  # noqa: F401  (a fixture)

STEPS = 3
LESS, CROWD = 4000, 100000


def measured(counting, bound):  # noqa: F811
    """(one of so many, all of them): instructions."""
    sections = test_steps.measured(
        counting, STEPS, f"route=vector abi=fifo irqs=131072 crowd={bound}", sections=2,
        settings=("max_event_channels=131071",), memory=128, timeout=3 * PATIENCE)
    for section in sections:
        assert section.usual_trap()[1] >= STEPS - 1, "but for what dom0 does, each takes the same"
    return [section.usual_trap()[0] for section in sections]


def test_a_crowd(counting):  # noqa: F811
    (one_of_less, less), (one, everyone) = (measured(counting, bound) for bound in (LESS, CROWD))
    each = everyone / CROWD - COUNTING
    print(f"\ncrowd: one of {LESS}, of {CROWD}: {one_of_less}, {one} instructions; "
          f"each of all: {less / LESS - COUNTING:.1f}, {each:.1f}")
    assert 0 < one <= RECORDED["vector", "fifo"] and one == one_of_less
    assert 0 < each <= EACH["fifo", LESS]

# SPDX-License-Identifier: MIT
"""What can only be timed: two guests run in turn, and the ratio of the two. No time is a claim of its own:
the machine is emulated, and has neighbours.

    ratio(in_turn(lambda: seconds_of(daisy), lambda: seconds_of(linux)))
"""

import statistics

PAIRS = 5


def in_turn(first, second, pairs=PAIRS):
    """[(what first() returned, what second() did), ...], run A B A B."""
    return [(first(), second()) for _ in range(pairs)]


def ratio(pairs):
    """Of numbers: the first by the second of each pair. The spread is the whole of it, no part left out."""
    found = [a / b for a, b in pairs]
    return {"median": statistics.median(found), "least": min(found), "most": max(found),
            "pairs": [list(pair) for pair in pairs]}

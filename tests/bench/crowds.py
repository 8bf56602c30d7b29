# SPDX-License-Identifier: MIT
"""How an event's cost grows with the channels: one pending of so many that are bound, and all of them, each
channel with an irq of its own; and what it would be if they all shared one irq (daisy=off), or if the scan
sent each to a vector of its own (redeliver=vector) instead of calling its handler."""

from xenboxlib import Guest

STEPS = 20
PATIENCE = 600
GROWTH = (1, 10, 64, 100, 1000, 4000)
DRIVERS = (1, 2, 4, 8, 16, 32, 64)
# How a channel's handler is reached, and the words for it.
WAYS = {"own irq": "", "own vector": "redeliver=vector", "one shared irq": "daisy=off"}
CHANNELS = ("max_event_channels=4095",)


def measure(bench):
    cells = [(abi, "own irq", bound) for abi in ("2l", "fifo") for bound in GROWTH]
    cells += [("2l", way, bound) for way in WAYS for bound in DRIVERS]
    return [row(bench, *cell) for cell in dict.fromkeys(cells)]


def row(bench, abi, way, bound):
    bench.counter.sections()  # what was before
    words = f"test=exits exits={STEPS} crowd={bound} route=vector abi={abi} {WAYS[way]}"
    result = bench.bed.run(Guest(bench.image, type="pvh", cmdline=words.strip(), settings=CHANNELS,
                                 timeout=PATIENCE))
    assert result.passed, result.message
    one, everyone = bench.counter.sections()[-2:]
    return {"abi": abi, "bound": bound, "way": way, "one": per_event(one, 1),
            "all": per_event(everyone, bound)}


def per_event(section, pending):
    """Of all that an event takes in interrupts: of the upcall's, and of its own where it has one."""
    events = STEPS * pending
    inside = sum(took * times for took, times in section.traps.items())
    return {"instructions": round(inside / events, 2), "entries": round(section.entries / events, 3)}

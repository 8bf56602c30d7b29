# SPDX-License-Identifier: MIT
"""How an event's cost grows with the channels: one pending of so many that are bound, and all of them, each
channel with an irq of its own; and what it would be if they all shared one irq (daisy=off), or if the scan
sent each to a vector of its own (redeliver=vector) instead of calling its handler. Linux beside it, where a
channel has an irq of its own, and no other way."""

import peer
from xenboxlib import Guest

STEPS = 20
PATIENCE = 600
GROWTH = (1, 10, 64, 100, 1000, 4000)
LINUX = (1, 64, 1000)
LINUX_ABIS = {"2l": "xen.fifo_events=0", "fifo": ""}
DRIVERS = (1, 2, 4, 8, 16, 32, 64)
# How a channel's handler is reached, and the words for it.
WAYS = {"own irq": "", "own vector": "redeliver=vector", "one shared irq": "daisy=off"}
CHANNELS = ("max_event_channels=4095",)


def measure(bench):
    cells = [(abi, "own irq", bound) for abi in ("2l", "fifo") for bound in GROWTH]
    cells += [("2l", way, bound) for way in WAYS for bound in DRIVERS]
    return ([daisy(bench, *cell) for cell in dict.fromkeys(cells)]
            + [row for abi in LINUX_ABIS for row in linux(bench, abi)])


def sections(bench, guest):
    """Of this guest's run, two for each crowd: one pending, and all."""
    bench.counter.sections()  # what was before
    result = bench.bed.run(guest)
    assert result.passed, result.message
    return bench.counter.sections()


def row(guest, abi, way, bound, one, everyone):
    return {"guest": guest, "abi": abi, "bound": bound, "way": way, "one": per_event(one, 1),
            "all": per_event(everyone, bound)}


def daisy(bench, abi, way, bound):
    words = f"test=exits exits={STEPS} crowd={bound} route=vector abi={abi} {WAYS[way]}"
    found = sections(bench, Guest(bench.image, type="pvh", memory=peer.MEMORY, cmdline=words.strip(),
                                  settings=CHANNELS, timeout=PATIENCE))
    return row("daisy", abi, way, bound, *found[-2:])


def linux(bench, abi):
    """One boot for all: it is the long part."""
    words = " ".join([LINUX_ABIS[abi], *(f"peer.crowd={STEPS},{bound}" for bound in LINUX)])
    options = bench.peer.guest("pvh", words.strip())
    options["settings"] += CHANNELS
    found = sections(bench, Guest(bench.peer.image("pvh"), timeout=PATIENCE, **options))
    assert len(found) == 2 * len(LINUX)
    return [row("linux", abi, "own irq", *cell) for cell in zip(LINUX, found[::2], found[1::2])]


def per_event(section, pending):
    """Of all that an event takes in interrupts: of the upcall's, and of its own where it has one. Linux runs
    in them what it has put off, too, and its timer's are among them; so the shortest as well, which is of
    use where one is pending."""
    events = STEPS * pending
    inside = sum(took * times for took, times in section.traps.items())
    return {"instructions": round(inside / events, 2), "entries": round(section.entries / events, 3),
            "shortest": min(section.traps, default=None)}

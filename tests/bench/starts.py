# SPDX-License-Identifier: MIT
"""What a boot costs, from the domain's first instruction: Daisy's to its verdict, Linux's to the first
program of user space. On pvh, where no firmware comes first."""

import base64
import functools

import peer
from xenboxlib import Guest

PATIENCE = 600


def measure(bench):
    return [daisy(bench), linux(bench)]


def daisy(bench):
    """A boot with one short test, to its end."""
    begin = here(bench)
    result = bench.bed.run(Guest(bench.image, type="pvh", cmdline="test=mask", timeout=PATIENCE))
    assert result.passed, result.message
    return row("daisy", "end", begin, here(bench))


def linux(bench):
    begin = here(bench)
    result = bench.bed.run(Guest(bench.peer.image("pvh"), timeout=PATIENCE,
                                 **bench.peer.guest("pvh")))
    assert result.passed, result.message
    found = [mark for mark in bench.counter.marks("mark") if mark[1] == peer.USER_SPACE]
    return row("linux", "user space", begin, found[0])


@functools.cache
def dom0_mark():
    return peer.compiled_mark(peer.DOM0)


def here(bench):
    """What has been counted so far: dom0 executes a mark, which is no guest's."""
    bench.counter.marks("mark")
    program = base64.b64encode(dom0_mark()).decode()
    status, output = bench.bed.execute(f"""
        echo {program} | base64 -d >/run/mark && chmod +x /run/mark && /run/mark""")
    assert status == 0, output
    return bench.counter.marks("mark")[-1]


def row(guest, until, begin, end):
    instructions, entries, hypercalls = (b - a for a, b in zip(begin[2], end[2]))
    return {"guest": guest, "until": until, "instructions": instructions, "entries": entries,
            "hypercalls": hypercalls}

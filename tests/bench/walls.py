# SPDX-License-Identifier: MIT
"""How long a boot takes: from the domain's unpause to Daisy's verdict, or to the first word of Linux's
first program. Both ends are when the host sees them: what xl says as it begins to unpause, and the word."""

import concurrent.futures
import time

import pairs
import peer
from xenboxlib import Guest, Run

PATIENCE = 3600  # seconds
# vCPUs, pairs: how long 32 take Linux here has not been seen.
TURNS = [(1, pairs.PAIRS), (2, pairs.PAIRS), (8, pairs.PAIRS), (32, 1)]


def measure(bench):
    return [{"vcpus": vcpus, **pairs.ratio(pairs.in_turn(lambda: seconds(bench, *daisy(bench, vcpus)),
                                                         lambda: seconds(bench, *linux(bench, vcpus)),
                                                         turns))}
            for vcpus, turns in TURNS]


def daisy(bench, vcpus):
    return (Guest(bench.image, type="pvh", vcpus=vcpus, memory=peer.MEMORY, cmdline="test=mask", paused=True,
                  timeout=PATIENCE), r"^daisy: 1 passed, 0 failed$")


def linux(bench, vcpus):
    return (Guest(bench.peer.image("pvh"), vcpus=vcpus, paused=True, timeout=PATIENCE,
                  **bench.peer.guest("pvh")), r"^peer: .* is up$")


def seconds(bench, guest, said):
    run = Run(bench.plain, guest, keep_up=True)
    try:
        while "created" not in run.timings:
            assert run.pump(), run.xl.decode(errors="replace")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            end = pool.submit(time_of, run, said)
            begin = unpaused(bench.plain)
            return round(end.result() - begin, 3)
    finally:
        run.stop()


def time_of(run, said):
    assert run.expect(said), run.console()
    return time.monotonic()


def unpaused(bed):
    """When xl, which takes its time to start, began to do it: it says so in its debug output."""
    times = []

    def sink(data):
        if b"libxl_domain_unpause" in data:
            times.append(time.monotonic())
    status, output = bed.execute("xl -vvv unpause guest", sink)
    assert status == 0 and times, output
    return times[0]

# SPDX-License-Identifier: MIT
"""What a guest costs that has nothing to do: its VM entries in 5 s. Daisy waits at its prompt, Linux in
its sleep; a disk is connected. No network card: what dom0 sends to its bridge is not the guest's doing."""

import time

import peer
from starts import DEVICES, PATIENCE, disk, here
from xenboxlib import Guest, Run

SECONDS = 5
WINDOWS = 3
SETTLED = 3  # seconds after the last word: xenconsoled and the backend have taken everything
SETTINGS = DEVICES[:1]


def measure(bench):
    return [row("daisy", windows(bench, daisy(bench), "is connected")),
            row("linux", windows(bench, linux(bench), "peer: idle"))]


def daisy(bench):
    return Guest(bench.image, type="pvh", memory=peer.MEMORY, cmdline="shell", timeout=PATIENCE,
                 settings=SETTINGS, files={"disk": disk(bench.folder)})


def linux(bench):
    options = bench.peer.guest("pvh", f"peer.idle={10 * WINDOWS * SECONDS}")
    options["settings"] += SETTINGS
    options["files"]["disk"] = disk(bench.folder)
    return Guest(bench.peer.image("pvh"), timeout=PATIENCE, **options)


def windows(bench, guest, when):
    """[instructions, VM entries, hypercalls] of each, once the guest has said that it is there."""
    run = Run(bench.bed, guest, keep_up=True)
    try:
        assert run.expect(when), run.console()
        time.sleep(SETTLED)
        return [window(bench) for _ in range(WINDOWS)]
    finally:
        run.stop()


def window(bench):
    before = here(bench)
    bench.bed.execute(f"sleep {SECONDS}")
    return [b - a for a, b in zip(before, here(bench))]


def row(guest, found):
    return {"guest": guest, "seconds": SECONDS, "entries": [entries for _, entries, _ in found],
            "instructions": [instructions for instructions, _, _ in found]}

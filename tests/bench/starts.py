# SPDX-License-Identifier: MIT
"""What a boot costs, from the domain's first instruction: Daisy's to its first line, to the last device
that is connected, and to its end, with one test; Linux's to the first program of user space. On pvh,
where no firmware comes first; with a disk and a network card."""

import base64
import functools
import os

import peer
from counts import spent
from xenboxlib import Guest, Run

PATIENCE = 600
DISK = 1 << 20
DEVICES = ('disk=["format=raw,vdev=xvda,access=rw,target=/run/guest/disk"]',
           'vif=["bridge=xenbr0,type=vif"]')


def measure(bench):
    return [*daisy(bench), linux(bench)]


def daisy(bench):
    begin, lines = boot(bench)
    return [row("daisy", "first line", begin, lines[1]),
            row("daisy", "devices connected", begin, lines[-1]) | {
                "lines": [spent(begin, line)["instructions"] for line in lines]},
            whole(bench)]


def boot(bench):
    """Daisy's counts at its first instruction, and at each line that it begins, of which the last one says
    that the last device is connected. When it begins the second one the first is out."""
    bench.counter.passed()  # what was before
    run = Run(bench.bed, guest(bench, "shell"), keep_up=True)
    try:
        for device in ("vbd", "vif"):
            assert run.expect(rf"device/{device}/\S+ is connected"), run.console()
        passed = bench.counter.passed()
    finally:
        run.stop()
    return dict(passed)["pvh_entry"], [counts for name, counts in passed if name == "printk"]


def guest(bench, words):
    """In as much memory as the other one needs: a domain is the same for both."""
    return Guest(bench.image, type="pvh", memory=peer.MEMORY, cmdline=words, timeout=PATIENCE,
                 settings=DEVICES, files={"disk": disk(bench.folder)})


def whole(bench):
    begin = here(bench)
    result = bench.bed.run(guest(bench, "test=mask"))
    assert result.passed, result.message
    return row("daisy", "end", begin, here(bench))


def linux(bench):
    begin = here(bench)
    options = bench.peer.guest("pvh")
    options["settings"] += DEVICES
    options["files"]["disk"] = disk(bench.folder)
    result = bench.bed.run(Guest(bench.peer.image("pvh"), timeout=PATIENCE, **options))
    assert result.passed, result.message
    return row("linux", "user space", begin, marks(bench, peer.USER_SPACE)[0])


def disk(folder):
    path = os.path.join(folder, "disk")
    with open(path, "wb") as file:
        file.truncate(DISK)
    return path


@functools.cache
def dom0_mark():
    return peer.compiled_mark(peer.DOM0)


def marks(bench, *numbers):
    """The counts at each mark of these numbers, since anything was last asked of the counter."""
    return [counts for _, counts, _ in bench.counter.marks(lambda _, n: n in numbers)]


def here(bench):
    """What has been counted so far: dom0 executes a mark, which is no guest's."""
    program = base64.b64encode(dom0_mark()).decode()
    status, output = bench.bed.execute(f"""
        echo {program} | base64 -d >/run/mark && chmod +x /run/mark && /run/mark""")
    assert status == 0, output
    return marks(bench, peer.DOM0)[-1]


def row(guest, until, begin, end):
    return {"guest": guest, "until": until, **spent(begin, end)}

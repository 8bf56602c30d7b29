# SPDX-License-Identifier: MIT
"""What a disk gives: reads and writes in turn and here and there, of each size, so many at a time. Daisy's
`blk bench` and `bench-write` and the peer's disk.c have the same places; the disk lies in dom0's memory.
The throughput is a ratio of the two in turn, the rest is counted, on the bed that counts.
"""

import dataclasses
import re

import peer
from pairs import in_turn, ratio
from xenboxlib import Guest

DISK, MIB = "/run/disk.img", 64
PATIENCE = 900
PATTERNS = {"sequential": 0, "random": 1}  # the seed
READS = {4: {1: 100, 8: 320, 32: 960}, 64: {1: 50, 8: 160, 32: 320}, 1024: {1: 16, 8: 32, 32: 96}}
WRITES = {kib: {depth: READS[kib][depth] for depth in (1, 32)} for kib in READS}
SOME = {kib: {32: READS[kib][32]} for kib in (4, 64)}
WARM_UP = ("read", "random", 1024, 32, 64)  # not looked at: both make buffers when they first use them
KERNEL, DEVICE_MODEL = "backendtype=phy,script=block-file", "backendtype=qdisk"


@dataclasses.dataclass
class Setup:
    """One domain, as often as its points are asked for: (read or write, pattern, KiB, depth, count)."""
    name: str
    points: list
    backend: str = KERNEL
    vcpus: int = 1

    @property
    def settings(self):
        # Else Xen emulates the TSC here, and Linux, which looks at it more often, is the slower for it.
        return (f'disk=["format=raw,vdev=xvda,access=rw,{self.backend},target={DISK}"]',
                'tsc_mode="native"')


def points(what, patterns, counts):
    return [(what, pattern, kib, depth, count) for pattern in patterns
            for kib, depths in counts.items() for depth, count in depths.items()]


SETUPS = (Setup("reads", points("read", PATTERNS, READS)),
          Setup("writes", points("write", PATTERNS, WRITES)),
          Setup("2 queues", points("read", ["random"], SOME), vcpus=2),
          Setup("qdisk", points("read", ["random"], SOME), DEVICE_MODEL))

DAISY = re.compile(r"^xvda: (\d+) (?:reads|writes), \d+ requests, \d+ KiB in (?P<us>\d+) us, "
                   r"(?P<sends>\d+) sends, (?P<irqs>\d+) irqs\r*$", re.M)
LINUX = re.compile(r"^disk: (\d+) (?:reads|writes) in (?P<us>\d+) us\r*$", re.M)


def measure(bench):
    return [row for setup in SETUPS for row in measured(bench, setup)]


def measured(bench, setup):
    make_disk(bench.plain)
    pairs = in_turn(lambda: times(linux(bench, bench.plain, setup)),
                    lambda: times(daisy(bench, bench.plain, setup)))
    make_disk(bench.bed)
    counts = {"daisy": counted(bench, daisy, setup), "linux": counted(bench, linux, setup)}
    return [row(setup, point, [(a[i], b[i]) for a, b in pairs], {who: rows[i] for who, rows in counts.items()})
            for i, point in enumerate(setup.points)]


def make_disk(bed):
    status, output = bed.execute(f"dd if=/dev/urandom of={DISK} bs=1M count={MIB}")
    assert status == 0, output


def row(setup, point, pairs, counts):
    """The ratio is Daisy's throughput by Linux's: Linux's time by Daisy's."""
    _, pattern, kib, depth, count = point
    return {"setup": setup.name, "pattern": pattern, "kib": kib, "depth": depth, "count": count,
            "throughput": ratio(pairs),
            "each": {who: {what: round(n / count, 3) for what, n in found.items()}
                     for who, found in counts.items()}}


def daisy(bench, bed, setup):
    verb = {"read": "bench", "write": "bench-write"}
    words = ";".join(f"blk {verb[what]} xvda {PATIENCE} {depth} {kib} {count} {PATTERNS[pattern]}"
                     for what, pattern, kib, depth, count in [WARM_UP, *setup.points])
    return said(bed, DAISY, setup, Guest(bench.image, type="pvh", vcpus=setup.vcpus, memory=peer.MEMORY,
                                         timeout=PATIENCE, settings=setup.settings,
                                         cmdline=f"mute=com1 autorun='{words}'"))


def linux(bench, bed, setup):
    words = " ".join(f"peer.disk={depth},{kib},{count},{PATTERNS[pattern]},{what}"
                     for what, pattern, kib, depth, count in [WARM_UP, *setup.points])
    options = bench.peer.guest("pvh", words)
    options["settings"] += setup.settings
    return said(bed, LINUX, setup, Guest(bench.peer.image("pvh"), vcpus=setup.vcpus, timeout=PATIENCE,
                                         **options))


def said(bed, line, setup, guest):
    """What the guest said of each point: a match."""
    result = bed.run(guest)
    found = list(line.finditer(result.console))
    counts = [count for *_, count in [WARM_UP, *setup.points]]
    assert [int(match[1]) for match in found] == counts, f"{result.message}\n{result.console}"
    return found[1:]


def times(found):
    return [int(match["us"]) for match in found]


def counted(bench, run, setup):
    """Of each point: VM entries, hypercalls; of Daisy, which counts them, notifications and irqs."""
    bench.counter.sections()  # what was before
    found = run(bench, bench.bed, setup)
    sections = bench.counter.sections()[1:]
    assert len(sections) == len(found), len(sections)
    return [{"entries": section.entries, "hypercalls": section.hypercalls}
            | {what: int(n) for what, n in match.groupdict().items() if what != "us"}
            for section, match in zip(sections, found)]

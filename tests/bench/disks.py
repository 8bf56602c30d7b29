# SPDX-License-Identifier: MIT
"""What a disk gives: reads in turn and here and there, of each size, so many at a time. Daisy's
`blk bench` and the peer's disk.c read the same places; the disk lies in dom0's memory, served by its
kernel. The throughput is a ratio of the two in turn, the rest is counted, on the bed that counts.
"""

import re

import peer
from pairs import in_turn, ratio
from xenboxlib import Guest

DISK, MIB = "/run/disk.img", 64
# Else Xen emulates the TSC here, and Linux, which looks at it more often, is the slower for it.
SETTINGS = (f'disk=["format=raw,vdev=xvda,access=rw,backendtype=phy,script=block-file,target={DISK}"]',
            'tsc_mode="native"')
PATIENCE = 900
PATTERNS = {"sequential": 0, "random": 1}  # the seed
READS = {4: {1: 100, 8: 320, 32: 960}, 64: {1: 50, 8: 160, 32: 320}, 1024: {1: 16, 8: 32, 32: 96}}
WARM_UP = (64, 32, 64, 1)  # not looked at: Linux grants pages when it first uses them
POINTS = [(kib, depth, reads, seed) for seed in PATTERNS.values()
          for kib, depths in READS.items() for depth, reads in depths.items()]

DAISY = re.compile(r"^xvda: (\d+) reads, \d+ requests, \d+ KiB in (?P<us>\d+) us, (?P<sends>\d+) "
                   r"sends, (?P<irqs>\d+) irqs\r*$", re.M)
LINUX = re.compile(r"^disk: (\d+) reads in (?P<us>\d+) us\r*$", re.M)


def measure(bench):
    make_disk(bench.plain)
    pairs = in_turn(lambda: times(linux(bench, bench.plain)), lambda: times(daisy(bench, bench.plain)))
    make_disk(bench.bed)
    counts = {"daisy": counted(bench, daisy), "linux": counted(bench, linux)}
    return [row(point, [(a[i], b[i]) for a, b in pairs], {who: rows[i] for who, rows in counts.items()})
            for i, point in enumerate(POINTS)]


def make_disk(bed):
    status, output = bed.execute(f"dd if=/dev/urandom of={DISK} bs=1M count={MIB}")
    assert status == 0, output


def row(point, pairs, counts):
    """The ratio is Daisy's throughput by Linux's: Linux's time by Daisy's."""
    kib, depth, reads, seed = point
    pattern = next(name for name, its in PATTERNS.items() if its == seed)
    return {"pattern": pattern, "kib": kib, "depth": depth, "reads": reads, "throughput": ratio(pairs),
            "per_read": {who: {what: round(n / reads, 3) for what, n in count.items()}
                         for who, count in counts.items()}}


def daisy(bench, bed):
    words = ";".join(f"blk bench xvda {PATIENCE} {depth} {kib} {reads} {seed}"
                     for kib, depth, reads, seed in [WARM_UP, *POINTS])
    return read(bed, DAISY, Guest(bench.image, type="pvh", memory=peer.MEMORY, timeout=PATIENCE,
                                  cmdline=f"mute=com1 autorun='{words}'", settings=SETTINGS))


def linux(bench, bed):
    words = " ".join(f"peer.disk={depth},{kib},{reads},{seed}"
                     for kib, depth, reads, seed in [WARM_UP, *POINTS])
    options = bench.peer.guest("pvh", words)
    options["settings"] += SETTINGS
    return read(bed, LINUX, Guest(bench.peer.image("pvh"), timeout=PATIENCE, **options))


def read(bed, line, guest):
    """What the guest said of each point: a match."""
    result = bed.run(guest)
    found = list(line.finditer(result.console))
    said = [int(match[1]) for match in found]
    assert said == [reads for _, _, reads, _ in [WARM_UP, *POINTS]], f"{result.message}\n{result.console}"
    return found[1:]


def times(found):
    return [int(match["us"]) for match in found]


def counted(bench, run):
    """Of each point: VM entries, hypercalls; of Daisy, which counts them, notifications and irqs."""
    bench.counter.sections()  # what was before
    found = run(bench, bench.bed)
    sections = bench.counter.sections()[1:]
    assert len(sections) == len(found), len(sections)
    return [{"entries": section.entries, "hypercalls": section.hypercalls}
            | {what: int(n) for what, n in match.groupdict().items() if what != "us"}
            for section, match in zip(sections, found)]

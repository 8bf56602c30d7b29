# SPDX-License-Identifier: MIT
"""Disks on both real backends: what is read is what dom0 has, what is written arrives there, and
what the two backends can do is used."""

import re
from errno import EDOM, ENOSPC, EOPNOTSUPP, EROFS

import pytest
from conftest import rare
from disk_data import SECTOR
from with_disks import BACKENDS, BENCH, MIB, PAGE, Disk
from with_disks import shell, with_disks  # noqa: F401  (fixtures)
from shells import count, ended, irqs
from test_matrix import IMAGE, PATIENCE, judged

ODD = MIB + 13 * SECTOR  # no whole number of pages, nor of requests
QUEUES = 4               # xenboxlib/machine.py
RING_SLOTS = 512         # in 16 pages, the most that a backend takes (max-ring-page-order)
SELFTESTS = ("blk_write_read", "blk_refused", "blk_crowd", "blk_roaming", "blk_flush")
PIECES = ((0, 1), (1, 7), (511, 1026), (2059, 2))


# Each backend, each size of sectors, and what is read-only. (libxl has the device model serve every
# CD-ROM of an hvm domain.)
KINDS = {
    "qdisk": {"backend": "qdisk", "size": ODD},
    "blkback": {"backend": "blkback", "size": ODD},
    "large": {"backend": "blkback", "size": MIB + 3 * PAGE, "sector": PAGE},
    "cdrom": {"backend": "qdisk", "size": ODD, "access": "ro", "cdrom": True},
    "kernel-cdrom": {"backend": "blkback", "size": ODD, "access": "ro", "cdrom": True},
    "tiny": {"backend": "blkback", "size": SECTOR, "access": "ro"},
}


def disks_of(*kinds):
    return [Disk(f"xvd{letter}", **KINDS[kind]) for letter, kind in zip("abcdef", kinds)]


@pytest.mark.parametrize("machine, kinds", [
    ({"type": "pvh", "vcpus": 4}, KINDS),
    rare({"type": "hvm"}, ("large", "cdrom", "blkback"))],
    ids=["pvh", "hvm"])
def test_every_sector_is_read(with_disks, machine, kinds):  # noqa: F811
    guest = with_disks(*disks_of(*kinds), **machine)
    for vdev, disk in guest.disks.items():
        assert guest.read(vdev) == disk.sha256()
        words = guest.said(vdev)
        assert f" {disk.sectors} sectors, {disk.sector} bytes each, " in words
        assert ("read-only" in words) == (disk.access == "ro")
        assert ("cdrom" in words) == disk.cdrom
        for first, number in PIECES if disk.sector == SECTOR < disk.size else ():
            assert guest.read(vdev, first, number) == disk.sha256(first, number)
    ended(guest, "poweroff", "poweroff")


def refused(guest, command, sector, error):
    """It says which disk, which sector, and why."""
    vdev = command.split()[1]
    assert re.fullmatch(rf"{vdev}: sector {sector}: error -{error}, .+",
                        guest.one(f"blk {command}")), command


def test_what_cannot_be(with_disks):  # noqa: F811
    guest = with_disks(*disks_of("qdisk", "blkback", "large", "cdrom", "kernel-cdrom", "tiny"))
    refused(guest, "write xvdf 0 1 7", 0, EROFS)
    for vdev in ("xvdd", "xvde"):
        refused(guest, f"write {vdev} 0 1 7", 0, EROFS)
        refused(guest, f"discard {vdev} 0 1", 0, EOPNOTSUPP)  # nobody offers it there
    for vdev in ("xvda", "xvdb", "xvdc"):
        last = guest.disk(vdev).sectors
        refused(guest, f"write {vdev} {last} 8 7", last, ENOSPC)
        refused(guest, f"read {vdev} {last - 8} 16", last - 8, ENOSPC)
        refused(guest, f"verify {vdev} {1 << 60} 8 7", 1 << 60, ENOSPC)
    for first, number in ((1, 8), (8, 1), (4, 8)):
        refused(guest, f"write xvdc {first} {number} 7", first, EDOM)
    for name in ("xvdz", "51888"):
        assert guest.one(f"blk write {name} 0 1 1") == f"blk: there is no disk {name}"
    for vdev in guest.disks:
        guest.check(vdev)


def test_what_is_written_arrives(with_disks):  # noqa: F811
    """In pieces of odd sizes, then by random: dom0's file is right to the last byte."""
    guest = with_disks(*disks_of("qdisk", "blkback", "large"), vcpus=4)
    for vdev, disk in guest.disks.items():
        unit = disk.sector // SECTOR
        for seed, (first, number) in enumerate(PIECES):
            guest.write(vdev, first // unit * unit, -(-number // unit) * unit, seed)
        guest.check(vdev)
        assert guest.read(vdev) == disk.sha256()
    for seed, vdev in enumerate(guest.disks, 1 << 63):
        guest.verify(vdev, seed, 40)
        guest.check(vdev)
    ended(guest, "poweroff", "poweroff")


def test_what_is_wrong_is_found(with_disks):  # noqa: F811
    """A byte that dom0 has changed is found, and where it is; so is a seed that is another."""
    guest = with_disks(Disk("xvda", "qdisk"), Disk("xvdb", "blkback"), vcpus=2)
    for vdev in guest.disks:
        guest.write(vdev, 3, 700, 11)
        assert guest.one(f"blk verify {vdev} 3 700 11") == f"{vdev}: 700 sectors are as written"
        assert guest.one(f"blk verify {vdev} 3 700 12") == (
            f"{vdev}: sector 3 is not as it was written")
    guest.poke("xvda", 555, 511)
    guest.poke("xvda", 600)
    for words in ("3 700", "555 1", "554 100"):
        assert guest.one(f"blk verify xvda {words} 11") == (
            "xvda: sector 555 is not as it was written")
    assert guest.one("blk verify xvda 556 44 11") == "xvda: 44 sectors are as written"


def test_queues_of_their_own(with_disks):  # noqa: F811
    """blkback: each queue has its channel, its irq, and its vCPU, and all of them are used."""
    guest = with_disks(Disk("xvda", "blkback", ODD), vcpus=QUEUES)
    assert guest.key("xvda", "multi-queue-max-queues") == str(QUEUES)
    guest.verify("xvda", 3, 60)
    queues, table = guest.queues("xvda"), irqs(guest)
    assert [(q["index"], q["cpu"], q["slots"]) for q in queues] == [
        (str(n), str(n), str(RING_SLOTS)) for n in range(QUEUES)]
    assert len({q["irq"] for q in queues}) == len({q["port"] for q in queues}) == QUEUES
    for n, queue in enumerate(queues):
        row = table[f"xvda-q{n}"]
        assert (row["irq"], row["hw"]) == (queue["irq"], f"port {queue['port']}")
        assert "braked" not in row["more"] and "unasked" not in row["more"]
        counts = list(map(int, row["counts"].split()))
        assert counts[n] == sum(counts) == int(queue["irqs"]) > 0
        assert 0 < int(queue["sends"]) <= int(queue["requests"])
    guest.check("xvda")


def requests(guest, vdev):
    return sum(int(queue["requests"]) for queue in guest.queues(vdev))


def test_what_the_backends_can_do_is_used(with_disks):  # noqa: F811
    """Rings of 16 pages; blkback: requests larger than the 11 pages of one without indirection."""
    guest = with_disks(Disk("xvda", "qdisk"), Disk("xvdb", "blkback"), vcpus=2)
    assert guest.said("xvda").endswith("11 segments, flush, discard")
    most = guest.key("xvdb", "feature-max-indirect-segments")
    assert guest.said("xvdb").endswith(f"{most} segments, persistent, flush, discard")
    needed = {}
    for vdev in guest.disks:
        assert {int(queue["slots"]) for queue in guest.queues(vdev)} == {RING_SLOTS}
        before = requests(guest, vdev)
        assert guest.read(vdev) == guest.disk(vdev).sha256()
        needed[vdev] = requests(guest, vdev) - before
        assert guest.one(f"blk flush {vdev}") == f"{vdev}: flushed"
    assert 0 < needed["xvdb"] < MIB / (11 * PAGE) <= needed["xvda"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_discarded_is_a_hole(with_disks, backend):  # noqa: F811
    guest = with_disks(Disk("xvda", backend))
    blocks = "stat -c %b /run/guest/xvda.img"
    before = int(guest.do(blocks))
    first, number = 512, 1024
    assert guest.one(f"blk discard xvda {first} {number}") == (
        f"xvda: sectors {first} to {first + number - 1} discarded")
    guest.disk("xvda").data[first * SECTOR:(first + number) * SECTOR] = bytes(number * SECTOR)
    assert int(guest.do(blocks)) == before - number  # %b: of 512 bytes
    guest.check("xvda")
    assert guest.read("xvda") == guest.disk("xvda").sha256()


def test_bench(with_disks):  # noqa: F811
    """Nobody is notified without a request, nor interrupted without an answer."""
    guest = with_disks(Disk("xvda", "blkback"), vcpus=2)
    lines = guest.ask("blk bench xvda 2 8 16")
    found = re.fullmatch(BENCH, "\n".join(lines))
    assert found, lines
    reads, sent, kib, sends, taken = map(int, found.groups())
    assert sent == reads and kib == 16 * reads
    assert 0 < sends <= sent and 0 < taken <= sent
    assert sum(count(row) for name, row in irqs(guest).items() if "xvda-q" in name) >= taken


@pytest.mark.parametrize("backend, kib, times", [
    ("qdisk", 4, 640), ("blkback", 4, 640), ("blkback", 64, 640), ("blkback", 1024, 320)])
def test_bench_by_count(with_disks, backend, kib, times):  # noqa: F811
    """Of many at a time, the backend hears no more than once for 16 (docs/performance-devices.md), and
    Daisy once for 8. Buffers for so many are made when they are first wanted."""
    guest = with_disks(Disk("xvda", backend), memory=320)
    (*_, first, _), (reads, sent, total, sends, taken) = (
        bench_of(guest, f"32 {kib} {count} 1") for count in (64, times))
    assert reads == sent == times and total == kib * reads
    assert sends <= reads / 16
    assert 0 < first + sends, "qdisk looks for more by itself for a while, but not from the beginning"
    assert 0 < taken <= reads / 8


def bench_of(guest, words):
    lines = guest.ask(f"blk bench xvda 300 {words}")
    found = re.fullmatch(BENCH, "\n".join(lines))
    assert found, lines
    return map(int, found.groups())


@pytest.mark.parametrize("backend", BACKENDS)
def test_bench_writes(with_disks, backend):  # noqa: F811
    """They arrive, and nothing else changes; a read-only disk's are refused."""
    guest = with_disks(Disk("xvda", backend), Disk("xvdb", "blkback", access="ro"))
    line = guest.one("blk bench-write xvda 300 4 16 10")
    found = re.fullmatch(BENCH.replace("reads", "writes"), line)
    assert found and found[1] == "10", line
    guest.disk("xvda").data[:10 * 16 * 1024] = bytes(10 * 16 * 1024)
    guest.check("xvda")
    assert any(re.fullmatch(rf"xvdb: error -{EROFS}, .+", line)
               for line in guest.ask("blk bench-write xvdb 300 4 16 10"))
    guest.check("xvdb")


@pytest.mark.parametrize("kind", ["qdisk", "blkback", "large"])
def test_its_own_tests(boot, tmp_path, kind):
    """selftest/blk.c, on a disk that it may write to."""
    disk, = disks_of(kind)
    path = tmp_path / disk.file
    path.write_bytes(disk.data)
    report = judged(boot(IMAGE, type="pvh", vcpus=4, timeout=PATIENCE, files={disk.file: str(path)},
                         cmdline=f"scratch={disk.vdev} test={','.join(SELFTESTS)}",
                         settings=(f'disk=["{disk.words}"]',)))
    assert report.names("pass") == set(SELFTESTS)
    assert not report.warnings

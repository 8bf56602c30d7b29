# SPDX-License-Identifier: MIT
"""Disks of a guest at its prompt: made here, served in dom0 by one of the two real backends, and
fetched from there as files.

    def test_something(with_disks):
        guest = with_disks(Disk("xvda"), Disk("xvdb", "blkback", sector=4096))
        assert guest.read("xvda") == guest.disk("xvda").sha256()
"""

import dataclasses
import hashlib
import random
import re

import pytest
from conftest import HERE  # noqa: F401  (puts xenboxlib on the path)
from disk_data import SECTOR, pattern, plan
from shells import PROMPT, Shell, do, irqs, shell  # noqa: F401  (a fixture)

PAGE, MIB = 4096, 1 << 20
BACKENDS = ("qdisk", "blkback")
LONG = 400  # seconds for any answer: a limit, not an expectation
FIRST_NUMBER = 51712  # xvda; a letter is 16 further (vbd-interface: disk and partition)
# QMP, for what xl has no words for; one machine, one guest: the number of the port is free.
QMP_PORT = 4444
QMP = f'device_model_args=["-qmp","tcp:127.0.0.1:{QMP_PORT},server=on,wait=off"]'


@dataclasses.dataclass
class Disk:
    vdev: str
    backend: str = "qdisk"
    size: int = MIB
    sector: int = 512     # of the disk, bytes; 4096: blkback's only
    access: str = "rw"
    cdrom: bool = False
    data: bytearray = None  # what it should have

    def __post_init__(self):
        self.data = bytearray(random.Random(self.vdev).randbytes(self.size))

    @property
    def number(self):
        return FIRST_NUMBER + 16 * (ord(self.vdev[3]) - ord("a"))

    @property
    def file(self):
        return f"{self.vdev}.img"

    @property
    def sectors(self):
        """Of 512 bytes, whatever its own are: so it is on the ring."""
        return len(self.data) // SECTOR

    @property
    def words(self):
        """In xl.cfg, and for `xl block-attach`."""
        target = f"/run/guest/{self.file}"
        if self.backend == "blkback":
            prefix = "" if self.sector == SECTOR else f"{self.sector}:"
            how = f"backendtype=phy,script=block-file,target={prefix}{target}"
        else:
            how = f"backendtype=qdisk,target={target}"
        kind = "devtype=cdrom," if self.cdrom else ""
        return f"format=raw,vdev={self.vdev},access={self.access},{kind}{how}"

    @property
    def node(self):
        """Of its backend, below dom0's."""
        kind = "vbd" if self.backend == "blkback" else "qdisk"
        return f"backend/{kind}/$(xl domid guest)/{self.number}"

    def sector_data(self, sector):
        return bytes(self.data[sector * SECTOR:(sector + 1) * SECTOR])

    def sha256(self, first=0, count=None):
        end = self.sectors if count is None else first + count
        return hashlib.sha256(self.data[first * SECTOR:end * SECTOR]).hexdigest()

    def write(self, first, count, seed):
        self.data[first * SECTOR:(first + count) * SECTOR] = pattern(first, count, seed)

    def verify(self, seed, ios):
        """What `blk verify` leaves; the number of sectors that it has written."""
        done = [plan(self.sectors, self.sector, seed, i) for i in range(ios)]
        for first, count, its_seed in done:
            self.write(first, count, its_seed)
        return sum(count for _, count, _ in done)


QUEUE = re.compile(r"(?P<disk>\w+)-q(?P<index>\d+): irq (?P<irq>\d+) on CPU(?P<cpu>\d+), port "
                   r"(?P<port>\d+), (?P<slots>\d+) slots, (?P<out>\d+) out; (?P<requests>\d+) "
                   r"requests, (?P<kib>\d+) KiB, (?P<sends>\d+) sends, (?P<irqs>\d+) irqs")
BENCH = (r"xvda: (\d+) reads, (\d+) requests, (\d+) KiB in \d+ us, (\d+) sends, (\d+) irqs")
FAILED = r"\w+: failed after (\d+) of \d+ ios"
SUM = r"{}: sectors {} to {}: sha256 ([0-9a-f]{{64}})"


class DiskShell(Shell):
    """A guest at its prompt, with disks."""

    def __init__(self, run, disks):
        super().__init__(run)
        self.disks = {disk.vdev: disk for disk in disks}

    def wait(self, pattern, start=0, timeout=LONG):
        return super().wait(pattern, start, timeout)

    def disk(self, vdev):
        return self.disks[vdev]

    def connected(self, vdev, start=0):
        number = self.disk(vdev).number
        return self.wait(f"xenbus: device/vbd/{number} is connected\r\n" +
                         r"(?s:.*)" + re.escape(PROMPT) + "$", start)

    def ended_by_a_key(self, start):
        self.type(" ")
        return self.answer(start)

    # -- its commands --------------------------------------------------------------------------

    def read(self, vdev, first=None, count=None):
        """The sha256 that it computes of a disk, or of some of its sectors."""
        words = "" if first is None else f" {first} {count}"
        lines = self.ask(f"blk read {vdev}{words}")
        begin, end = (0, self.disk(vdev).sectors) if first is None else (first, first + count)
        found = re.fullmatch(SUM.format(vdev, begin, end - 1), "\n".join(lines))
        assert found, lines
        return found[1]

    def write(self, vdev, first, count, seed):
        """There, and in what it should have."""
        assert self.ask(f"blk write {vdev} {first} {count} {seed}") == [
            f"{vdev}: {count} sectors written"]
        self.disk(vdev).write(first, count, seed)

    def verify(self, vdev, seed, ios):
        """Random writes: there, and in what it should have."""
        lines = self.ask(f"blk verify {vdev} {seed} {ios}")
        assert lines == [self.verified(vdev, seed, ios)]

    def verified(self, vdev, seed, ios):
        """What it says at the end of them."""
        return f"{vdev}: {ios} writes verified, {self.disk(vdev).verify(seed, ios)} sectors"

    def queues(self, vdev):
        """What `blk ls` shows of a disk's queues."""
        rows = [m for line in self.ask("blk ls") if (m := QUEUE.fullmatch(line))]
        return [row for row in rows if row["disk"] == vdev]

    def said(self, vdev):
        """What `blk ls` says of a disk."""
        lines = [line for line in self.ask("blk ls") if line.startswith(f"{vdev}: ")]
        assert len(lines) == 1, lines
        return lines[0]

    def irq_names(self):
        return set(irqs(self))

    # -- dom0's side ---------------------------------------------------------------------------

    def do(self, script, timeout=LONG):
        return do(self.run, script, timeout)

    def file(self, vdev):
        """What dom0 has of a disk."""
        status, data = self.run.bed.output(f"cat /run/guest/{self.disk(vdev).file}", timeout=60)
        assert status == 0
        return data

    def check(self, vdev):
        """dom0 has what it should have, to the byte."""
        disk, data = self.disk(vdev), self.file(vdev)
        assert len(data) == len(disk.data)
        wrong = [s for s in range(disk.sectors)
                 if data[s * SECTOR:(s + 1) * SECTOR] != disk.data[s * SECTOR:(s + 1) * SECTOR]]
        assert not wrong, f"{vdev}: {len(wrong)} sectors, the first {wrong[0]}"

    def poke(self, vdev, sector, byte=0):
        """dom0 changes a byte of a sector behind everybody's back."""
        at = sector * SECTOR + byte
        value = self.file(vdev)[at] ^ 0xff
        self.do(f"printf '\\{value:03o}' | dd of=/run/guest/{self.disk(vdev).file} bs=1 "
                f"seek={at} conv=notrunc 2>/dev/null")

    def key(self, vdev, name):
        """A key of its backend; None: it is not there."""
        path = f"/local/domain/0/{self.disk(vdev).node}/{name}"
        status, text = self.run.execute(f"xenstore-read {path}")
        return text.removesuffix("\n") if status == 0 else None

    def until_written(self, vdev):
        """Until some of what is being written has arrived in dom0."""
        self.run.pump()
        self.do(f"bash -c 'touch /run/guest/now; until [ /run/guest/{self.disk(vdev).file} -nt "
                "/run/guest/now ]; do sleep 0.1; done'", 60)

    def detach(self, vdev):
        """Until it is gone."""
        start = len(self.text())
        self.do(f"xl block-detach guest {vdev}")
        self.wait(f"xenbus: device/vbd/{self.disk(vdev).number} is gone\r\n" +
                  r"(?s:.*)" + re.escape(PROMPT) + "$", start)

    def attach(self, vdev):
        """Until it is connected."""
        start = len(self.text())
        self.do(f"xl block-attach guest '{self.disk(vdev).words}'")
        self.connected(vdev, start)

    def qmp(self, command, **arguments):
        """Ask the device model; the guest needs the setting QMP."""
        words = ",".join(f'"{key.replace("_", "-")}":{value}' for key, value in arguments.items())
        text = self.do(f"""( echo '{{"execute":"qmp_capabilities"}}'
            echo '{{"execute":"{command}","arguments":{{{words}}}}}'; sleep 2
            ) | nc 127.0.0.1 {QMP_PORT}""")
        assert '"error"' not in text, text


def works(guest):
    """Some writes to each disk arrive."""
    for seed, vdev in enumerate(guest.disks):
        guest.verify(vdev, seed, 5)
        guest.check(vdev)


@pytest.fixture
def with_disks(shell, tmp_path):  # noqa: F811
    """with_disks(disk..., cmdline=..., later=[disk...], **Guest's fields): a DiskShell, when all
    are connected. Those of later are files in dom0 only."""
    def begin(*disks, cmdline="", later=(), settings=(), **fields):
        for disk in (*disks, *later):
            (tmp_path / disk.file).write_bytes(disk.data)
        words = ",".join(f'"{disk.words}"' for disk in disks)
        files = {disk.file: str(tmp_path / disk.file) for disk in (*disks, *later)}
        guest = DiskShell(shell(cmdline, files=files, settings=(f"disk=[{words}]", *settings),
                                **fields).run, (*disks, *later))
        for disk in disks:
            guest.connected(disk.vdev)
        return guest
    return begin

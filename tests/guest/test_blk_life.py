# SPDX-License-Identifier: MIT
"""What happens to a disk while it is at work: its irqs move, the domain is saved, the disk is taken
away, given back, made larger or smaller, and its backend says nothing for a while."""

import re
from errno import ENODEV, ENOSPC

import pytest
from conftest import rare
from disk_data import SECTOR, plan
from with_disks import BACKENDS, FAILED, MIB, PAGE, QMP, Disk, works
from with_disks import shell, with_disks  # noqa: F401  (fixtures)
from shells import PROMPT, channels, ended, irqs

# qdisk at work, taken away and saved, is met in other tests here.
USUALLY_BLKBACK = [rare("qdisk"), "blkback"]
ENDLESS = 1 << 40  # ios: nobody waits for that
DEVICE_MODEL = "$(xenstore-read /local/domain/$(xl domid guest)/image/device-model-pid)"
RESUMED = r"suspend: resumed as domain \d+"


# -- saved and restored --------------------------------------------------------------------------

def check_ended(guest, start, seed):
    """A key ends the random writes that began there: what they have written is in dom0."""
    lines = guest.ended_by_a_key(start)
    ios = int(re.match(r"xvda: (\d+) writes verified", lines[-1])[1])
    assert lines[-1] == f"{guest.verified('xvda', seed, ios)}, ended by a key"
    guest.check("xvda")
    assert guest.read("xvda") == guest.disk("xvda").sha256()


@pytest.mark.parametrize("backend", USUALLY_BLKBACK)
def test_saved_and_restored_at_work(with_disks, backend):  # noqa: F811
    """Twice, in the middle of random writes on all queues, while their irqs move from vCPU to vCPU,
    of which one goes and comes: no request is lost, and none is done to another sector."""
    guest = with_disks(Disk("xvda", backend), vcpus=4, memory=32)
    start = guest.begin(f"blk roam xvda 9 {ENDLESS}")
    for times in (1, 2):
        for count, word in ((3, "down"), (4, "up")):
            guest.until_written("xvda")
            guest.do(f"xl vcpu-set --ignore-host guest {count}")
            guest.wait(f"(?s:vcpu-set: CPU3 {word}.*){{{times}}}", start)
        guest.until_written("xvda")
        guest.run.save_and_restore()
        guest.wait(f"(?s:{RESUMED}.*){{{times}}}xenbus: device/vbd/51712 is connected", start)
    guest.until_written("xvda")
    check_ended(guest, start, 9)
    ended(guest, "poweroff", "poweroff")


def test_what_nobody_answered_is_sent_again(with_disks):  # noqa: F811
    """The device model stops in the middle of requests and never goes on; after the restore there is
    another. (One that runs has answered them all before the domain's memory is saved.)"""
    guest = with_disks(Disk("xvda", "qdisk"), vcpus=4, memory=32)
    start = guest.begin(f"blk verify xvda 6 {ENDLESS}")
    guest.until_written("xvda")
    process = guest.do(f"echo {DEVICE_MODEL}").strip()
    guest.do(f"kill -STOP {process}")
    guest.run.save_and_restore()
    guest.run.execute(f"kill -KILL {process}")
    guest.wait(f"(?s:{RESUMED}.*)xenbus: device/vbd/51712 is connected", start)
    guest.until_written("xvda")
    check_ended(guest, start, 6)


def homes(guest, vdev):
    """(irq, vCPU) of each queue."""
    return [(queue["irq"], queue["cpu"]) for queue in guest.queues(vdev)]


def test_saved_with_nothing_to_do(with_disks):  # noqa: F811
    """Each irq keeps its number and its vCPU, and both disks their contents."""
    guest = with_disks(Disk("xvda", "qdisk"), Disk("xvdb", "blkback"), vcpus=2)
    before = {vdev: homes(guest, vdev) for vdev in guest.disks}
    assert len(before["xvdb"]) == 2
    start = len(guest.text())
    guest.run.save_and_restore()
    for vdev in guest.disks:
        guest.connected(vdev, start)
    assert {vdev: homes(guest, vdev) for vdev in guest.disks} == before
    works(guest)


@pytest.fixture
def offer(bed):
    """offer(n): blkback offers n queues to each disk that comes from now on."""
    parameter = "/sys/module/xen_blkback/parameters/max_queues"
    usual = bed.output(f"cat {parameter}")[1].decode().strip()

    def write(value):
        assert bed.execute(f"echo {value} >{parameter}") == (0, "")
    yield write
    write(usual)


def test_restored_where_there_is_less(with_disks, offer):  # noqa: F811
    """With fewer queues than before, in the middle of requests on all of them."""
    guest = with_disks(Disk("xvda", "blkback"), vcpus=3, memory=32)
    assert len(guest.queues("xvda")) == 3
    start = guest.begin(f"blk verify xvda 4 {ENDLESS}")
    guest.until_written("xvda")
    offer(1)
    guest.run.save_and_restore()
    guest.wait(f"(?s:{RESUMED}.*)xenbus: device/vbd/51712 is connected", start)
    guest.until_written("xvda")
    check_ended(guest, start, 4)
    assert len(guest.queues("xvda")) == 1
    assert [name for name in irqs(guest) if name.startswith("xvda")] == ["xvda-q0"]


# -- taken away, and given back ------------------------------------------------------------------

def belongings(guest):
    """The names of irqs, how many channels, and how many grants."""
    return (guest.irq_names(), len(channels(guest)),
            re.search(r"(\d+) in use, 0 set aside$", guest.one("grants"))[1])


@pytest.mark.parametrize("backend", USUALLY_BLKBACK)
def test_nothing_is_left_of_it(with_disks, backend):  # noqa: F811
    """The device model of a pvh domain is there for the other disk's sake."""
    guest = with_disks(Disk("xvdb", "qdisk"), later=[Disk("xvda", backend)], vcpus=4)
    before = belongings(guest)
    for seed in range(3):
        guest.attach("xvda")
        assert belongings(guest) != before
        guest.verify("xvda", seed, 10)
        guest.detach("xvda")
        guest.check("xvda")
        assert belongings(guest) == before
        assert "xvda" in guest.one("blk read xvda 0 1")
    assert guest.read("xvdb") == guest.disk("xvdb").sha256()


def cut_off(disk, lines, seed):
    """What `blk verify` has said when its disk was taken away: the disk's contents by all that were
    begun, and what each sector of those that failed had before. (Writes that overlap wait for each
    other: of those at the same place, the last is the one that failed.)"""
    begun = int(re.fullmatch(FAILED, lines[-1])[1])
    errors = [re.fullmatch(rf"xvda: sector (\d+): error -{ENODEV}, .+", line)
              for line in lines[:-1]]
    assert errors and all(errors), lines
    plans = [plan(disk.sectors, disk.sector, seed, i) for i in range(begun)]
    at = {first: i for i, (first, _, _) in enumerate(plans)}
    failed = [at[int(m[1])] for m in errors]
    assert len(set(failed)) == len(failed), "an io ended twice"
    before = {}
    for i, (first, number, its_seed) in enumerate(plans):
        if i in failed:
            before |= {s: disk.sector_data(s) for s in range(first, first + number)}
        disk.write(first, number, its_seed)
    return before


@pytest.mark.parametrize("backend", USUALLY_BLKBACK)
def test_taken_away_at_work(with_disks, backend):  # noqa: F811
    """Three times: the command ends with an error for each io that was under way, and for no other;
    what was written before is there; and the disk comes back."""
    guest = with_disks(Disk("xvdb", "qdisk"), Disk("xvda", backend, MIB // 2), vcpus=4)
    for seed in range(3):
        start = guest.begin(f"blk verify xvda {seed} {ENDLESS}")
        guest.until_written("xvda")
        guest.detach("xvda")
        disk = guest.disk("xvda")
        lines = [line for line in guest.answer(start) if line.startswith("xvda: ")]
        before, found = cut_off(disk, lines, seed), guest.file("xvda")
        for s, old in before.items():
            if found[s * SECTOR:(s + 1) * SECTOR] == old:
                disk.data[s * SECTOR:(s + 1) * SECTOR] = old
        guest.check("xvda")
        assert guest.read("xvdb") == guest.disk("xvdb").sha256()
        guest.attach("xvda")
        assert guest.read("xvda") == disk.sha256()
        guest.verify("xvda", 100 + seed, 20)
        guest.check("xvda")
    assert re.search(" 0 set aside$", guest.one("grants"))
    ended(guest, "poweroff", "poweroff")


# -- another size --------------------------------------------------------------------------------

def resize(guest, vdev, size):
    """Until Daisy has said so. (blkback looks when there is a request.)"""
    disk = guest.disk(vdev)
    start = len(guest.text())
    if disk.backend == "qdisk":
        guest.qmp("block_resize", node_name=f'"{vdev}-raw"', size=size)
    else:
        guest.do(f"truncate -s {size} /run/guest/{disk.file}\n"
                 f"/usr/sbin/losetup -c $(xenstore-read /local/domain/0/{disk.node}/"
                 "physical-device-path)")
    guest.begin(f"blk read {vdev} 0 1")
    disk.data = disk.data[:size].ljust(size, b"\0")
    guest.wait(rf"(?s)(?=.*{vdev}: {disk.sectors} sectors now, \d+ before\r\n)"
               r"(?=.*sha256 \w{64}\r\n).*" + re.escape(PROMPT) + "$", start)


@pytest.mark.parametrize("backend", BACKENDS)
def test_another_size(with_disks, backend):  # noqa: F811
    guest = with_disks(Disk("xvda", backend), settings=(QMP,), vcpus=2)
    for seed, size in enumerate((2 * MIB + 5 * SECTOR, MIB // 2, MIB)):
        resize(guest, "xvda", size)
        assert f" {size // SECTOR} sectors, " in guest.said("xvda")
        assert guest.read("xvda") == guest.disk("xvda").sha256()
        guest.verify("xvda", seed, 10)
        guest.check("xvda")
        assert re.fullmatch(rf"xvda: sector {size // SECTOR}: error -{ENOSPC}, .+",
                            guest.one(f"blk read xvda {size // SECTOR} 1"))


# -- backends that do nothing --------------------------------------------------------------------

def test_a_backend_that_sleeps(with_disks):  # noqa: F811
    """Shorter than anybody's patience: all goes on. Longer: its ios end, once, and the other disk
    and the machine do not care."""
    guest = with_disks(Disk("xvda", "qdisk"), Disk("xvdb", "blkback"), vcpus=2)
    start = guest.begin("blk verify xvda 1 200")
    guest.until_written("xvda")
    guest.do(f"kill -STOP {DEVICE_MODEL}; sleep 3; kill -CONT {DEVICE_MODEL}")
    assert guest.verified("xvda", 1, 200) in guest.answer(start)
    guest.check("xvda")
    guest.ask("blk patience xvda 3")
    guest.do(f"kill -STOP {DEVICE_MODEL}")
    start = len(guest.text())
    lines = guest.ask("blk write xvda 0 8 5")
    assert len([line for line in lines
                if re.fullmatch(rf"xvda: sector 0: error -{ENODEV}, .+", line)]) == 1
    guest.wait("xenbus: device/vbd/51712: the backend does not answer: error -110", start)
    guest.verify("xvdb", 2, 10)
    guest.check("xvdb")
    guest.do(f"kill -CONT {DEVICE_MODEL}")
    guest.connected("xvda", start)
    guest.write("xvda", 0, 8, 5)  # the one that failed may have been done, or not
    guest.check("xvda")


def test_a_drive_without_a_medium(with_disks):  # noqa: F811
    """QEMU 7.2 cannot make a backend for one: it does not come up, and nobody waits for it."""
    guest = with_disks(Disk("xvdb", "blkback"))
    start = len(guest.text())
    guest.run.execute("timeout 20 xl block-attach guest "
                      "'format=empty,vdev=xvdc,access=ro,devtype=cdrom'")
    guest.wait("xenbus: device/vbd/51744: .+\r\n(?s:.*)" + re.escape(PROMPT) + "$", start)
    assert guest.read("xvdb") == guest.disk("xvdb").sha256()
    assert re.fullmatch(rf"xvdc: sector 0: error -{ENODEV}, .+", guest.one("blk read xvdc 0 1"))
    ended(guest, "poweroff", "poweroff")


def test_large_sectors_of_the_device_model(shell, tmp_path):  # noqa: F811
    """It serves them only to frontends that count in them, which blkback would misunderstand."""
    path = tmp_path / "xvda.img"
    path.write_bytes(bytes(MIB))
    sizes = ",".join(f'"-global","xen-disk.{kind}_block_size={PAGE}"'
                     for kind in ("logical", "physical"))
    guest = shell(files={"xvda.img": str(path)}, settings=(
        f'disk=["{Disk("xvda").words}"]', f"device_model_args=[{sizes}]"))
    assert re.fullmatch(rf"xvda: sector 0: error -{ENODEV}, .+", guest.one("blk read xvda 0 8"))
    ended(guest, "poweroff", "poweroff")

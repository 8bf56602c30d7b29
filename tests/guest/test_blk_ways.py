# SPDX-License-Identifier: MIT
"""The ways of a disk's irqs: every route and ABI, every style, and from vCPU to vCPU."""

import itertools

import pytest
from conftest import rare
from with_disks import Disk, works
from with_disks import shell, with_disks  # noqa: F401  (fixtures)
from machines import ABIS
from shells import ended, irqs

# In an order in which each leads to the next: Xen never takes the per-vCPU vectors back, and the
# global one only where there are other chips.
ROUTES = {"pvh": ("poll", "percpu"), "pvh-vector": ("vector",),
          "hvm": ("intx", "gsi", "vector", "poll", "percpu")}


@pytest.mark.parametrize("name", ROUTES)
def test_on_every_route(with_disks, name):  # noqa: F811
    """With each ABI, switched between two series of writes."""
    routes = ROUTES[name]
    guest = with_disks(Disk("xvda", "qdisk"), Disk("xvdb", "blkback"), type=name.split("-")[0],
                       vcpus=2, cmdline=f"route={routes[0]}")
    for route, abi in itertools.product(routes, ("2l", "fifo")):
        assert guest.one(f"route {route}").startswith(f"route: {route} (")
        assert guest.one(f"abi {abi}") == f"abi: {ABIS[abi]}"
        works(guest)
    ended(guest, "poweroff", "poweroff")


@pytest.mark.parametrize("cmdline", ["redeliver=vector", "daisy=off abi=2l",
                                     rare("redeliver=vector route=vector abi=2l")])
def test_in_every_style(with_disks, cmdline):  # noqa: F811
    guest = with_disks(Disk("xvda", "qdisk"), Disk("xvdb", "blkback"), cmdline=cmdline, vcpus=3)
    works(guest)
    ended(guest, "poweroff", "poweroff")


def test_by_the_pic(with_disks):  # noqa: F811
    """Everything comes in on vCPU 0, where its queues stay."""
    guest = with_disks(Disk("xvda", "blkback"), type="hvm", vcpus=2,
                       cmdline="route=intx intx=pic abi=2l")
    works(guest)
    ended(guest, "poweroff", "poweroff")


def test_its_irqs_are_moved(with_disks):  # noqa: F811
    """By hand, from each vCPU to the next: it arrives where it was sent."""
    guest = with_disks(Disk("xvda", "blkback"), vcpus=3)
    for turn in range(1, 4):
        before = irqs(guest)
        for queue in guest.queues("xvda"):
            cpu = (int(queue["index"]) + turn) % 3
            assert guest.ask(f"affinity {queue['irq']} {cpu}")[-1:] == [
                f"irq {queue['irq']}: CPU {cpu}"]
        guest.verify("xvda", turn, 30)
        for name, row in irqs(guest).items():
            if name.startswith("xvda-q"):
                cpu = (int(name[-1]) + turn) % 3
                old, new = (list(map(int, r["counts"].split())) for r in (before[name], row))
                assert [n - o > 0 for o, n in zip(old, new)] == [c == cpu for c in range(3)]
        guest.check("xvda")

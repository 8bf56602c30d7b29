# SPDX-License-Identifier: MIT
"""How many instructions an event takes, from the entry of its interrupt to IRET, and a boot: counted to
the digit by a plugin of the QEMU that is the machine, so that a change which costs some is seen."""

import os
import sys
import types

import pytest
from conftest import HERE, INSTANCE, start_guest
from matrix import ASSIST
from test_matrix import IMAGE, PATIENCE, judged
from xenboxlib import Bed, Options

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "bench"))

import idle  # noqa: E402  (needs the path)
import starts  # noqa: E402
import vcpus  # noqa: E402
from counts import Counter  # noqa: E402

STEPS = 1000
# Recorded with gcc 12.2 (Debian 12), one port pending, its handler counts (5 of them): less is
# better, more is to be explained. Linux 6.1 takes 127 at the least, 274 at the tenth percentile.
RECORDED = {("vector", "2l"): 63, ("vector", "fifo"): 69,
            ("percpu", "2l"): 69, ("percpu", "fifo"): 75,
            # hvm: by the gate, and by irq_dispatch() and the flow of a line
            ("assist", "2l"): 70, ("assist", "fifo"): 76,
            ("gsi", "2l"): 132, ("gsi", "fifo"): 134, ("intx", "2l"): 132, ("intx", "fifo"): 134}
COUNTING = 3  # what that handler takes besides what an empty one does: its result, and RET
# Fewer than a hello of the Xen Test Framework takes, 5.2 to 5.6 thousand and 50 to 96 VM entries; and
# a hundredth of what Linux 6.1 takes to its first program, in the same domain.
FIRST_LINE = 5000, 40
CONNECTED = 1518186871 // 100, 203636 // 100


@pytest.fixture(scope="module")
def counting(tmp_path_factory):
    """A bed of its own, and its counter, for this image: what the measures of tests/bench look at."""
    folder = tmp_path_factory.mktemp("count")
    counter = Counter(str(folder), os.path.join(os.path.dirname(IMAGE), "daisy.full"))
    bed = Bed(Options(instance=f"{INSTANCE}-count", qemu_append=counter.words))
    bed.ensure(keep_up=True)
    yield types.SimpleNamespace(bed=bed, counter=counter, image=IMAGE, folder=str(folder))
    bed.down()


@pytest.mark.parametrize("route, abi", RECORDED)
def test_an_event(counting, route, abi):
    kind = {} if route in ("vector", "percpu") else {"type": "hvm", "settings": (ASSIST,)}
    counted, = measured(counting, STEPS, f"route={route} abi={abi}", **kind)
    took, times = counted.usual_trap()
    assert times >= STEPS - 5, "but for what dom0 does meanwhile, every one takes the same"
    assert 0 < took <= RECORDED[route, abi]
    assert STEPS <= counted.hypercalls <= STEPS + 20, "the send, and no other"


def measured(counting, steps, words, sections=1, **fields):
    """The last sections of Daisy's test of exits; fields: more of a Guest's."""
    fields = {"type": "pvh", "timeout": PATIENCE} | fields
    run = start_guest(counting.bed, IMAGE, cmdline=f"test=exits exits={steps} {words}", **fields)
    assert judged(run.wait()).names("pass") == {"exits"}
    found = counting.counter.sections()[-sections:]
    print(*found, sep="\n")
    return found


# What each of so many that are pending in one upcall takes, with an empty handler. One alone takes
# what it takes without the others, however many are bound.
EACH = {("2l", 64): 16, ("2l", 4000): 16, ("fifo", 64): 16, ("fifo", 4000): 16}


@pytest.mark.parametrize("abi, crowd", EACH)
def test_one_of_many_and_all_of_them(counting, abi, crowd):
    one, everyone = measured(counting, 20, f"route=vector abi={abi} crowd={crowd}", sections=2,
                             settings=("max_event_channels=4095",))
    assert 0 < one.usual_trap()[0] <= RECORDED["vector", abi]
    took, times = everyone.usual_trap()
    assert times >= 15, "but for what dom0 does meanwhile, every one takes the same"
    assert 0 < took / crowd - COUNTING <= EACH[abi, crowd]
    assert 20 * crowd <= everyone.hypercalls <= 20 * crowd + 20


def test_a_boot(counting):
    begin, lines = starts.boot(counting)
    for point, limits in ((lines[1], FIRST_LINE), (lines[-1], CONNECTED)):
        took = [b - a for a, b in zip(begin, point)]
        print(*took)
        assert 0 < took[0] <= limits[0] and 0 < took[1] <= limits[1]


def test_a_guest_that_waits_costs_nothing(counting):
    found = idle.windows(counting, idle.daisy(counting), "is connected")
    assert found == [[0, 0, 0]] * idle.WINDOWS


def test_each_vcpu_costs_the_same(counting):
    first, last, ratio = vcpus.growth(vcpus.measure(counting), "instructions")
    print(first, last)
    assert 0 < first and 0.8 <= ratio <= 1.2

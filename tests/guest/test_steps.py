# SPDX-License-Identifier: MIT
"""How many instructions an event takes, from the entry of its interrupt to IRET: counted to the digit
by a plugin of the QEMU that is the machine, so that a change which costs some is seen."""

import os
import sys

import pytest
from conftest import HERE, INSTANCE, start_guest
from test_matrix import IMAGE, PATIENCE, judged
from xenboxlib import Bed, Options

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "bench"))

from counts import Counter  # noqa: E402  (needs the path)

STEPS = 1000
# Recorded with gcc 12.2 (Debian 12), one port pending, its handler counts (6 of them): less is
# better, more is to be explained. Linux 6.1 takes 127 at the least, 274 at the tenth percentile.
RECORDED = {("vector", "2l"): 64, ("vector", "fifo"): 105,
            ("percpu", "2l"): 70, ("percpu", "fifo"): 111}


@pytest.fixture(scope="module")
def counting(tmp_path_factory):
    """A bed of its own, and its counter: for this image."""
    counter = Counter(str(tmp_path_factory.mktemp("count")),
                      os.path.join(os.path.dirname(IMAGE), "daisy.full"))
    bed = Bed(Options(instance=f"{INSTANCE}-count", qemu_append=counter.words))
    bed.ensure(keep_up=True)
    yield bed, counter
    bed.down()


@pytest.mark.parametrize("route, abi", RECORDED)
def test_an_event(counting, route, abi):
    bed, counter = counting
    run = start_guest(bed, IMAGE, type="pvh", timeout=PATIENCE,
                      cmdline=f"test=exits exits={STEPS} route={route} abi={abi}")
    assert judged(run.wait()).names("pass") == {"exits"}
    sections = counter.sections()
    print(*sections, sep="\n")
    event = sections[-1]
    took, times = event.usual_trap()
    assert times >= STEPS - 5, "but for what dom0 does meanwhile, every one takes the same"
    assert 0 < took <= RECORDED[route, abi]
    assert STEPS <= event.hypercalls <= STEPS + 20, "the send, and no other"

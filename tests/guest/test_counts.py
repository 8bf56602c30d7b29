# SPDX-License-Identifier: MIT
"""What tests/bench/counts.py makes of the lines that the counter in QEMU writes. No guest runs."""

import os
import sys

import pytest
from conftest import HERE

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "bench"))

from counts import Counter  # noqa: E402  (needs the path)


@pytest.fixture
def counter(tmp_path):
    made = Counter.__new__(Counter)  # without the plugin
    made.file, made.read = str(tmp_path / "counts"), 0
    made.points = {0xa00: "printk", 0xb00: "pvh_entry"}
    return made


def write(counter, *lines):
    with open(counter.file, "a", encoding="ascii") as file:
        file.write("".join(line + "\n" for line in lines))


def test_a_section_is_what_lies_between_its_marks(counter):
    write(counter, "trap 999 3", "at 100 50 2 1", "trap 64 999", "trap 80 1", "at 100 64050 2002 1001")
    section, = counter.sections()
    assert (section.instructions, section.entries, section.hypercalls) == (64000, 2000, 1000)
    assert section.usual_trap() == (64, 999)
    assert sum(section.traps.values()) == 1000, "those before it are not its own"


def test_each_look_takes_what_is_new(counter):
    write(counter, "mark 1 0 0 0", "mark 2 10 1 1")
    assert len(counter.sections()) == 1
    assert counter.sections() == []
    write(counter, "mark 1 20 1 1", "mark 2 25 2 2")
    section, = counter.sections()
    assert (section.instructions, section.entries, section.hypercalls) == (5, 1, 1)


def test_other_marks_are_no_border(counter):
    write(counter, "mark 3 5 0 0", "mark 1 10 0 0", "mark 2 17 0 0", "mark 4 90 0 0", "end 0 99 9 9")
    section, = counter.sections()
    assert section.instructions == 7


def test_points_are_no_border_and_have_names(counter):
    lines = ("mark 1 0 0 0", "trap 64 2", "at a00 7 1 0", "trap 64 1", "mark 2 9 1 0", "at b00 11 2 0")
    write(counter, *lines)
    section, = counter.sections()
    assert section.instructions == 9 and section.usual_trap() == (64, 3)
    write(counter, *lines)
    assert counter.passed() == [("printk", [7, 1, 0]), ("pvh_entry", [11, 2, 0])]


def test_quantiles_of_interrupts(counter):
    write(counter, "mark 1 0 0 0", "trap 127 1", "trap 200 98", "trap 900 1", "mark 2 1 1 1")
    section, = counter.sections()
    assert [section.quantile_trap(part) for part in (0, 10, 500, 990, 1000)] == [127, 200, 200, 900, 900]


def test_without_an_interrupt_there_is_no_quantile(counter):
    write(counter, "mark 1 0 0 0", "mark 2 1 1 1")
    section, = counter.sections()
    assert section.usual_trap() == (0, 0) and section.quantile_trap(500) is None

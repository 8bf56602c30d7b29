# SPDX-License-Identifier: MIT
"""The shell's `bench`: every event of a row is counted, and nothing of it is left."""

import re

import pytest
from shells import channels, irqs
from shells import shell  # noqa: F401  (a fixture)

HEAD = re.compile(r"bench: route (?P<route>\w+), (?P<abi>\S+), CPU0; "
                  r"ticks at (?P<khz>\d+) kHz, elastic in emulation")
COLUMNS = ["one", "at", "a", "time", "events", "min", "median", "max", "upcalls"]
ROW = re.compile(r"(?P<what>.{22}) +(?P<events>\d+) +(?P<min>\d+) +(?P<median>\d+) +(?P<max>\d+) +"
                 r"(?P<upcalls>\d+\.\d\d)")
ALWAYS = ["null hypercall", "event, masked, polled"]
DAISY = ["event, irq by call", "event, irq by vector"]


def bench(sh, words=""):
    """The head, and what to its row."""
    head, columns, *lines = sh.ask(f"bench{words}")
    assert columns.split() == COLUMNS
    rows = [ROW.fullmatch(line) for line in lines]
    assert all(rows), lines
    return HEAD.fullmatch(head), {row["what"].rstrip(): row for row in rows}


def check(rows, names, events):
    assert list(rows) == names
    for what, row in rows.items():
        assert int(row["events"]) == events, what
        assert 0 < int(row["min"]) <= int(row["median"]) <= int(row["max"]), what
        upcalls = float(row["upcalls"])
        if what in ALWAYS:
            assert upcalls < 0.5, "but for somebody else's"
        elif "CPU" in what:
            assert 1 <= upcalls < 2.5, "there, one may serve the next event, too"
        else:
            assert 1 <= upcalls < 1.5
    # An event is more than a hypercall: it is made by one.
    assert int(rows[ALWAYS[0]]["median"]) < min(int(row["median"]) for what, row in rows.items()
                                                if what not in ALWAYS[:1])


@pytest.mark.parametrize("cmdline, route, abi", [
    ("route=percpu", "percpu", "fifo"), ("route=vector abi=2l", "vector", "2-level"),
    ("route=poll", "poll", "fifo")])
def test_rows(shell, cmdline, route, abi):  # noqa: F811
    sh = shell(cmdline, vcpus=2)
    ports, names = set(channels(sh)), set(irqs(sh))
    head, rows = bench(sh, " 200")
    assert (head["route"], head["abi"]) == (route, abi) and int(head["khz"])
    check(rows, [*ALWAYS, *DAISY, "to CPU1 and back"], 200)
    check(bench(sh)[1], list(rows), 1000)
    assert set(channels(sh)) == ports and set(irqs(sh)) == names


def test_a_cpu_that_is_down_is_not_asked(shell):  # noqa: F811
    sh = shell(vcpus=3)
    sh.ask("cpu 1 down")
    check(bench(sh, " 50")[1], [*ALWAYS, *DAISY, "to CPU2 and back"], 50)
    sh.ask("cpu 2 down")
    check(bench(sh, " 50")[1], [*ALWAYS, *DAISY], 50)


def test_one_cpu_and_no_irqs_of_their_own(shell):  # noqa: F811
    sh = shell("daisy=off")
    _, rows = bench(sh, " 50")
    check(rows, [*ALWAYS, "event, shared irq"], 50)


def test_a_line_reaches_one_cpu(shell):  # noqa: F811
    sh = shell("route=intx", type="hvm", vcpus=2)
    head, columns, *lines = sh.ask("bench 100")
    assert HEAD.fullmatch(head)["route"] == "intx" and columns.split() == COLUMNS
    assert lines.pop() == "to CPU1 and back       no event gets there"
    check({row["what"].rstrip(): row for row in map(ROW.fullmatch, lines)}, [*ALWAYS, *DAISY], 100)


def test_what_is_no_count(shell):  # noqa: F811
    sh = shell()
    for words in (" 0", " x", " -1", " 1000001", " 1 2"):
        assert sh.one(f"bench{words}") == "usage: bench [COUNT]"

# SPDX-License-Identifier: MIT
"""A guest with a storm in it, to which something is done while it runs.

    def test_something(life):
        guest = life(vcpus=2)            # boots; its storm does not end by itself
        guest.advance()                  # its counters go on: before,
        guest.xl("sysrq guest h")
        guest.says(r"sysrq: help: .+")   # while,
        guest.advance()                  # and after
        guest.ended("poweroff", "xl shutdown guest")

The storm says its counts as it goes (progress=). At rest everything that was sent has been judged:
when the times at rest go on, nothing was lost or doubled up to there; else the storm ends.
"""

import dataclasses
import re
import time

import pytest
from shells import do, pump
from test_matrix import IMAGE, PATIENCE

EVERY = 500              # runs between two lines of progress
ENDLESS = 4000000000     # runs: nobody waits for that
ANSWER = 60              # seconds for any answer
PROGRESS = re.compile(r"storm: (\d+) sent, (\d+) handled, (\d+) times at rest")
CUT_SHORT = re.compile(r"# cut short in (\w+): \d+ tests begun, 0 failed, no verdict")


@dataclasses.dataclass(frozen=True)
class Progress:
    """What a storm has counted so far."""

    sent: int
    handled: int
    rests: int

    def is_ahead_of(self, other):
        return (self.sent > other.sent and self.handled > other.handled and
                self.rests > other.rests)


class Life:
    """A Run, and what its storm has said so far."""

    def __init__(self, run):
        self.run = run

    def lines(self):
        """Whole ones."""
        return self.run.console().replace("\r", "").split("\n")[:-1]

    def progress(self):
        """Every one so far, in order."""
        return [Progress(*map(int, m.groups()))
                for line in self.lines() if (m := PROGRESS.fullmatch(line))]

    def wait(self, done, what, timeout=ANSWER):
        """Until done() is true; its value."""
        until = time.monotonic() + timeout
        while not (value := done()):
            assert self.run.pump(), f"it ended before: {what}"
            assert time.monotonic() < until, f"not in {timeout} s: {what}"
        return value

    def advance(self, lines=3):
        """Until the storm has said so often more that it goes on. (The first of these lines may
        have been on its way for a while.)"""
        before = self.progress()
        now = self.wait(lambda: (found := self.progress())[len(before) + lines - 1:] and found,
                        "progress")
        for earlier, later in zip(now, now[1:]):
            assert later.is_ahead_of(earlier)
        return now[-1]

    def says(self, pattern, times=1):
        """Until so many lines match as a whole; the last of them."""
        def found():
            matches = [m for line in self.lines() if (m := re.fullmatch(pattern, line))]
            return matches[times - 1:] and matches
        matches = self.wait(found, pattern)
        assert len(matches) == times, matches
        return matches[-1]

    # -- what is done to it --------------------------------------------------------------------

    def execute(self, script, timeout=ANSWER):
        """In dom0; what it prints."""
        return do(self.run, script, timeout)

    def xl(self, words, timeout=ANSWER):
        return self.execute(f"xl {words}", timeout)

    def write(self, key, value):
        """A key of control/, written as the toolstack does it."""
        self.execute(f"xenstore-write /local/domain/$(xl domid guest)/control/{key} '{value}'")

    def read(self, key):
        text = self.execute(f"xenstore-read /local/domain/$(xl domid guest)/control/{key}")
        return text.removesuffix("\n")

    def pause(self, seconds):
        """It stands still for so long: it says nothing, once its console has run dry."""
        self.xl("pause guest")
        assert re.search(r"^guest .* --p--- ", self.xl("list"), re.M)
        before = None
        while before != (before := self.progress()):  # what is on its way still
            self.pump(1)
        self.pump(seconds)
        assert self.progress() == before
        self.xl("unpause guest")

    def pump(self, seconds):
        pump(self.run, seconds)

    # -- the end -------------------------------------------------------------------------------

    def ended(self, reason, words):
        """Words for dom0 end it, for that reason; the Result."""
        self.execute(words)
        result = self.run.wait()
        assert result.reason == reason, result.message
        return result


def check_cut_short(result, *said):
    """It ends with these lines (patterns), and with the one that says that there is no verdict:
    nobody takes it for a pass, or for a hang. What it was in the middle of."""
    last = result.lines[-1 - len(said):]
    for line, pattern in zip(last, said):
        assert re.fullmatch(pattern, line)
    found = CUT_SHORT.fullmatch(last[-1])
    assert found, last
    assert result.verdict is None and not result.passed
    return found[1]


@pytest.fixture
def life(start):
    """life(cmdline, events=RUNS, **Guest's fields): its storm goes on."""
    def begin(cmdline="", events=ENDLESS, **fields):
        run = start(IMAGE, **{"type": "pvh", "timeout": PATIENCE, **fields},
                    cmdline=f"test=storm progress={EVERY} events={events} {cmdline}")
        guest = Life(run)
        guest.wait(guest.progress, "the storm begins", PATIENCE)
        guest.advance()
        return guest
    return begin

# SPDX-License-Identifier: MIT
"""A guest at its prompt, and the tables that it prints there as rows."""

import re
import time

import pytest
from dumps import CHANNEL
from test_matrix import IMAGE, PATIENCE

PROMPT = "\r\x1b[Kdaisy> "
ANSWER = 60   # seconds; a storm takes a few
LEFT, UP, DOWN, DELETE, HOME, END = (f"\x1b[{key}" for key in ("D", "A", "B", "3~", "H", "F"))


def do(run, script, timeout=ANSWER):
    """In dom0; what it prints."""
    status, text = run.execute(script, timeout)
    assert status == 0, text
    return text


def pump(run, seconds):
    """The guest goes on for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert run.pump()


class Shell:
    """A guest at its prompt, and one of its consoles: "serial", "pv", or None, the primary one."""

    def __init__(self, run, console=None):
        self.run, self.which = run, console

    def text(self):
        return self.run.console(self.which)

    def wait(self, pattern, start=0, timeout=ANSWER):
        """Until the console's text from there on matches."""
        until = time.monotonic() + timeout
        while not (found := re.search(pattern, self.text()[start:])):
            assert self.run.pump() and time.monotonic() < until, self.text()[start:]
        return found

    def type(self, keys):
        self.run.send(keys.encode("latin-1"), self.which)

    def begin(self, keys, enter="\r"):
        """Type a command, and go on; for answer()."""
        start = len(self.text())
        self.type(keys + enter)
        return start

    def answer(self, start):
        """The lines that it prints, until the prompt comes again."""
        self.wait(r"\r\n(?s:.*)" + re.escape(PROMPT) + "$", start)
        return self.text()[start:].removesuffix(PROMPT).replace("\r", "").splitlines()[1:]

    def ask(self, keys, enter="\r"):
        return self.answer(self.begin(keys, enter))

    def one(self, keys):
        lines = self.ask(keys)
        assert len(lines) == 1, lines
        return lines[0]


@pytest.fixture
def shell(start):
    """shell(cmdline, **Guest's fields): at its prompt."""
    def begin(cmdline="", console=None, **fields):
        run = start(IMAGE, cmdline=f"shell {cmdline}", timeout=PATIENCE,
                    **{"type": "pvh", **fields})
        shell = Shell(run, console)
        shell.wait(re.escape(PROMPT) + "$", timeout=PATIENCE)
        return shell
    return begin


def ended(shell, command, reason):
    """The command ends the domain, for that reason."""
    shell.type(command + "\r")
    result = shell.run.wait()
    assert result.reason == reason, result.message
    return result


def store(shell, path):
    """A node below the domain's own, read in dom0."""
    text = do(shell.run, f"xenstore-read /local/domain/$(xl domid guest)/{path}")
    return text.removesuffix("\n")


IRQ = re.compile(r" *(?P<irq>\d+):(?P<counts>(?: +\d+)+)  (?P<chip>\S+) +(?P<hw>.*?)  +"
                 r"(?P<flow>level|edge|percpu|late) +(?P<name>.+?)"
                 r"(?P<more>(?: masked \w+)?(?: unhandled \d+)?(?: braked \d+)?(?: spurious \d+)?"
                 r"(?: eoi unasked \d+)?)")


def irqs(shell):
    """Name to row. Every line but the head is one."""
    lines = shell.ask("irqs")
    assert re.match(r" +irq +CPU0", lines[0])
    rows = [IRQ.fullmatch(line) for line in lines[1:]]
    assert all(rows), lines
    return {row["name"]: row for row in rows}


def count(row):
    return sum(map(int, row["counts"].split()))


def store_interrupts(shell, cpu):
    """A watch fires, and nobody waits for it: the store's counts before, and when it has arrived there."""
    before = irqs(shell)["xenstore"]["counts"].split()
    do(shell.run, "xenstore-write /local/domain/$(xl domid guest)/device/nobody 1")
    until = time.monotonic() + ANSWER
    while (after := irqs(shell)["xenstore"]["counts"].split())[cpu] == before[cpu]:
        assert time.monotonic() < until, after
    return [[int(count) for count in counts] for counts in (before, after)]


def channels(shell):
    """Port to row."""
    lines = shell.ask("evtchn")
    rows = [CHANNEL.fullmatch(line) for line in lines[1:]]
    assert all(rows), lines
    return {int(row["port"]): row for row in rows}


def lsevtchn(shell):
    """Xen's own list: port to (vCPU, kind and peer in its words)."""
    text = shell.run.execute("/usr/lib/xen-*/bin/lsevtchn $(xl domid guest)")[1]
    rows = re.findall(r"^ *(\d+): VCPU (\d+): (.*)$", text, re.M)
    assert rows, text
    return {int(port): (vcpu, rest) for port, vcpu, rest in rows}

# SPDX-License-Identifier: MIT
"""Lines that are edited before the shell; a shell with nobody before it."""

import re

from shells import DELETE, DOWN, END, HOME, LEFT, PROMPT, UP, ended
from shells import shell  # noqa: F401  (a fixture)
from test_matrix import IMAGE, PATIENCE
from test_shell import WRONG

# -- typing -----------------------------------------------------------------------------------

def test_line_editing(shell):
    sh = shell()
    for keys in ("xs red name" + LEFT * 6 + "a", "x read name" + HOME + "\x1b[Cs" + END,
                 "xxs read name\x01" + DELETE, "xs read nameX\x7f", "xs read nameX" + LEFT + "\x0b",
                 "junk\x15xs read name", "xs read junk\x17name", "xs read n\x1b[1;5D\x1b[1;5Cam\x05e",
                 "junk\x03xs read name"):
        start = len(sh.text())
        sh.type(keys)
        sh.type("\r")
        sh.wait(r"guest\r\n" + re.escape(PROMPT) + "$", start)


def test_an_escape_sequence_in_pieces(shell):
    """Each byte arrives on its own."""
    sh = shell()
    sh.type("xs red name")
    for byte in LEFT * 6:
        sh.type(byte)
        sh.run.pump(0.05)
    assert sh.ask("a") == ["guest"]


def test_history(shell):
    sh = shell()
    assert sh.one("xs read name") == "guest"
    assert sh.one("nonsense") == WRONG["nonsense"]
    assert sh.ask(UP) == [WRONG["nonsense"]]
    assert sh.ask(UP + UP) == ["guest"]
    assert sh.ask("hel" + UP + DOWN + "\x15nonsense") == [WRONG["nonsense"]]


def test_more_than_a_ring_holds(shell):
    """What does not fit waits in dom0; a line that is too long rings the bell."""
    sh = shell()
    assert sh.ask("a\x7f" * 2000 + "xs read name") == ["guest"]
    start = len(sh.text())
    assert sh.ask("a" * 3000 + "\x15xs read name") == ["guest"]
    assert "\a" in sh.text()[start:]


# -- when there is a shell --------------------------------------------------------------------

def test_autorun(boot):
    """It powers off behind the last command, and runs no selftests."""
    result = boot(IMAGE, type="pvh", timeout=PATIENCE,
                  cmdline="autorun='xs write data/x \"a;  b\"; xs read data/x;nonsense;mem'")
    assert result.reason == "poweroff"
    assert result.lines[-3:-1] == ["a;  b", WRONG["nonsense"]]
    assert "KiB free" in result.lines[-1] and "KTAP version 1" not in result.lines


def test_autorun_and_its_verdict(boot):
    result = boot(IMAGE, type="pvh", cmdline="autorun='test loopback; mem'", timeout=PATIENCE)
    assert result.passed and result.verdict == "daisy: 1 passed, 0 failed"


def test_autorun_and_then_a_person(shell):
    sh = shell("autorun='xs read name'")
    lines = sh.text().replace("\r", "").splitlines()
    assert lines[lines.index("shell: try help") - 1] == "guest"
    assert sh.one("xs read name") == "guest"


def test_selftests_and_then_a_person(shell):
    sh = shell("test=loopback")
    assert "daisy: 1 passed, 0 failed" in sh.text()
    result = ended(sh, "poweroff", "poweroff")
    assert result.passed

# SPDX-License-Identifier: MIT
"""The shell on COM1 and on the PV console, and a terminal or a pipe before it."""

import os
import pty
import re
import select
import subprocess
import time

import pytest
from board import PLATFORM_DEVICE, link_irq
from conftest import XENBOX
from shells import ANSWER, LEFT, PROMPT, UP, Shell, count, ended, irqs, store
from shells import shell  # noqa: F401  (a fixture)
from test_matrix import IMAGE, PATIENCE
from test_plain import BARE


@pytest.mark.parametrize("cmdline, chip", [("route=intx", "ioapic"), ("noapic", "pic")])
def test_com1_beside_the_pv_console(shell, cmdline, chip):
    """Each has a line of its own; what is printed comes out on both."""
    com1 = shell(cmdline, type="hvm", vcpus=2)
    pv = Shell(com1.run, "pv")
    row = irqs(com1)["com1"]
    assert (row["irq"], row["chip"], row["flow"]) == ("4", chip, "edge")
    com1.type("xs read na")
    pv.type("xs read name\r")
    both_have(com1, "xs read na", pv, "", 1)
    com1.type("me\r")
    both_have(com1, "", pv, "", 2)
    pv.type(UP + "\r")  # the history is one
    both_have(com1, "", pv, "", 3)
    com1.type("a\x7f" * 1000 + "xs read name\r")  # more than its ring holds
    both_have(com1, "", pv, "", 4)
    assert count(irqs(com1)["com1"]) > count(row) > 0
    assert irqs(com1)["xencons"]["hw"] == f"port {store(com1, 'console/port')}"
    if cmdline == "route=intx":
        board(com1)
    pv.type("\x15")
    ended(pv, "reboot", "reboot")


def both_have(com1, typed, pv, also, times):
    """The domain's name so many times, and then the prompt with what has been typed there."""
    for console, line in ((com1, typed), (pv, also)):
        console.wait(r"(?s)" + r"guest\r\n.*" * times + re.escape(PROMPT + line) + "$")


def board(shell):
    """The Xen platform device, where Xen's device model puts it and hvmloader leads it."""
    line, = [line for line in shell.ask("lspci") if " 5853:0001 " in line]
    irq = link_irq(PLATFORM_DEVICE)
    assert line.startswith(f"pci: 00:{PLATFORM_DEVICE:02x}.0 ") and line.endswith(
        f" pin 1 line {irq}")
    assert {"FACP", "APIC", "HPET"} <= {line.split()[0] for line in shell.ask("acpi")}
    assert re.match(rf"route: intx \(irq {irq}, ", shell.one("route"))


def test_com1_without_xen():
    """By irq on a PC; by looking where nothing brings irqs, nor a timer."""
    for words in (["-M", "pc"], ["-M", "microvm,pit=off,pic=off,pcie=off", "-cpu", "qemu64,-apic"]):
        with subprocess.Popen([*BARE, *words, "-accel", "tcg", "-serial", "stdio", "-kernel", IMAGE,
                               "-append", "shell"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:
            try:
                read_until(process.stdout.fileno(), PROMPT)
                process.stdin.write(b"cpus\r")
                process.stdin.flush()
                text = read_until(process.stdout.fileno(), PROMPT)
                assert re.search(r"^CPU0: apic id 0,", text, re.M)
                process.stdin.write(b"poweroff\r")
                process.stdin.flush()
                assert process.wait(PATIENCE) == 1, "isa-debug-exit's word for it"
            finally:
                process.kill()


def read_until(source, end, timeout=ANSWER):
    text, until = "", time.monotonic() + timeout
    while not text.endswith(end):
        assert time.monotonic() < until and select.select([source], [], [], timeout)[0], text
        data = os.read(source, 4096)
        assert data, text
        text += data.decode(errors="replace")
    return text


def test_a_pipe(bed):
    """What is there before the domain is waits for it."""
    words = [XENBOX, "run", "-i", "--instance", bed.options.instance, "--type", "pvh",
             "--cmdline", "shell", IMAGE]
    done = subprocess.run(words, input="xs read name\npoweroff\n", capture_output=True, text=True,
                          check=False, timeout=PATIENCE)
    assert "\nguest\n" in done.stdout and "powered off" in done.stderr


def test_a_terminal(bed):
    """`xenbox run -i` passes on every key, ctrl-C too; ctrl-] ends the guest."""
    ours, theirs = pty.openpty()
    words = [XENBOX, "run", "-i", "--instance", bed.options.instance, "--type", "pvh",
             "--cmdline", "shell", IMAGE]
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs,
                          start_new_session=True) as process:
        try:
            read_until(ours, PROMPT)
            os.write(ours, b"junk\x03")
            assert "junk^C" in read_until(ours, PROMPT)
            os.write(ours, b"xs red name" + LEFT.encode() * 6 + b"a\r")
            assert re.search(r"^guest\r", read_until(ours, PROMPT), re.M)
            os.write(ours, b"\x1d")
            assert process.wait(PATIENCE) == 130
        finally:
            process.kill()
    os.close(theirs)
    os.close(ours)
    assert "guest" not in bed.execute("xl list")[1]

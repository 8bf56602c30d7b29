# SPDX-License-Identifier: MIT
"""Further PV consoles: channels of xl.cfg, which the device model serves, typed on in dom0."""

import base64
import random
import re
import time

import pytest
from conftest import rare
from shells import ANSWER, PROMPT, count, do, ended, irqs, store
from shells import shell  # noqa: F401  (a fixture)

PTY = '"name=org.daisy.{},connection=pty"'
SOCKET = '"name=org.daisy.{0},connection=socket,path=/run/guest/{0}"'
STOPPED_AT_MOST = 5  # seconds for which a reader that sleeps holds up one command, patience and all
# The last process of the script must have a session of its own before the script ends.
READ = """
rm -f /run/guest/console.{0}
tty=$(xenstore-read /local/domain/$(xl domid guest)/device/console/{0}/tty)
setsid sh -c "exec cat $tty >/run/guest/console.{0}" </dev/null >/dev/null 2>&1 &
until [ -e /run/guest/console.{0} ]; do sleep 0.1; done
"""
TYPE = """
tty=$(xenstore-read /local/domain/$(xl domid guest)/device/console/{}/tty)
echo {} | base64 -d >$tty
"""
DEVICE_MODEL = "$(xenstore-read /local/domain/$(xl domid guest)/image/device-model-pid)"
ANSWERS = r"(?s)(guest\r\n.*){%d}"
BACKEND = "/local/domain/0/backend/console/$(xl domid guest)"


class Further:
    """A further console's terminal in dom0. The device model throws away what is said as long as
    it has not seen the terminal opened; it looks each second."""

    def __init__(self, shell, number):  # noqa: F811
        self.guest, self.run, self.number = shell, shell.run, number
        self.do(READ.format(number))
        until = time.monotonic() + ANSWER
        while not self.text():
            assert self.run.pump() and time.monotonic() < until
            self.type(b"\r")
        self.answer()

    def do(self, script):
        return do(self.run, script)

    def text(self):
        return self.do(f"cat /run/guest/console.{self.number}")

    def type(self, keys):
        self.do(TYPE.format(self.number, base64.b64encode(keys).decode()))

    def wait(self, pattern):
        until = time.monotonic() + ANSWER
        while not re.search(pattern, text := self.text()):
            assert self.run.pump() and time.monotonic() < until, text
        return text

    def answer(self, keys=b"xs read name\r"):
        """To keys that end in reading the domain's name: here and on the guest's own console."""
        here, there = (text.count("guest\r\n") for text in (self.text(), self.guest.text()))
        self.type(keys)
        self.wait(ANSWERS % (here + 1) + re.escape(PROMPT) + "$")
        self.guest.wait(ANSWERS % (there + 1) + re.escape(PROMPT) + "$")


def channels(*kinds):
    """One more, in front: xl 4.17 gives the first the number 0, and libxl refuses that one."""
    return ("channel=[" + ",".join(kind.format(n) for n, kind in enumerate((PTY, *kinds))) + "]",)


def connected(shell, *kinds, **more):  # noqa: F811
    """A shell's guest with such further consoles, and their numbers."""
    guest = shell(settings=channels(*kinds), **more)
    numbers = guest.run.execute("xenstore-list /local/domain/$(xl domid guest)/device/console")
    numbers = [int(number) for number in numbers[1].split()]
    assert numbers[-len(kinds):] == list(range(1, 1 + len(kinds)))
    for number in numbers:
        guest.wait(f"xenbus: device/console/{number} is connected\r\n" +
                   r"(?s:.*)" + re.escape(PROMPT) + "$")
    return guest, numbers


def row_of(guest, number):
    row = irqs(guest)[f"xencons{number}"]
    assert row["hw"] == f"port {store(guest, f'device/console/{number}/port')}"
    return row


@pytest.mark.parametrize("kinds, machine", [
    rare((PTY,), {"type": "pvh", "vcpus": 2}, id="one-pvh"),
    pytest.param((SOCKET, PTY), {"type": "pvh", "vcpus": 2}, id="two-pvh"),
    rare((PTY,), {"type": "hvm"}, id="one-hvm"),
    pytest.param((SOCKET, PTY), {"type": "hvm"}, id="two-hvm")])
def test_typed_and_answered(shell, machine, kinds):  # noqa: F811
    """Each is one more console: a prompt with a line of its own, and what everybody is shown."""
    guest, numbers = connected(shell, *kinds, **machine)
    rows = {number: row_of(guest, number) for number in numbers}
    last = Further(guest, numbers[-1])
    last.type(b"xs read na")
    last.wait("xs read na$")
    assert guest.ask("cpus")  # in the middle of the line
    last.wait("CPU0: apic id 0(?s:.*)" + re.escape(PROMPT) + "xs read na$")
    last.answer(b"me\r")
    assert count(row_of(guest, last.number)) > count(rows[last.number])
    ended(guest, "poweroff", "poweroff")


def test_garbage(shell):  # noqa: F811
    """More than the ring holds, every byte there is; then a line as if nothing had been."""
    guest, _ = connected(shell, PTY)
    further = Further(guest, 1)
    junk = bytes(random.Random(1).choices([n for n in range(256) if n not in b"\r\n"], k=3000))
    further.type(junk)
    further.answer(b"\x1b[0m\x15xs read name\r")
    further.type(b"a\x7f" * 1500)
    further.answer()
    assert guest.one("xs read name") == "guest"


def test_a_reader_that_stops(shell):  # noqa: F811
    """The others do not wait for it; it is told what it can still be told, and counted."""
    guest, _ = connected(shell, PTY, vcpus=2)
    further = Further(guest, 1)
    further.do(f"kill -STOP {DEVICE_MODEL}")
    for _ in range(5):
        start = time.monotonic()
        assert len(guest.ask("help")) > 15
        assert time.monotonic() - start < STOPPED_AT_MOST
    further.do(f"kill -CONT {DEVICE_MODEL}")
    further.answer()
    further.do(f"xenstore-write {BACKEND}/1/state 5")
    assert int(guest.wait(r"xencons1: nobody took (\d+) bytes\r\n")[1]) > 1000


def test_closing(shell):  # noqa: F811
    """The backend closes it while somebody types: nothing is left, the others stay."""
    guest, _ = connected(shell, PTY, PTY)
    row = row_of(guest, 1)
    port = int(row["hw"].split()[1])
    first, second = Further(guest, 1), Further(guest, 2)
    first.type(b"xs read na")
    first.wait("xs read na$")
    status, output = guest.run.execute(f"""
        front=/local/domain/$(xl domid guest)/device/console/1
        xenstore-write {BACKEND}/1/state 5
        until [ "$(xenstore-read $front/state) $(xenstore-read {BACKEND}/1/state)" = "6 6" ]
        do sleep 0.1; done""")
    assert status == 0, output
    second.answer()
    assert "xencons1" not in irqs(guest) and "xencons2" in irqs(guest)
    assert not re.search(rf"^ *{port} ", "\n".join(guest.ask("evtchn")), re.M)
    assert re.search(" 1 in use, [01] set aside$", guest.one("grants"))
    ended(guest, "poweroff", "poweroff")


def test_the_device_model_dies(shell):  # noqa: F811
    """Nobody says so. What is printed is lost there, and nowhere else."""
    guest, _ = connected(shell, PTY)
    Further(guest, 1).do(f"kill -KILL {DEVICE_MODEL}")
    for _ in range(3):
        assert len(guest.ask("help")) > 15
    assert guest.one("xs read name") == "guest"
    ended(guest, "panic", "crash")


def test_restored(shell):  # noqa: F811
    """Both ends are new: the console comes again, its irq is what it was, and the rest of the
    machine goes on."""
    guest, _ = connected(shell, PTY, vcpus=2)
    Further(guest, 1)
    before = row_of(guest, 1)
    assert guest.ask(f"affinity {before['irq']} 1")[-1:] == [f"irq {before['irq']}: CPU 1"]
    guest.run.save_and_restore()
    guest.wait(r"suspend: resumed(?s:.*)xenbus: device/console/1 is connected\r\n(?s:.*)" +
               re.escape(PROMPT) + "$")
    after = row_of(guest, 1)
    assert after["irq"] == before["irq"] and count(after) >= count(before)
    Further(guest, 1)
    first, second = row_of(guest, 1)["counts"].split()
    assert first == after["counts"].split()[0] and int(second) > int(after["counts"].split()[1])
    ended(guest, "poweroff", "poweroff")


def test_switched(shell):  # noqa: F811
    """Ports are closed and made again under the backend's eyes, and tests run beside it."""
    guest, _ = connected(shell, PTY)
    further = Further(guest, 1)
    for command in ("abi 2l", "abi fifo", "route vector", "test switch_abi console_front grant_v1"):
        guest.ask(command)
        further.answer()
    assert "grant_v1 # SKIP grants are in use" in guest.text()
    assert "daisy: 2 passed, 0 failed" in guest.text()

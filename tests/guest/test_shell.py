# SPDX-License-Identifier: MIT
"""The shell, typed at on the real consoles. What it shows is compared with what dom0 or the machine's
description says of the same thing."""

import os
import pty
import re
import select
import subprocess
import time

import pytest
from conftest import XENBOX
from machines import LINK_IRQS, PLATFORM_DEVICE
from test_matrix import IMAGE, PATIENCE
from test_plain import BARE

PROMPT = "\r\x1b[Kdaisy> "
ANSWER = 60   # seconds; a storm takes a few
LEFT, UP, DOWN, DELETE, HOME, END = (f"\x1b[{key}" for key in ("D", "A", "B", "3~", "H", "F"))


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

    def ask(self, keys, enter="\r"):
        """The lines that a command prints, until the prompt comes again."""
        start = len(self.text())
        self.type(keys + enter)
        self.wait(r"\r\n(?s:.*)" + re.escape(PROMPT) + "$", start)
        return self.text()[start:].removesuffix(PROMPT).replace("\r", "").splitlines()[1:]

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
    status, text = shell.run.execute(f"xenstore-read /local/domain/$(xl domid guest)/{path}")
    assert status == 0, text
    return text.removesuffix("\n")


IRQ = re.compile(r" *(?P<irq>\d+):(?P<counts>(?: +\d+)+)  (?P<chip>\S+) +(?P<hw>.*?)  +"
                 r"(?P<flow>level|edge|percpu|late) +(?P<name>.+?)"
                 r"(?P<more>(?: masked \w+)?(?: unhandled \d+)?)")


def irqs(shell):
    """Name to row. Every line but the head is one."""
    lines = shell.ask("irqs")
    assert re.match(r" +irq +CPU0", lines[0])
    rows = [IRQ.fullmatch(line) for line in lines[1:]]
    assert all(rows), lines
    return {row["name"]: row for row in rows}


def count(row):
    return sum(map(int, row["counts"].split()))


CHANNEL = re.compile(r" *(?P<port>\d+) (?P<kind>\w+) +(?P<peer>\S.*?) +(?P<vcpu>\d+) +"
                     r"(?P<pending>yes|-) +(?P<masked>yes|-) +(?P<irq>\d+|-) +(?P<prio>\d+|-)")


def channels(shell):
    """Port to row."""
    lines = shell.ask("evtchn")
    rows = [CHANNEL.fullmatch(line) for line in lines[1:]]
    assert all(rows), lines
    return {int(row["port"]): row for row in rows}


# -- what it shows ----------------------------------------------------------------------------

def test_irqs_and_ports_are_those_of_the_store(shell):
    sh = shell()
    rows = irqs(sh)
    for name, node in (("xenstore", "store/port"), ("xencons", "console/port")):
        assert rows[name]["hw"] == f"port {store(sh, node)}"
    before = count(rows["xenstore"])
    assert sh.one("xs read name") == "guest"
    assert count(irqs(sh)["xenstore"]) > before
    assert sh.one("xs read domid") == sh.run.execute("xl domid guest")[1].strip()


def lsevtchn(shell):
    """Xen's own list: port to (vCPU, kind and peer in its words)."""
    text = shell.run.execute("/usr/lib/xen-*/bin/lsevtchn $(xl domid guest)")[1]
    rows = re.findall(r"^ *(\d+): VCPU (\d+): (.*)$", text, re.M)
    assert rows, text
    return {int(port): (vcpu, rest) for port, vcpu, rest in rows}


@pytest.mark.parametrize("abi, priority", [("fifo", "7"), ("2l", "-")])
def test_channels_are_those_that_xen_lists(shell, abi, priority):
    sh = shell(f"abi={abi}", vcpus=2)
    rows, xens = channels(sh), lsevtchn(sh)
    assert set(rows) == set(xens)
    words = {"interdomain": "Interdomain", "virq": "Virtual IRQ", "ipi": "IPI"}
    for port, row in rows.items():
        vcpu, rest = xens[port]
        assert row["vcpu"] == vcpu and words[row["kind"]] in rest
        if row["kind"] == "interdomain":
            _, _, _, remote = row["peer"].split()
            assert re.search(rf"\b{remote}\b", rest)
        assert (row["masked"], row["pending"], row["prio"]) == ("-", "-", priority)


def test_cpus_memory_and_time(shell):
    sh = shell(vcpus=3, memory=32)
    lines = sh.ask("cpus")
    # Xen's local APICs have twice the vCPU's number: vlapic.h's GET_xAPIC_ID of vcpu_id * 2.
    assert [re.match(r"CPU(\d): apic id (\d),", line).groups() for line in lines] == [
        ("0", "0"), ("1", "2"), ("2", "4")]
    free, total = map(int, re.match(r"(\d+) of (\d+) KiB free", sh.one("mem")).groups())
    assert 0 < free < total < 32 * 1024
    times = []
    for _ in range(2):
        begin = time.monotonic()
        line = sh.one("time")
        times.append((begin, float(re.match(r"(\d+\.\d{6}) s .*, from xen;", line)[1]),
                      time.monotonic()))
    (early, first, _), (_, second, late) = times
    assert 0 < second - first < late - early


def test_vectors_name_the_irqs_that_arrive_on_them(shell):
    sh = shell(vcpus=2)
    rows = {row["irq"]: (name, row["hw"]) for name, row in irqs(sh).items()}
    lines = sh.ask("vectors")
    found = [re.fullmatch(r"vec (0x\w\w) CPU(\d)(\+| ) irq (\d+) (.+)", line) for line in lines]
    for row in filter(None, found):
        name, hw = rows.get(row[4], (row[5], f"vec {row[1]}"))
        assert name == row[5] and f"vec {row[1]}" in hw
    assert {"xen-upcall", "timers"} <= {row[5] for row in found if row}
    assert [line for line, row in zip(lines, found) if not row] == [
        line for line in lines if re.fullmatch(r"CPU\d: \d+ free", line)]


def test_the_firmwares_tables(shell):
    sh = shell()
    tables = [line.split()[0] for line in sh.ask("acpi")]
    assert {"FACP", "APIC"} <= set(tables), "what libacpi builds for pvh"
    assert sh.one("lspci") == "lspci: there is no PCI bus"


def test_log_shows_the_last_lines(shell):
    sh = shell()
    said = sh.one("time")
    more = sh.ask("mem")
    assert sh.ask("log 2") == [said, *more]
    assert sh.ask("log 2") == [said, *more], "the log is not printed into itself"
    start = sh.text().replace("\r", "").splitlines()
    assert sh.ask("log 8000")[:5] == start[:5], "everything since the boot"


# -- what it changes --------------------------------------------------------------------------

def test_store_is_read_and_written(shell):
    sh = shell()
    assert sh.ask("xs write data/x 'two words'") == []
    assert store(sh, "data/x") == "two words"
    sh.run.execute("xenstore-write /local/domain/$(xl domid guest)/data/x 'from dom0'")
    assert sh.one("xs read data/x") == "from dom0"
    assert sh.one("xs read data/nothing") == "xs: data/nothing: there is no such node"
    assert sh.one("xs write name mine") == "xs: name: not allowed, data/... is"


def test_store_is_listed_and_watched(shell):
    """A watch fires at once, at each change, and not after a key."""
    sh = shell()
    here = "/local/domain/$(xl domid guest)"
    sh.run.execute(f"xenstore-write {here}/data/dir/b 1 {here}/data/dir/a 2")
    assert sorted(sh.ask("xs ls data/dir")) == ["a", "b"]
    start = len(sh.text())
    sh.type("xs watch data/dir\r")
    sh.wait(r"\ndata/dir\r\n$", start)
    sh.run.execute(f"xenstore-write {here}/data/dir/c 3")
    sh.wait(r"\ndata/dir/c\r\n$", start)
    sh.type("q")
    sh.wait(re.escape(PROMPT) + "$", start)
    sh.run.execute(f"xenstore-write {here}/data/dir/d 4")
    assert sh.ask("xs rm data/dir/a") == []
    assert sorted(sh.ask("xs ls data/dir")) == ["b", "c", "d"], "and the watch says no more"


def test_devices_and_grants(shell):
    sh = shell(settings=('vif=["bridge=xenbr0,type=vif"]',))
    line = sh.one("devices")
    assert line.startswith("xenbus: device/vif/0 Initialising, backend 0 ")
    assert sh.one("grants").startswith("grants: version ")


def test_affinity(shell):
    sh = shell(vcpus=2)
    irq = irqs(sh)["xenstore"]["irq"]
    port = int(store(sh, "store/port"))
    assert sh.one(f"affinity {irq}") == f"irq {irq}: CPU 0"
    assert sh.one(f"affinity {irq} 1") == f"irq {irq}: CPU 1"
    assert lsevtchn(sh)[port][0] == "1"
    sh.ask("xs read name")
    assert int(irqs(sh)["xenstore"]["counts"].split()[1]) > 0, "and there it arrives"
    assert sh.one(f"affinity {irq} 2") == "affinity: no CPU 2, there are 0 to 1"
    debug = irqs(sh)["debug"]["irq"]
    assert sh.one(f"affinity {debug} 1") == f"irq {debug} stays: it belongs to one CPU"


def test_keys_arrive_on_another_cpu(shell):
    """The reader sleeps on CPU 0."""
    sh = shell(vcpus=2)
    irq = irqs(sh)["xencons"]["irq"]
    assert sh.one(f"affinity {irq} 1") == f"irq {irq}: CPU 1"
    before = int(irqs(sh)["xencons"]["counts"].split()[1])
    for _ in range(3):
        assert sh.one("xs read name") == "guest"
    assert int(irqs(sh)["xencons"]["counts"].split()[1]) > before


def test_mask_and_unmask(shell):
    """Xen's debug key sends a VIRQ; masked, it waits."""
    sh = shell()
    irq = irqs(sh)["debug"]["irq"]
    assert sh.ask(f"mask {irq}") == []
    assert irqs(sh)["debug"]["more"] == " masked m"
    assert sh.run.execute("xl debug-keys q")[0] == 0
    row, = [row for row in channels(sh).values() if row["irq"] == irq]
    assert (row["masked"], row["pending"]) == ("yes", "yes")
    assert "VIRQ_DEBUG" not in sh.text()
    start = len(sh.text())
    sh.type(f"unmask {irq}\r")
    sh.wait("VIRQ_DEBUG: end", start)
    assert "masked" not in irqs(sh)["debug"]["more"]


def test_routes_and_abis_in_turn(shell):
    """Keys arrive on each of them; the console's channel is carried across the reset."""
    sh = shell(vcpus=2)
    chips = {"poll": "poll", "percpu": "lapic"}
    for abi, name in (("2l", "2-level"), ("fifo", "fifo"), ("2l", "2-level")):
        assert sh.one(f"abi {abi}") == f"abi: {name}"
        for route in ("poll", "percpu"):
            said = sh.one(f"route {route}")
            assert said == sh.one("route")
            assert re.fullmatch(rf"route: {route} \(irq \d+, {chips[route]}\)", said)
    assert sh.one("abi") == "abi: 2-level"
    first, second = sh.ask("route intx")
    assert first == "route: not intx: no Xen platform device on the PCI bus"
    assert second.startswith("route: percpu (")


@pytest.mark.parametrize("cmdline", ["route=poll", "route=vector daisy=off", "timer=poll",
                                     "route=percpu redeliver=vector abi=2l"])
def test_other_configurations(shell, cmdline):
    sh = shell(cmdline)
    assert sh.one("xs read name") == "guest"
    ended(sh, "poweroff", "poweroff")


def test_selftests_and_storms(shell):
    sh = shell("seed=5", vcpus=2)
    lines = sh.ask("test loopback heap")
    assert lines[-1] == "daisy: 2 passed, 0 failed"
    assert {line.split()[2] for line in lines if line.startswith("ok ")} == {"loopback", "heap"}
    for _ in range(2):
        lines = sh.ask("storm 7")
        assert lines[-1] == "daisy: 1 passed, 0 failed"
        said = re.match(r"ok 1 storm_percpu_fifo # runs (\d+) sends \d+ .* moves (\d+) .* seed 7$",
                        lines[-2])
        runs, moves = map(int, said.groups())
        assert 400 <= runs < 800 and moves, "each time a whole one, and that alone is counted"
    assert "loopback" in sh.ask("test -l")


def test_all_selftests_while_somebody_is_there(shell):
    lines = shell(vcpus=2).ask("test")
    assert re.fullmatch(r"daisy: \d\d passed, 0 failed", lines[-1])


@pytest.mark.parametrize("command, reason", [("poweroff", "poweroff"), ("reboot", "reboot"),
                                             ("panic", "crash")])
def test_how_it_ends(shell, command, reason):
    result = ended(shell(), command, reason)
    if command == "panic":
        assert "panic: the shell was asked for a panic" in result.lines
        assert result.lines[-1] == "panic: end"


def test_irqs_again_and_again(shell):
    sh = shell()
    start = len(sh.text())
    sh.type("irqs -w\r")
    sh.wait(r"(?s)" + r"\x1b\[2J.*  irq .*" * 3, start)
    sh.type("q")
    sh.wait(re.escape(PROMPT) + "$", start)
    assert sh.one("xs read name") == "guest", "the key that ended it is no part of a line"


# -- what is wrong ----------------------------------------------------------------------------

WRONG = {
    "nonsense": "nonsense: no such command, see help",
    "help'": "shell: a quote is not closed",
    "1 2 3 4 5 6 7 8 9 10 11": "shell: 10 words at most",
    "irqs -x": "usage: irqs [-w]",
    "mask": "usage: mask IRQ",
    "mask 9999": "9999: no such irq, see irqs",
    "unmask x": "x: no such irq, see irqs",
    "affinity": "usage: affinity IRQ [CPU]",
    "affinity 1 2 3": "usage: affinity IRQ [CPU]",
    "affinity -1": "-1: no such irq, see irqs",
    "route sideways": "route: one of intx gsi vector percpu poll assist hybrid",
    "route auto": "route: one of intx gsi vector percpu poll assist hybrid",
    "route intx x": "usage: route [NAME [pic|ioapic|gsi]]",
    "abi 3l": "usage: abi [2l|fifo]",
    "log 0": "usage: log [LINES]",
    "log x": "usage: log [LINES]",
    "storm x": "usage: storm [here|all] [SEED]",
    "storm 1 2": "usage: storm [here|all] [SEED]",
    "test nonsense": "test: there is no nonsense, see test -l",
    "xs": "usage: xs read|ls|rm|watch PATH, write PATH VALUE",
    "xs read": "usage: xs read|ls|rm|watch PATH, write PATH VALUE",
    "xs read a b": "usage: xs read|ls|rm|watch PATH, write PATH VALUE",
    "xs list a": "usage: xs read|ls|rm|watch PATH, write PATH VALUE",
}


def test_what_is_wrong_gets_one_line(shell):
    sh = shell()
    assert {command: sh.ask(command) for command in WRONG} == {
        command: [line] for command, line in WRONG.items()}
    assert sh.ask("") == sh.ask("   ") == sh.ask(";;") == []


def test_help_names_every_command(shell):
    """And each that is named is there: none is unknown."""
    sh = shell()
    names = [line.split()[0] for line in sh.ask("help")]
    assert names == sorted(names) and len(set(names)) == len(names)
    wanted = {"irqs", "vectors", "evtchn", "route", "abi", "affinity", "mask", "unmask", "lspci",
              "acpi", "cpus", "mem", "xs", "devices", "grants", "time", "log", "test", "storm", "panic", "reboot",
              "poweroff", "help"}
    assert wanted <= set(names)


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


# -- consoles ---------------------------------------------------------------------------------

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
    irq = LINK_IRQS[PLATFORM_DEVICE & 3]
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

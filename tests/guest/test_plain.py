# SPDX-License-Identifier: MIT
"""Daisy on a plain emulated PC, without Xen: it brings up what the board has, and says so."""

import dataclasses
import re
import subprocess

import ktap
import pytest
from conftest import rare
from machines import Machine
from test_matrix import IMAGE, PATIENCE, check_outcomes, check_warnings
from xenboxlib import media

QEMU = "qemu-system-x86_64"
BARE = (QEMU, "-nodefaults", "-display", "none", "-no-reboot",
        "-device", "isa-debug-exit,iobase=0xf4,iosize=4")
QUIET = (*BARE, "-accel", "tcg", "-serial", "stdio")
PASSED, CRASHED = 1, 3  # isa-debug-exit: twice the value, plus one
TCG = "no Xen; hypervisor: TCGTCGTCGTCG"
INSTRUCTIONS_MAX = 8000  # from the kernel's first one to the first byte on a console

@dataclasses.dataclass(frozen=True)
class Plain(Machine):
    options: str = ""       # QEMU's
    lacks: tuple = ()
    tables: str = "MADT"    # who describes the board
    warnings: tuple = ()    # patterns
    ioapics: int = 1
    listed: int = 1         # CPUs that the tables name
    edu: int = None         # device numbers
    nvme: int = None
    lapic_mode = "xapic"    # QEMU's own CPUs have no other
    reaches_all = True      # there is no upcall that could not

    @property
    def parts(self):
        parts = {"pic", "pit", "ioapic", "keyboard", "lapic", "pci", "nx"}
        return parts - set(self.lacks)

    @property
    def devices(self):
        words = []
        if self.edu is not None:
            words += ["-device", f"edu,addr={self.edu:02x}"]
        if self.nvme is not None:
            words += ["-device", f"nvme,addr={self.nvme:02x},serial=1"]
        return words

    @property
    def chips(self):
        """The irqchip line's pattern. An IO-APIC of QEMU's has 24 pins."""
        lapic = f"lapic {self.lapic_mode} id 0" if self.has("lapic") else "no lapic"
        count = self.ioapics if self.has("ioapic") else 0
        pins = [rf", ioapic 0x[0-9a-f]+ gsi {24 * n}-{24 * n + 23}" for n in range(count)]
        return f"irqchip: pic, {lapic}{''.join(pins)}"


MACHINES = [
    Plain("pc"),
    Plain("q35", options="-M q35"),
    Plain("smp", options="-smp 2", listed=2),
    Plain("smp-cpus", "cpus=3", options="-smp 4", listed=4),
    Plain("smp-q35", options="-M q35 -smp 8", listed=8),
    # Its firmware lists one CPU for each socket in an MP table, not the cores in it.
    Plain("smp-mp-table", options="-machine acpi=off -smp 3,sockets=3", listed=3,
          tables="MP table"),
    Plain("smp-too-many", options="-smp 130", listed=130,
          warnings=("smp: 130 CPUs, but Daisy uses 128 at most",)),
    Plain("smp-noapic", "noapic", options="-smp 2", listed=2),
    Plain("mp-table", options="-machine acpi=off", tables="MP table"),
    Plain("noapic", "noapic"),
    Plain("no-lapic", options="-cpu qemu64,-apic", lacks=("lapic",),
          warnings=("lapic: there is none",)),
    Plain("no-nx", options="-cpu qemu64,-nx", lacks=("nx",)),
    Plain("q35-no-lapic", options="-M q35 -cpu qemu64,-apic", lacks=("lapic",),
          warnings=("lapic: there is none",)),
    # SeaBIOS's MP table names an IO-APIC that this board does not have.
    Plain("isapc", options="-M isapc -cpu qemu64", lacks=("pci", "ioapic"),
          tables="MP table", warnings=("ioapic: .+ does not answer: ignored",)),
    Plain("microvm", options="-M microvm,pit=off,pcie=off", lacks=("pci", "pit", "keyboard"),
          ioapics=2,
          warnings=("neither Xen nor a PIT tells the TSC's frequency",)),
    Plain("2M", options="-m 2"),
    # Messages, and irqs that move.
    Plain("msi", edu=5, nvme=6),
    Plain("msi-smp", options="-smp 2", listed=2, edu=5, nvme=6),
    Plain("msi-smp-4", options="-smp 4", listed=4, edu=5, nvme=6),
    Plain("msi-noapic", "noapic", options="-smp 2", listed=2, edu=5, nvme=6),
    Plain("msi-2M", options="-m 2", edu=5, nvme=6),
]


def qemu(words, status=PASSED):
    """Its serial line. The status is Daisy's own."""
    done = subprocess.run([*QUIET, *words], capture_output=True, text=True, check=False,
                          timeout=PATIENCE, stdin=subprocess.DEVNULL)
    print(done.stdout)
    assert done.returncode == status, done.stderr
    return done.stdout


def check(text, machine, protocol="linux"):
    report = ktap.parse(text)
    assert not report.failed and report.passed
    assert (report.protocol, report.under) == (protocol, TCG)
    check_outcomes(report, machine)
    for pattern in (machine.chips, f"acpi: {machine.tables}: cpus {machine.listed}, .+",
                    *machine.smp_words, machine.live):
        report.find(pattern)
    check_warnings(report.warnings, machine.warnings)


@pytest.mark.parametrize("machine", [
    rare(m, id=str(m), when=m.name == "smp-too-many") for m in MACHINES])
def test_machine(machine):
    words = [*machine.options.split(), *machine.devices, "-kernel", IMAGE,
             "-append", machine.cmdline]
    check(qemu(words), machine)


@pytest.mark.parametrize("way", ["cdrom", "disk"])
def test_through_grub(way, tmp_path):
    path = tmp_path / "boot"
    path.write_bytes((media.iso if way == "cdrom" else media.disk)(IMAGE, "noapic"))
    words = (["-cdrom", path] if way == "cdrom" else
             ["-drive", f"file={path},format=raw,if=ide"])
    check(qemu(words), Plain("grub", "noapic"), protocol="multiboot")


def test_a_failure_is_in_the_exit_status():
    report = ktap.parse(qemu(["-kernel", IMAGE, "-append", "provoke=fail"], CRASHED))
    assert report.names("fail") == {"provoked"}


@pytest.mark.parametrize("word, name, number", [
    ("provoke=fault", "page fault", 14), ("provoke=stack", "double fault", 8)])
def test_an_exception_is_in_the_exit_status(word, name, number):
    text = qemu(["-kernel", IMAGE, "-append", word], CRASHED)
    assert f"panic: exception {number} ({name})" in text
    assert text.replace("\r", "").endswith("\npanic: end\n")


def test_nothing_ran_is_a_failure():
    assert "0 passed, 0 failed" in qemu(["-kernel", IMAGE, "-append", "test=none"], CRASHED)


@pytest.mark.parametrize("asked, given", [(100, 8192), (20000, 20000), (1 << 40, 1 << 18)])
def test_more_irq_numbers(asked, given):
    """Never fewer than usual, and each can be had."""
    words = ["-m", "512", "-kernel", IMAGE, "-append", f"irqs={asked} test=irq_exhaustion"]
    assert re.search(rf"irqs: .+, \[\d+,{given}\) dynamic", qemu(words))


def test_a_processor_without_long_mode():
    """One sentence on the serial line, and it halts for ever."""
    words = [*QUIET, "-cpu", "qemu32", "-kernel", IMAGE]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          text=True) as process:
        line = process.stdout.readline()
        running = process.poll() is None
        process.terminate()
        rest = process.stdout.read()
    assert line.strip() == "daisy: this CPU has no long mode, and Daisy is a 64-bit kernel"
    assert running and rest == ""


# -- the instruction budget --------------------------------------------------------------------

TRACE = re.compile(r"Trace 0: \S+ \[[0-9a-f]+/([0-9a-f]+)/")
OUT = re.compile(r"serial_write write addr 0x0*(\d) val 0x([0-9a-f]+)")
DLAB = 0x80  # in register 3: register 0 is the divisor's, no byte is sent
REP = (0xf2, 0xf3)


def first_segment():
    """(address, bytes) of the image's code: what QEMU logs as executed is looked up there."""
    with open(IMAGE, "rb") as file:
        data = file.read()
    header = int.from_bytes(data[32:40], "little")

    def field(offset):
        return int.from_bytes(data[header + offset:header + offset + 8], "little")
    start, size = field(8), field(32)
    return field(16), data[start:start + size]


def count_instructions(log, base, code):
    """Instructions in the image up to the first byte sent; a repeated one counts once."""
    count, last, dlab = 0, None, False
    for line in log:
        if found := TRACE.match(line):
            address = int(found.group(1), 16)
            if address != last or code[address - base] not in REP:
                count += 1
            last = address
        elif (found := OUT.match(line)) and count:
            register, value = int(found.group(1)), int(found.group(2), 16)
            if register == 3:
                dlab = bool(value & DLAB)
            elif register == 0 and not dlab:
                return count
    raise AssertionError("nothing was sent")


def one_by_one():
    """How this QEMU is told to run (and so to log) one instruction at a time."""
    text = subprocess.run([QEMU, "-help"], capture_output=True, text=True, check=True).stdout
    new = "one-insn-per-tb" in text
    return ["-accel", "tcg,one-insn-per-tb=on"] if new else ["-accel", "tcg", "-singlestep"]


def test_instructions_before_the_first_line(capsys):
    """QEMU logs the instructions that lie in the image, and each write to the serial port."""
    base, code = first_segment()
    words = [*BARE, *one_by_one(), "-serial", "null", "-kernel", IMAGE, "-D", "/dev/stdout",
             "-d", "exec,nochain,trace:serial_write", "-dfilter", f"{base:#x}+{len(code):#x}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          text=True) as process:
        try:
            count = count_instructions(process.stdout, base, code)
        finally:
            process.kill()
    with capsys.disabled():
        print(f"\n{count} instructions before the first byte on a console")
    assert count <= INSTRUCTIONS_MAX

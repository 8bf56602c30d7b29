# SPDX-License-Identifier: MIT
"""What the shell shows, compared with what dom0 or the machine's description says of the same thing;
and what it says of a wrong command."""

import re
import time

import pytest
from shells import channels, count, irqs, lsevtchn, store
from shells import shell  # noqa: F401  (a fixture)

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
    sh = shell("timer=lapic", vcpus=2)
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

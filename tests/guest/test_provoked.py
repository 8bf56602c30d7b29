# SPDX-License-Identifier: MIT
"""Daisy when something is wrong: told to fail, asked by NMI, or given odd command lines."""

import re
import time

import ktap
import pytest
from conftest import rare
from dumps import check_dump, dump
from test_matrix import IMAGE, PATIENCE, check_warnings, declared_tests, judged

CMDLINE_MAX = 4095       # what Daisy keeps of its command line (boot/boot_info.h)
FIRMWARE_CMDLINE = 1023  # what the test bed can give a domain that is entered as firmware


# -- told to fail -----------------------------------------------------------------------------

def crash(boot, cmdline, **fields):
    """The lines of a run that must end as a crash without a verdict."""
    result = boot(IMAGE, cmdline=cmdline, timeout=PATIENCE, **{"type": "pvh", **fields})
    assert (result.code, result.reason, result.verdict) == (3, "crash", None)
    return result.lines


def backtrace(lines):
    """The names in brackets-and-address lines, innermost first."""
    return re.findall(r"^  \[[0-9a-f]{16}\] (\w+)\+0x[0-9a-f]+$", "\n".join(lines), re.M)


def check_state_tables(lines):
    """A panic shows the irqs, the local APIC and the channels, and comes to its end."""
    assert any(re.match(r" +irq +CPU0 +chip", line) for line in lines)
    assert any(line.startswith("lapic: ") for line in lines)
    assert any(re.match(r" +port kind +peer", line) for line in lines)
    assert lines[-1] == "panic: end"


@pytest.mark.parametrize("kind", ["pvh", "hvm"])
def test_a_failing_test(boot, kind):
    result = boot(IMAGE, type=kind, cmdline="provoke=fail", timeout=PATIENCE)
    report = ktap.parse(result.console)
    report.check_end(result.reason)
    assert report.names("fail") == {"provoked"}
    assert re.fullmatch(r"kernel/selftest\.c:\d+, \w+: .+", report.outcomes["provoked"].why)
    assert (result.code, result.reason, result.shutdown) == (1, "crash", 3)


def test_a_panic(boot):
    lines = crash(boot, "provoke=panic")
    assert "panic: the command line asked for a panic" in lines
    assert backtrace(lines)[:2] == ["provoke", "kernel_main"]
    check_state_tables(lines)


@pytest.mark.parametrize("fields", [{}, {"type": "hvm"}], ids=["pvh", "hvm"])
def test_a_page_fault(boot, fields):
    lines = crash(boot, "provoke=fault", **fields)
    assert "panic: exception 14 (page fault), error code 0x2" in lines, "a write, absent page"
    assert any(re.search(r"\bcr2 0{15}8$", line) for line in lines)
    assert backtrace(lines)[:2] == ["provoke", "kernel_main"]
    check_state_tables(lines)


def test_a_stack_overflow(boot):
    """The double fault runs on a stack of its own, or there would be no words at all."""
    lines = crash(boot, "provoke=stack")
    assert "panic: exception 8 (double fault), error code 0x0" in lines
    names = backtrace(lines)
    assert len(names) > 10 and set(names) == {"recurse"}
    check_state_tables(lines)


# -- somebody asks: NMI -----------------------------------------------------------------------

def check_left_behind(lines, rows):
    """The port of which the guest said that it leaves it so."""
    port, = [int(m[1]) for line in lines
             if (m := re.fullmatch(r"port (\d+) is left masked and pending", line))]
    row = rows[port]
    assert (row["kind"], row["pending"], row["masked"]) == ("ipi", "yes", "yes")
    usual = [row for number, row in rows.items() if number != port and row["irq"] != "-"]
    assert usual and all(row["masked"] == "-" for row in usual), "what is in use is not"


def test_nmi_while_it_hangs(start):
    """A hang is code 4, and a guest that hangs still answers."""
    run = start(IMAGE, type="pvh", cmdline="provoke=hang", timeout=PATIENCE)
    assert run.expect("^hanging, as the command line asked$")
    assert run.execute("xl trigger guest nmi")[0] == 0
    assert run.expect("^NMI: end$")
    run.guest.timeout = time.monotonic() - run.start + 5
    result = run.wait()
    check_left_behind(result.lines, check_dump(result.lines, "NMI"))
    assert (result.code, result.verdict) == (4, None)


@pytest.mark.parametrize("how, first, abi", [
    ("hang", 0, "2l"), ("hang", 2, "fifo"), ("deaf", 0, "fifo"), ("deaf", 2, "2l")])
def test_every_vcpu_answers(start, abi, first, how):
    """Whichever is asked, all say where they are; also a CPU that takes no interrupts."""
    state = {"2l": "selector [0-9a-f]{16}", "fifo": "ready 0000"}[abi]
    run = start(IMAGE, type="pvh", vcpus=3, cmdline=f"provoke={how} abi={abi}", timeout=PATIENCE)
    assert run.expect("^hanging, as the command line asked$")
    assert run.execute(f"xl trigger guest nmi {first}")[0] == 0
    assert run.expect("^NMI: end$")
    run.stop()
    rows = check_dump(run.result.lines, "NMI", first, 3, state)
    check_left_behind(run.result.lines, rows)


@pytest.mark.parametrize("kind, cmdline", [
    ("pvh", "route=percpu"), ("pvh", "route=vector redeliver=vector"), ("hvm", "route=intx")])
def test_xens_debug_key(start, kind, cmdline):
    """Xen sends VIRQ_DEBUG; a guest that takes interrupts answers, and again."""
    run = start(IMAGE, type=kind, vcpus=2, cmdline=f"provoke=hang {cmdline}", timeout=PATIENCE)
    assert run.expect("^hanging, as the command line asked$")
    for times in (1, 2):
        assert run.execute("xl debug-keys q")[0] == 0
        assert run.expect("(?s)" + "^VIRQ_DEBUG: end$.*" * times)
    run.stop()
    check_left_behind(run.result.lines, check_dump(run.result.lines, "VIRQ_DEBUG", 0, 2))
    assert any("(debug)" in line or "in irq" in line
               for line in dump(run.result.lines, "VIRQ_DEBUG")), "it says which irq it is in"


@pytest.mark.parametrize("kind, seconds", [("pvh", 10), ("hvm", 30)])
def test_the_watchdog_ends_a_hang(boot, kind, seconds):
    """At half of the time the guest shows its state (which takes seconds by a serial line), then
    Xen ends it, for a reason of its own."""
    result = boot(IMAGE, type=kind, vcpus=2, cmdline=f"provoke=hang watchdog={seconds}",
                  timeout=PATIENCE)
    check_left_behind(result.lines, check_dump(result.lines, "watchdog", 0, 2))
    assert any(re.fullmatch(r"  in irq \d+ \(lapic timer\), vec 0x[0-9a-f]+, after", line)
               for line in dump(result.lines, "watchdog"))
    assert (result.code, result.reason, result.shutdown) == (3, "watchdog", 4)
    assert "watchdog fired" in result.message


def test_the_watchdog_ends_who_is_deaf(boot):
    """With interrupts disabled there is Xen's part alone."""
    result = boot(IMAGE, type="pvh", cmdline="provoke=deaf watchdog=4", timeout=PATIENCE)
    assert (result.code, result.reason) == (3, "watchdog")
    assert "watchdog at" not in result.lines


def test_a_watchdog_that_cannot_be(boot):
    result = boot(IMAGE, type="pvh", cmdline="provoke=hang watchdog=1", timeout=8)
    assert ktap.warnings(result.lines) == ["watchdog=1 cannot be armed (error -22)"]
    assert result.code == 4


def test_nmi_while_it_runs(start):
    """With 20 % of a processor these tests take long enough to be met in the middle."""
    run = start(IMAGE, type="pvh", timeout=PATIENCE, settings=("cap=20",),
                cmdline="test=loopback,switch_abi")
    assert run.expect("^# running loopback$")
    assert run.execute("xl trigger guest nmi")[0] == 0
    report = judged(run.wait())
    check_dump(report.lines, "NMI")
    assert report.lines.index("NMI at") < report.lines.index("KTAP version 1")


# -- command lines ----------------------------------------------------------------------------

def test_what_cannot_be_used_is_named(boot):
    """And the run goes on as if it had not been said."""
    words = "nonsense route=sideways =x test redeliver= daisy=perhaps"
    report = judged(boot(IMAGE, type="pvh", cmdline=words, timeout=PATIENCE))
    check_warnings(report.warnings, [f"command line: {word}: .+" for word in words.split()])
    assert "auto,intx,gsi,vector,percpu,poll" in report.warnings[1], "the choices are shown"
    assert set(report.outcomes) == declared_tests() | {"storm_percpu_fifo"}


def test_chosen_tests_and_no_others(boot):
    report = judged(boot(IMAGE, type="pvh", cmdline="test=heap,loopback", timeout=PATIENCE))
    assert report.names("pass") == set(report.outcomes) == {"heap", "loopback"}
    assert report.warnings == []


def test_chosen_and_skipped_by_their_beginnings(boot):
    """What is there is used, what is not is named; the same of consoles."""
    words = "test=heap,grant_*,no_such_* skip=grant_v2,no_* mute=debugport,no_such"
    report = judged(boot(IMAGE, type="pvh", cmdline=words, timeout=PATIENCE))
    assert set(report.outcomes) == {"heap", "grant_v1", "grant_v2"}
    assert report.skips == {"grant_v2": "skip="}
    check_warnings(report.warnings, [
        "command line: mute=no_such: there is no such console",
        r"command line: test=no_such_\*: there is no such test",
        r"command line: skip=no_\*: there is no such test"])


@pytest.mark.parametrize("cmdline, warnings", [
    ("test=no_such_test", ["command line: test=no_such_test: there is no such test"]),
    ("test=none", [])])
def test_no_test_is_not_a_pass(boot, cmdline, warnings):
    result = boot(IMAGE, type="pvh", cmdline=cmdline, timeout=PATIENCE)
    assert result.code != 0 and result.reason == "crash"
    assert result.verdict == "daisy: 0 passed, 0 failed" and "# no test ran" in result.lines
    assert ktap.warnings(result.lines) == warnings
    with pytest.raises(ktap.BadLog, match="no test ran"):
        ktap.parse(result.console)


WAYS = {"pvh": {"type": "pvh"}, "direct": {}, "grub-disk": {"boot": "grub-disk"}}
LENGTHS = 4095, 4096, 6000


def long_cmdline(length, end=" test=heap"):
    start = "route=vector filler="
    return start + "x" * (length - len(start) - len(end)) + end


@pytest.mark.parametrize("way, length", [
    *(("pvh", length) for length in LENGTHS), ("direct", 4096),
    ("grub-disk", 4096),
    rare("direct", 4095), rare("direct", 6000), rare("grub-disk", 4095), rare("grub-disk", 6000)])
def test_a_long_command_line(boot, way, length):
    """None of the ways in cuts it, Daisy does: what it keeps is used, and it says how much
    it did not keep. (The last word is the first to suffer.)"""
    result = boot(IMAGE, cmdline=long_cmdline(length), timeout=PATIENCE, **WAYS[way])
    filler = r"command line: filler=x+\.\.\.: no such option"
    cut = rf"the command line is longer than {CMDLINE_MAX} bytes, {length - CMDLINE_MAX} .+"
    warnings = ktap.warnings(result.lines)
    assert any("upcall: route vector" in line for line in result.lines), "the first word"
    if length == CMDLINE_MAX + 1:
        missing = "command line: test=hea: there is no such test"
        check_warnings(warnings, [cut, filler, missing])
        assert result.reason == "crash" and result.code != 0
        return
    whole = length <= CMDLINE_MAX
    check_warnings(warnings, [filler] if whole else [cut, filler])
    assert set(judged(result).outcomes) == (
        {"heap"} if whole else declared_tests() | {"storm_vector_fifo"})


def test_a_long_command_line_as_firmware(boot):
    """There the test bed has room for less; all of it arrives."""
    report = judged(boot(IMAGE, boot="firmware", timeout=PATIENCE,
                         cmdline=long_cmdline(FIRMWARE_CMDLINE)))
    assert set(report.outcomes) == {"heap"} and len(report.warnings) == 1

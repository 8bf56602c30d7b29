# SPDX-License-Identifier: MIT
"""What a toolstack does to a domain while it is at work: asks for its end, presses its buttons,
asks what it is doing, stops it and lets it go on."""

import re

import pytest
from conftest import rare
import storms
from dumps import check_dump
from life import IMAGE, PATIENCE, Life, check_cut_short, life  # noqa: F401  (a fixture)
from machines import Domain
from shells import ended, shell  # noqa: F401
from test_matrix import judged

HELP = r"sysrq: help: reboot\(b\) crash\(c\) help\(h\) all CPUs\(l\) power off\(o\) irqs\(t\)"
ASKED = "control: {}, as the toolstack asked"
PRESSED = "acpi: the power button was pressed"
CANNOT = "control: cannot '{}': one of poweroff halt reboot.*"
DUMPS = r"(?:NMI|sysrq|VIRQ_DEBUG|watchdog|cpu call) at"


def no_noise(guest_or_result, dumps=0):
    """Nobody warned, and nobody asked what it is doing but those who are known."""
    lines = guest_or_result.lines
    lines = lines() if callable(lines) else lines
    assert not [line for line in lines if line.startswith("warning: ")]
    assert sum(bool(re.fullmatch(DUMPS, line)) for line in lines) == dumps


# -- control/shutdown ----------------------------------------------------------------------------

WRITE = "xenstore-write /local/domain/$(xl domid guest)/control/{}"


@pytest.mark.parametrize("vcpus", [rare(1), 4])
@pytest.mark.parametrize("word, reason, words", [
    ("poweroff", "poweroff", "xl shutdown guest"), ("reboot", "reboot", "xl reboot guest"),
    ("halt", "poweroff", WRITE.format("shutdown halt")),
    ("poweroff", "poweroff", "xl shutdown -F guest")],
    ids=["shutdown", "reboot", "halt", "fallback"])
def test_asked_to_end(life, vcpus, word, reason, words):  # noqa: F811
    """xl waits until it is acknowledged. (It falls back on the button only where HVM_PARAM_
    CALLBACK_IRQ is 0, which Daisy's never is.)"""
    guest = life(vcpus=vcpus)
    assert (guest.read("feature-poweroff"), guest.read("feature-reboot")) == ("1", "1")
    result = guest.ended(reason, words)
    assert check_cut_short(result, ASKED.format(word)) == "storm_percpu_fifo"
    no_noise(result)


@pytest.mark.parametrize("cmdline", ["route=vector abi=2l", "route=poll", "redeliver=vector",
                                     "timer=poll abi=2l", "storm=all"])
def test_asked_on_every_way(life, cmdline):  # noqa: F811
    guest = life(cmdline, vcpus=2)
    guest.xl("sysrq guest h")
    guest.says(HELP)
    guest.advance()
    check_cut_short(guest.ended("poweroff", "xl shutdown guest"), ASKED.format("poweroff"))


@pytest.mark.parametrize("vcpus", [1, 4])
def test_asked_while_it_tests_itself(start, vcpus):
    """With 20 % of a processor the tests take long enough to be met in the middle. (What floods a
    CPU otherwise does not there, and a brake that never comes is what brake_flood would tell of.)"""
    guest = Life(start(IMAGE, type="pvh", vcpus=vcpus, timeout=PATIENCE, settings=("cap=20",),
                       cmdline="skip=brake_flood"))
    guest.says("# running loopback")
    result = guest.ended("poweroff", "xl shutdown guest")
    assert check_cut_short(result) != "storm_percpu_fifo", "it was not in the tests any more"
    assert ASKED.format("poweroff") in result.lines


def test_asked_at_its_prompt(shell):  # noqa: F811
    """Nothing is cut short there, nor behind a verdict. The shell's own commands do the same."""
    sh = shell("test=loopback")
    assert "daisy: 1 passed, 0 failed" in sh.text()
    assert sh.run.execute("xl reboot guest")[0] == 0
    result = sh.run.wait()
    assert result.reason == "reboot" and result.lines[-1].endswith(ASKED.format("reboot"))
    assert "cut short" not in ended(shell(), "poweroff", "poweroff").console


def test_words_in_a_row(life):  # noqa: F811
    """None is lost, none comes twice; what it does not know it names, and goes on."""
    guest = life(vcpus=2)
    words = [f"word{i}" for i in range(12)]
    guest.execute(f"""
        node=/local/domain/$(xl domid guest)/control/shutdown
        for word in {' '.join(words)} {'x' * 40}; do
            xenstore-write $node $word
            while [ -n "$(xenstore-read $node)" ]; do :; done
        done""")
    guest.says(CANNOT.format("x{15}"))
    said = [m[1] for line in guest.lines() if (m := re.fullmatch(CANNOT.format("(w.+)"), line))]
    assert said == words
    guest.advance()
    guest.run.destroy()


# -- control/sysrq -------------------------------------------------------------------------------

def test_letters(life):  # noqa: F811
    guest = life(vcpus=3)
    for times, letter in enumerate("h?", 1):
        guest.xl(f"sysrq guest '{letter}'")
        guest.says(HELP, times)
        assert guest.read("sysrq") == ""
        guest.advance()
    guest.xl("sysrq guest l")
    guest.says("sysrq: end")
    check_dump(guest.lines(), "sysrq", vcpus=3)
    guest.advance()
    guest.xl("sysrq guest t")
    guest.says(r" +irq +CPU0 .*")
    guest.advance()
    no_noise(guest, dumps=1)
    result = guest.ended("poweroff", "xl sysrq guest o")
    check_cut_short(result, "sysrq: power off")


@pytest.mark.parametrize("letter, reason, said", [
    ("b", "reboot", "sysrq: reboot"), ("c", "crash", "panic: sysrq: a crash was asked for")])
def test_letters_that_end_it(life, letter, reason, said):  # noqa: F811
    result = life(vcpus=2).ended(reason, f"xl sysrq guest {letter}")
    assert said in result.lines and result.verdict is None


# -- a storm that nothing disturbs ---------------------------------------------------------------

@pytest.mark.parametrize("vcpus", [1, 3])
def test_asked_what_it_is_doing(life, vcpus):  # noqa: F811
    """By NMI, each vCPU in turn: all answer, and the storm goes on."""
    guest = life(vcpus=vcpus)
    for times, cpu in enumerate(range(vcpus), 1):
        start = len(guest.lines())
        guest.xl(f"trigger guest nmi {cpu}")
        guest.says("NMI: end", times)
        check_dump(guest.lines()[start:], "NMI", cpu, vcpus)
        guest.advance()
    no_noise(guest, dumps=vcpus)
    guest.run.destroy()


@pytest.mark.parametrize("cmdline", ["", "abi=2l route=vector"])
def test_nothing_is_lost(life, cmdline):  # noqa: F811
    """A storm that comes to its end, and has to account for every event."""
    domain = Domain("life", f"{cmdline} events=30000", type="pvh", vcpus=4)
    guest = life(cmdline, events=30000, vcpus=4)
    guest.xl("trigger guest nmi 2")
    guest.says("NMI: end")
    guest.pause(3)
    guest.advance()
    guest.xl("sysrq guest h")
    guest.says(HELP)
    guest.advance()
    report = judged(guest.run.wait())
    storms.check(report, storms.here(domain))
    no_noise(report, dumps=1)


def test_paused_again_and_again(life):  # noqa: F811
    """For longer than the storm waits for an event; once for longer than anybody is patient."""
    guest = life(vcpus=4)
    for seconds in (3, 3, 25):
        guest.pause(seconds)
        guest.advance()
    no_noise(guest)
    check_cut_short(guest.ended("poweroff", "xl shutdown guest"), ASKED.format("poweroff"))


# -- buttons -------------------------------------------------------------------------------------

def test_a_pvh_domain_has_no_buttons(life):  # noqa: F811
    """Xen takes the press, and nothing comes of it."""
    guest = life()
    guest.xl("trigger guest power")
    guest.xl("trigger guest sleep")
    guest.advance()
    assert not any("button" in line for line in guest.lines())
    guest.run.destroy()


def test_all_of_it_on_hvm(start):
    """In one boot. The first letter is there before the guest is."""
    cmdline = "test=storm progress=500 events=4000000000"
    guest = Life(start(IMAGE, cmdline=cmdline, vcpus=2, timeout=PATIENCE))
    guest.wait(lambda: "created" in guest.run.timings, "created")
    guest.write("sysrq", "h")
    assert not guest.lines(), "it was too fast for this test"
    guest.says(HELP)
    guest.says("acpi: power button on irq 9")
    guest.advance()
    guest.xl("trigger guest nmi 1")
    guest.says("NMI: end")
    guest.advance()
    guest.pause(5)
    guest.advance()
    guest.xl("trigger guest sleep")
    guest.says("acpi: the sleep button was pressed: .+")
    guest.advance()
    no_noise(guest, dumps=1)
    check_cut_short(guest.ended("poweroff", "xl trigger guest power"), PRESSED)


def test_the_power_button_by_the_pic(life):  # noqa: F811
    """Its line is level there by the ELCR, beside the upcall's."""
    guest = life("noapic route=intx", type="hvm")
    check_cut_short(guest.ended("poweroff", "xl trigger guest power"), PRESSED)

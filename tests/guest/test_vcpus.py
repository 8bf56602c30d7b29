# SPDX-License-Identifier: MIT
"""vCPUs that go and come, by the shell and by xl vcpu-set; xl vcpu-list is asked whether they have."""

import re
import time

import pytest
from conftest import rare
from shells import irqs, store_interrupts
from shells import shell  # noqa: F401  (a fixture)

PATIENCE = 30   # seconds
ROUTES = [f"route={route} abi={abi}" for route in ("percpu", "vector") for abi in ("fifo", "2l")]
CPU = re.compile(r"CPU(\d+): apic id (\d+), \d+ irqs, \d+ stray(, down)?")


def known(sh):
    """CPU to whether it is up, by Daisy."""
    rows = [CPU.fullmatch(line) for line in sh.ask("cpus")]
    assert all(rows)
    return {int(row[1]): not row[3] for row in rows}


def listed(sh):
    """vCPU to whether it is up, by Xen."""
    text = sh.run.execute("xl vcpu-list guest")[1]
    rows = re.findall(r"^guest +\d+ +(\d+) +\S+ +(\S+) ", text, re.M)
    assert rows, text
    return {int(vcpu): state != "--p" for vcpu, state in rows}


def numbers(up):
    return {cpu for cpu, is_up in up.items() if is_up}


def vcpu_set(sh, count, *said):
    """As xl does it; until the guest has said all that."""
    start = len(sh.text())
    status, text = sh.run.execute(f"xl vcpu-set --ignore-host guest {count}")
    assert status == 0, text
    for line in said:
        sh.wait(re.escape(f"vcpu-set: {line}\r\n"), start)
    until = time.monotonic() + PATIENCE
    while numbers(listed(sh)) != set(range(count)):
        assert time.monotonic() < until, sh.run.execute("xl vcpu-list guest")[1]
    assert numbers(known(sh)) == set(range(count))


def verdict(sh, *tests):
    lines = sh.ask(f"test {' '.join(tests)}")
    assert re.fullmatch(r"daisy: [1-9]\d* passed, 0 failed", lines[-1]), lines
    return lines


@pytest.mark.parametrize("words", ROUTES)
def test_one_goes_and_comes(shell, words):  # noqa: F811
    """Its irq goes on elsewhere, and is back when the CPU is."""
    sh = shell(words, vcpus=4)
    irq = irqs(sh)["xenstore"]["irq"]
    assert sh.one(f"affinity {irq} 2") == f"irq {irq}: CPU 2"
    assert sh.one("cpu 2 down") == "CPU2: down"
    assert numbers(known(sh)) == numbers(listed(sh)) == {0, 1, 3}
    home = int(re.fullmatch(rf"irq {irq}: CPU ([013])", sh.one(f"affinity {irq}"))[1])
    before, after = store_interrupts(sh, home)
    assert after[2] == before[2], "none of them where no CPU is"
    assert sh.one("xs read name") == "guest"
    assert sh.one(f"affinity {irq} 2") == f"irq {irq} stays: that CPU is down, see cpus"
    assert sh.one("test loopback") == ("test: CPU2 is down, and they count on every one: "
                                       "cpu 2 up")
    assert sh.one("cpu 2 up") == "CPU2: up"
    assert numbers(known(sh)) == numbers(listed(sh)) == {0, 1, 2, 3}
    assert sh.one(f"affinity {irq}") == f"irq {irq}: CPU 2"
    before, after = store_interrupts(sh, 2)
    assert after[2] > before[2] and after[3] == before[3]


def test_refusals(shell):  # noqa: F811
    sh = shell(vcpus=2)
    assert sh.one("cpu 0 down") == ("CPU0 stays as it is: CPUs 1 to 1 can go, the boot CPU "
                                    "stays")
    assert sh.one("cpu 2 down") == "cpu: no CPU 2, there are 0 to 1"
    assert sh.one("cpu 1 up") == "CPU1 stays as it is: it is up"
    assert sh.one("cpu 1 down") == "CPU1: down"
    assert sh.one("cpu 1 down") == "CPU1 stays as it is: it is down"
    assert sh.one("cpu 1") == "usage: cpu N down|up"
    assert sh.one("cpu 1 up") == "CPU1: up"


def test_the_only_one_stays(shell):  # noqa: F811
    assert shell().one("cpu 0 down") == "CPU0 stays as it is: there is no other"


def test_what_a_dump_says_of_it(shell):  # noqa: F811
    sh = shell(vcpus=3)
    assert sh.one("cpu 1 down") == "CPU1: down"
    start = len(sh.text())
    sh.run.execute("xl trigger guest nmi 0")
    sh.wait(r"NMI: end", start)
    assert "\r\ncpu 1 is down\r\ncpu 2 at" in sh.text()[start:]


def test_the_route_changes_meanwhile(shell):  # noqa: F811
    """The CPU comes back to what is in use then, both ways that events can reach it."""
    sh = shell("route=percpu", vcpus=2)
    assert sh.one("cpu 1 down") == "CPU1: down"
    assert sh.ask("route vector")[-1].startswith("route: vector")
    assert sh.one("cpu 1 up") == "CPU1: up"
    verdict(sh, "affinity", "upcall_each", "evtchn_ipi")


@pytest.mark.parametrize("words", [rare(words, when=words in ROUTES[1:3]) for words in ROUTES])
def test_xl_vcpu_set(shell, words):  # noqa: F811
    """The store's events come in on one of those that go; the shell sleeps on another."""
    sh = shell(words, vcpus=4)
    irq = irqs(sh)["xenstore"]["irq"]
    assert sh.one(f"affinity {irq} 3") == f"irq {irq}: CPU 3"
    vcpu_set(sh, 1, "CPU1 down", "CPU2 down", "CPU3 down")
    assert sh.one("xs read name") == "guest"
    vcpu_set(sh, 4, "CPU1 up", "CPU2 up", "CPU3 up")
    verdict(sh, "cpus", "cpu_call", "affinity", "upcall_each", "timers_each", "cpu_down_busy")


@pytest.mark.parametrize("words", ["", "abi=2l route=vector timer=virq"])
def test_some_come_later(shell, words):  # noqa: F811
    """At boot there are as many as are available; the others are started when they become so, and
    take part in everything, with timers in use before they came as well."""
    sh = shell(words, vcpus=2, settings=("maxvcpus=4",))
    assert listed(sh) == {0: True, 1: True, 2: False, 3: False}
    assert known(sh) == {0: True, 1: True}
    vcpu_set(sh, 4, "vCPU 2 is CPU2", "vCPU 3 is CPU3")
    verdict(sh, "cpu_call", "affinity", "upcall_each", "timers_each", "timers", "storm")
    vcpu_set(sh, 2, "CPU2 down", "CPU3 down")
    vcpu_set(sh, 3, "CPU2 up")


def test_only_available_ones_without_tables(shell):  # noqa: F811
    """Xen lists all of them there: the store is asked."""
    sh = shell(type="hvm", boot="firmware", vcpus=2, settings=("maxvcpus=3",))
    assert known(sh) == {0: True, 1: True}
    vcpu_set(sh, 3, "vCPU 2 is CPU2")
    vcpu_set(sh, 1, "CPU1 down", "CPU2 down")


def test_an_hvm_domain_with_tables(shell):  # noqa: F811
    """It is told by the store as well. By a line its CPUs get no events, but timers and calls."""
    sh = shell("route=intx", type="hvm", vcpus=2, settings=("maxvcpus=3",))
    vcpu_set(sh, 3, "vCPU 2 is CPU2")
    verdict(sh, "cpu_call", "timers_each", "cpu_down_up", "cpu_down_edge")
    vcpu_set(sh, 1, "CPU1 down", "CPU2 down")


def test_the_command_line_limits_them(shell):  # noqa: F811
    sh = shell("cpus=2", vcpus=2, settings=("maxvcpus=3",))
    start = len(sh.text())
    sh.run.execute("xl vcpu-set --ignore-host guest 3")
    sh.wait(r"vcpu-set: vCPU 2 does not come \(error -28, see cpus=\)", start)
    assert known(sh) == {0: True, 1: True}


@pytest.mark.parametrize("abi", ["2l", "fifo"])
def test_one_that_is_down_is_saved(shell, abi):  # noqa: F811
    """Xen keeps no registers of it: behind that it starts anew."""
    sh = shell(f"abi={abi}", vcpus=3)
    assert sh.one("cpu 2 down") == "CPU2: down"
    start = len(sh.text())
    sh.run.save_and_restore()
    sh.wait("suspend: resumed", start)
    assert numbers(known(sh)) == numbers(listed(sh)) == {0, 1}
    assert sh.one("cpu 2 up") == "CPU2: up"
    assert numbers(listed(sh)) == {0, 1, 2}
    verdict(sh, "cpu_call", "affinity", "upcall_each", "timers_each", "cpu_down_busy")


def test_it_waits_for_the_end_of_a_storm(shell):  # noqa: F811
    """Which counts on every CPU; then it is done."""
    sh = shell("events=40000 progress=500", vcpus=3)
    start = len(sh.text())
    sh.type("storm\r")
    sh.wait("# running storm", start)
    sh.run.execute("xl vcpu-set --ignore-host guest 1")
    sh.run.pump()
    asked = sh.text()[start:].count("storm: ")
    verdict = sh.wait(r"daisy: \d+ passed, (\d+) failed", start)
    assert verdict[1] == "0"
    done = sh.wait("vcpu-set: CPU2 down", start)
    before, after = sh.text()[start:start + done.start()], sh.text()[start + done.end():]
    assert before.count("storm: ") > asked + 1 and "storm: " not in after
    assert numbers(known(sh)) == {0}


def test_the_shell_has_its_way(shell):  # noqa: F811
    """What xl says of one CPU does not undo what was done to another."""
    sh = shell(vcpus=4)
    assert sh.one("cpu 1 down") == "CPU1: down"
    start = len(sh.text())
    sh.run.execute("xl vcpu-set --ignore-host guest 3")
    sh.wait("vcpu-set: CPU3 down", start)
    assert numbers(known(sh)) == {0, 2}
    sh.run.execute("xl vcpu-set --ignore-host guest 4")
    sh.wait("vcpu-set: CPU3 up", start)
    assert numbers(known(sh)) == {0, 2, 3}

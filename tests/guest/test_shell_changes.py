# SPDX-License-Identifier: MIT
"""What the shell changes, typed at on the real consoles; dom0 is asked whether it has."""

import re

import pytest
from shells import PROMPT, channels, ended, irqs, lsevtchn, store, store_interrupts
from shells import shell  # noqa: F401  (a fixture)


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
    sh.wait(r"xenbus: device/vif/0 is connected")
    backend = f"/local/domain/0/backend/vif/{store(sh, 'domid')}/0"
    assert sh.one("devices") == \
        f"xenbus: device/vif/0 Connected, backend 0 {backend} Connected, 0 faults"
    assert sh.one("grants").startswith("grants: version ")


def test_affinity(shell):
    sh = shell(vcpus=2)
    irq = irqs(sh)["xenstore"]["irq"]
    port = int(store(sh, "store/port"))
    assert sh.one(f"affinity {irq}") == f"irq {irq}: CPU 0"
    assert sh.one(f"affinity {irq} 1") == f"irq {irq}: CPU 1"
    assert lsevtchn(sh)[port][0] == "1"
    _, after = store_interrupts(sh, 1)
    assert after[1] > 0, "and there it arrives"
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
    assert re.fullmatch(r"daisy: \d+ passed, 0 failed", lines[-1])


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

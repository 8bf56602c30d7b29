# SPDX-License-Identifier: MIT
"""Save, restore, a save that is cancelled, migration: what an irq is stays, and nothing is lost."""

import pytest
from conftest import rare
from life import life  # noqa: F401  (a fixture)
from matrix import ASSIST
from test_matrix import IMAGE, PATIENCE, judged
from test_xenstore import dom0_node  # noqa: F401  (a fixture)

RESUMED = r"suspend: resumed as domain (\d+), (\d+) ports have another number"
CANCELLED = "suspend: cancelled"
# (type, vCPUs, command line): every route, each with one ABI here; make soak has all of them.
MACHINES = {
    "pvh-percpu-fifo": ("pvh", 4, "route=percpu abi=fifo"),
    "pvh-vector-2l": ("pvh", 4, "route=vector abi=2l"),
    "pvh-poll-fifo": ("pvh", 1, "route=poll abi=fifo"),
    "pvh-by-vector": ("pvh", 2, "route=vector abi=fifo redeliver=vector"),
    "pvh-off": ("pvh", 2, "daisy=off abi=2l"),
    "hvm-intx-2l": ("hvm", 4, "route=intx intx=ioapic abi=2l"),
    "hvm-pic-fifo": ("hvm", 1, "route=intx intx=pic abi=fifo"),
    "hvm-gsi-fifo": ("hvm", 1, "route=gsi abi=fifo"),
    "hvm-hybrid-fifo": ("hvm", 4, "route=hybrid abi=fifo"),
    "hvm-assist-2l": ("hvm", 4, "route=assist abi=2l"),
}
WORTH_A_STORM = [rare(name, when=name in ("hvm-pic-fifo", "hvm-gsi-fifo", "hvm-assist-2l"))
                 for name in MACHINES if name not in ("pvh-by-vector", "pvh-off")]


def fields(name):
    kind, vcpus, cmdline = MACHINES[name]
    return {"type": kind, "vcpus": vcpus, "cmdline": cmdline,
            "settings": (ASSIST,) if "assist" in name else ()}


def start_test(start, dom0_node, word, name, test="resume", **more):  # noqa: F811
    """A guest whose selftest waits for a suspend."""
    dom0_node("/daisy/resume", word)
    options = {**fields(name), **more}
    options["cmdline"] += f" test={test}"
    run = start(IMAGE, timeout=PATIENCE, **options)
    assert run.expect("^# waiting for a suspend$"), run.console()
    return run


def passed(run, test="resume"):
    report = judged(run.wait())
    assert report.names("pass") == {test}
    assert not report.warnings
    return report


@pytest.mark.parametrize("name", [  # hybrid: test_numbers_that_are_taken
    rare(name, when=name in ("hvm-gsi-fifo", "hvm-hybrid-fifo")) for name in MACHINES])
def test_every_irq_is_what_it_was(start, dom0_node, name):  # noqa: F811
    run = start_test(start, dom0_node, "restore", name)
    run.save_and_restore()
    assert run.expect(f"^{RESUMED}$"), run.console()
    passed(run)


@pytest.mark.parametrize("abi", [rare("2l"), "fifo"])
def test_a_line_that_is_a_channel(start, dom0_node, abi):  # noqa: F811
    """Xen knows nothing of a PIRQ any more."""
    run = start_test(start, dom0_node, "restore", "hvm-assist-2l", "resume_pirq", vcpus=1,
                     cmdline=f"route=percpu abi={abi}")
    run.save_and_restore()
    passed(run, "resume_pirq")


@pytest.mark.parametrize("name", ["pvh-percpu-fifo", "pvh-vector-2l", "hvm-intx-2l"])
def test_cancelled(start, dom0_node, name):  # noqa: F811
    run = start_test(start, dom0_node, "cancel", name)
    status, output = run.execute("xl save -c guest /run/guest/checkpoint", PATIENCE)
    assert status == 0, output
    assert run.expect(f"^{CANCELLED}$"), run.console()
    passed(run)


def test_numbers_that_are_taken(start, dom0_node):  # noqa: F811
    """Restored as a domain with more vCPUs the toolstack takes more ports for itself, the device
    model's: some of ours get others, and whoever keeps one is told."""
    run = start_test(start, dom0_node, "restore", "hvm-hybrid-fifo", vcpus=2)
    status, output = run.execute("sed 's/^vcpus = 2/vcpus = 2\\nmaxvcpus = 6/' /run/guest/config "
                                 ">/run/guest/config.restore")
    assert status == 0, output
    run.save_and_restore()
    assert int(run.expect(f"^{RESUMED}$").group(2)) > 3
    passed(run)


@pytest.mark.parametrize("name", WORTH_A_STORM)
def test_a_storm_goes_through_twice(life, name):  # noqa: F811
    """Its counters go on before, between and after; at each rest all that was sent was judged."""
    guest = life(**fields(name))
    for times in (1, 2):
        guest.run.save_and_restore()
        guest.says(RESUMED, times)
        guest.advance()
    guest.ended("poweroff", "xl shutdown guest")


@pytest.mark.parametrize("name", ["pvh-percpu-fifo", rare("hvm-intx-2l")])
def test_a_storm_and_a_cancelled_save(life, name):  # noqa: F811
    guest = life(**fields(name))
    for times in (1, 2):
        guest.xl("save -c guest /run/guest/checkpoint", PATIENCE)
        guest.says(CANCELLED, times)
        guest.advance()
    guest.run.save_and_restore()
    guest.says(RESUMED)
    guest.advance()
    guest.ended("poweroff", "xl shutdown guest")


@pytest.mark.parametrize("name", ["pvh-vector-2l", rare("hvm-hybrid-fifo")])
def test_a_storm_migrates(life, name):  # noqa: F811
    """To this machine: the memory is sent while it runs, then the rest."""
    guest = life(**fields(name))
    guest.run.migrate(PATIENCE)
    guest.says(RESUMED)
    guest.advance()
    guest.ended("poweroff", "xl shutdown guest")

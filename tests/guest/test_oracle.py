# SPDX-License-Identifier: MIT
"""The oracle: storms over every route and both ABIs, and the proof that they can fail.

DAISY_SEED is the seed (default 1), DAISY_EVENTS the runs of each cell at least.
"""

import json
import os
import re
import subprocess

import ktap
import pytest
import storms
from conftest import rare
from dumps import check_dump, dump
from faulty import build as faulty_image
from machines import Domain
from test_matrix import IMAGE, PATIENCE, REPO, judged

SEED = int(os.environ.get("DAISY_SEED", 1))
EVENTS = int(os.environ.get("DAISY_EVENTS", 12000))
ALL_RUNS = 500_000       # what the tours bring together, at the least
FEW = 4000               # runs of a cell that is to fail


def tour(name, events=EVENTS, more="", **fields):
    return Domain(name, f"test=storm storm=all events={events} seed={SEED} {more}", **fields)


ASSIST = ('viridian=["base","apic_assist"]',)
TOURS = [tour("hvm-1", settings=ASSIST), tour("hvm-4", vcpus=4, settings=ASSIST),
         tour("pvh-1", type="pvh"), tour("pvh-4", type="pvh", vcpus=4)]


@pytest.mark.parametrize("domain", TOURS, ids=str)
def test_tour(boot, domain, record_property):
    result = boot(IMAGE, timeout=PATIENCE, **domain.guest)
    record_property("seconds", result.timings["ended"])  # in guest-tests.xml: no test depends on it
    assert result.xen_lost_events == [], "Xen's own FIFO code lost an event, not Daisy"
    report = judged(result)
    cells = storms.tour(domain)
    assert set(report.outcomes) == {cell.name for cell in cells}
    assert report.skips == {cell.name: cell.skip for cell in cells if cell.skip}
    storms.check(report, cells)
    check_results(report, domain)
    assert all(o.counts["seed"] == SEED for o in report.outcomes.values() if o.counts)
    assert report.warnings == []


def check_results(report, domain):
    """The JSON document says the same as the report."""
    pieces = [line.removeprefix("# json: ") for line in report.lines
              if line.startswith("# json: ")]
    results = json.loads("".join(pieces))
    assert (results["schema"], results["seed"]) == ("daisy-results-1", SEED)
    assert results["vcpus"] == domain.cpus
    assert {cell["cell"] for cell in results["cells"]} == report.names("pass")
    for cell in results["cells"]:
        counts = report.outcomes[cell["cell"]].counts
        assert {key: cell[key] for key in ("runs", "sends", "moves", "reopened", "spurious")} \
            == {key: counts[key] for key in ("runs", "sends", "moves", "reopened", "spurious")}
        assert sum(cell["runs_on"]) == cell["runs"] and len(cell["runs_on"]) == domain.cpus
        assert cell["result"] == "pass" and cell["upcalls"] >= cell["spurious_upcalls"]
        for unit in cell["latency"]["ticks"], cell["latency"]["ns"]:
            assert 0 < unit["min"] <= unit["median"] <= unit["p99"] <= unit["max"]


def test_the_tours_bring_enough_runs():
    """Each brings its cells' minimum, or fails: so all together bring the sum."""
    cells = [cell for domain in TOURS for cell in storms.tour(domain) if not cell.skip]
    if "DAISY_EVENTS" not in os.environ:
        assert sum(cell.runs for cell in cells) >= ALL_RUNS
    assert {cell.name for cell in cells} == set(storms.CELLS), "every cell is on some machine"


# -- faults ---------------------------------------------------------------------------------

EVERYWHERE = set(storms.CELLS)
TWO_LEVEL = {cell for cell in storms.CELLS if cell.endswith("_2l")}
ON_LINES = {cell for cell in storms.CELLS if any(line in cell for line in storms.LINES)}

# The cells that each fault turns red (of those that the machine has), and by what.
FAULTS = {
    # A masked event that a scan of either ABI comes across is thrown away.
    "lost_mask": (EVERYWHERE, ("lost event",)),
    # What a handler sends to its own channel is wiped out behind it, whoever brought the upcall.
    "clear_late": (EVERYWHERE, ("lost event",)),
    # Above the ABIs and the routes. What an earlier cell has left open is heard in the next one.
    "stale_port": (EVERYWHERE, ("handler after close", "double delivery")),
    # FIFO needs no set; over a line all channels are vCPU 0's; one vCPU has nobody to mix up with.
    "wrong_set": (TWO_LEVEL - ON_LINES, ("handler on the wrong vCPU",)),
    # 2-level has no queues.
    "missed_linked": (EVERYWHERE - TWO_LEVEL, ("lost event",)),
}
# What brings no event at all may strike the ABI of the boot, so that the first route cannot be
# confirmed. From then on the way leads over an ABI that was reset.
NO_WAY = {"missed_linked": f"the way to it failed: error -110, seed {SEED}"}
MODES = {"x2apic": "", "xapic": "x2apic=off"}
# Each fault. A run takes a minute and more, so xAPIC for two: they turn red every cell, lines
# included, and every cell but lines. On the board, which has all cells, each kind of red once.
FAULT_RUNS = [*((fault, "x2apic") for fault in FAULTS),
              *(rare(fault, "xapic") for fault in ("clear_late", "wrong_set"))]
ON_THE_BOARD = [("wrong_set", "xapic"), rare("lost_mask", "x2apic"), rare("missed_linked", "x2apic"),
                rare("clear_late", "xapic")]


def predicted(fault, domain):
    cells = {cell.name for cell in storms.tour(domain) if not cell.skip}
    red, whys = FAULTS[fault]
    return (red & cells if fault != "wrong_set" or domain.cpus > 1 else set()), whys


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """faulty(name): an image with that fault, built once."""
    images = {}

    def build(name):
        if name not in images:
            images[name] = faulty_image(name, tmp_path_factory.mktemp(f"fault-{name}"))
        return images[name]
    return build


def check_red(result, fault, domain):
    """A channel of the machine's own may be struck as well: xenstore says so amid the report."""
    report = ktap.parse(re.sub(r"^warning: .*\n", "", result.console, flags=re.M))
    assert f"FAULTY ON PURPOSE, built with FAULT={fault}" in report.lines
    red, whys = predicted(fault, domain)
    assert report.names("fail") == red
    failed = [outcome for outcome in report.outcomes.values() if outcome.state == "fail"]
    if failed and failed[0].why == NO_WAY.get(fault):
        del failed[0]
    for outcome in failed:
        assert outcome.why.partition(":")[0] in whys, outcome
        assert ": channel " in outcome.why, "the storm itself has found it"
        assert outcome.why.endswith(f" seed {SEED}")


@pytest.mark.parametrize("fault, mode", FAULT_RUNS)
def test_fault(boot, faulty, fault, mode):
    domain = tour("fault", FEW, MODES[mode], type="pvh", vcpus=2)
    check_red(boot(faulty(fault), timeout=PATIENCE, **domain.guest), fault, domain)


@pytest.mark.parametrize("fault, mode", ON_THE_BOARD)
def test_fault_on_the_board(boot, faulty, fault, mode):
    """On a machine that has every cell."""
    domain = tour("fault", FEW, MODES[mode], vcpus=2, settings=ASSIST, quiet=True)
    assert not any(cell.skip for cell in storms.tour(domain)), "every cell is there"
    check_red(boot(faulty(fault), timeout=PATIENCE, **domain.guest), fault, domain)


def test_a_handler_that_does_not_come_back(boot, faulty):
    """The storm's driver waits for another vCPU with interrupts disabled: it shows where all are,
    and Xen's watchdog, which every storm arms, ends the domain."""
    result = boot(faulty("stuck"), type="pvh", vcpus=2, cmdline="test=storm", timeout=PATIENCE)
    check_dump(result.lines, "cpu call", 0, 2)
    other = dump(result.lines, "cpu call")
    other = other[other.index("cpu 1 at"):]
    assert any(re.fullmatch(r"  \[[0-9a-f]{16}\] storm_handler\+0x[0-9a-f]+", line)
               for line in other)
    assert (result.code, result.reason) == (3, "watchdog")


def test_one_cpu_has_no_wrong_set(boot, faulty):
    domain = tour("fault", FEW, type="pvh")
    report = judged(boot(faulty("wrong_set"), timeout=PATIENCE, **domain.guest))
    assert predicted("wrong_set", domain)[0] == report.names("fail") == set()


@pytest.mark.parametrize("mode", MODES)
def test_without_a_fault_all_is_green(boot, mode):
    domain = tour("sound", FEW, MODES[mode], type="pvh", vcpus=2)
    report = judged(boot(IMAGE, timeout=PATIENCE, **domain.guest))
    storms.check(report, storms.tour(domain))


# -- builds ---------------------------------------------------------------------------------

def make(*words):
    return subprocess.run(["make", "-s", "-C", REPO, *words], capture_output=True, text=True,
                          check=False)


def test_a_faulty_image_is_refused_unless_asked_for(faulty):
    script = os.path.join(REPO, "boot", "check-image.sh")
    image = faulty("lost_mask")
    env = {key: value for key, value in os.environ.items() if key != "FAULT"}
    done = subprocess.run(["sh", script, image], env=env, capture_output=True, text=True,
                          check=False)
    assert done.returncode and "has a fault built in" in done.stderr
    assert subprocess.run(["sh", script, image], env=dict(env, FAULT="lost_mask"),
                          check=False).returncode == 0
    done = subprocess.run(["sh", script, IMAGE], env=dict(env, FAULT="lost_mask"),
                          capture_output=True, text=True, check=False)
    assert done.returncode and "is not in it" in done.stderr


def test_a_fault_wants_a_name_and_a_directory(tmp_path):
    done = make("FAULT=lost_mask")
    assert done.returncode and "BUILD=build-fault-lost_mask" in done.stderr
    done = make("FAULT=nonsense", f"BUILD={tmp_path}")
    assert done.returncode and "expected one of lost_mask" in done.stderr

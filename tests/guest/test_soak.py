# SPDX-License-Identifier: MIT
"""soak.py: the machines that its tours run on, a tour that passes, and one that fails."""

import itertools
import os
import re
import subprocess
import sys

import faulty
import soak
from conftest import HERE, INSTANCE
from machines import Domain
from storms import tour
from test_matrix import IMAGE


def run(image, only="tours"):
    """Time for one tour: the next would begin after the end."""
    return subprocess.run(
        [sys.executable, "-B", os.path.join(HERE, "soak.py"), image], capture_output=True,
        text=True, check=False,
        env=dict(os.environ, XENBOX_INSTANCE=INSTANCE, SOAK_MINUTES="0.01", SOAK_SEED="5",
                 SOAK_ONLY=only))


def test_four_vcpus_of_an_hvm_domain_have_every_cell():
    words = soak.words("daisy.elf", "hvm", 4, 7)
    settings = tuple(words[i + 1] for i, word in enumerate(words) if word == "--set")
    domain = Domain("soak", words[words.index("--cmdline") + 1], vcpus=4, settings=settings)
    assert not any(cell.skip for cell in tour(domain))


def test_a_tour_that_passes(bed):
    done = run(IMAGE)
    assert done.returncode == 0, done.stdout
    first, last = done.stdout.splitlines()
    runs = re.fullmatch(r"pass pvh, 1 vCPUs, seed 5: (\d+) runs in \d+ s", first)
    assert runs and int(runs[1]) >= soak.EVENTS
    assert last == "soak: 0 crowds, 1 tours, 0 storms saved and restored, no failure"


def test_every_route_is_saved_and_restored():
    """3 routes of pvh, 7 of hvm, hybrid for several vCPUs: each by both ABIs."""
    assert len(soak.LIVES) == 2 * (2 * 3 + 2 * 7 + 1)


def test_a_storm_that_is_saved_and_restored(bed, tmp_path):
    """Its failure says how to repeat it: no such image."""
    (tmp_path / "daisy.elf").write_bytes(b"no image")
    done = run(str(tmp_path / "daisy.elf"), "lives")
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL pvh-1-poll-fifo, seed 5: 10 suspends in ")
    again = done.stdout.splitlines()[-1]
    assert again.startswith(f"again: DAISY_BUILD={tmp_path} SOAK_SEED=5 ")
    assert again.endswith("soak_life.py -k pvh-1-poll-fifo")


def test_what_there_is_to_do(monkeypatch):
    """The crowd once, the others in turn and for ever."""
    def first(only):
        monkeypatch.setenv("SOAK_ONLY", only)
        return [do for do, _ in itertools.islice(soak.turns(), 3)]
    assert first("crowd") == [soak.one_crowd]
    assert first("lives") == 3 * [soak.one_life]
    monkeypatch.delenv("SOAK_ONLY")
    assert [do for do, _ in itertools.islice(soak.turns(), 5)] == [
        soak.one_crowd, *2 * [soak.one_tour, soak.one_life]]


def test_a_crowd_that_is_counted(tmp_path):
    """As above: no such image."""
    done = run(str(tmp_path / "daisy.elf"), "crowd")
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL a crowd of channels in ")
    again = done.stdout.splitlines()[-1]
    assert again.startswith(f"again: DAISY_BUILD={tmp_path} ") and again.endswith("soak_crowd.py -s")


def test_a_failure_ends_it_and_says_how_to_repeat_it(bed, tmp_path):
    done = run(faulty.build("clear_late", tmp_path))
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL pvh, 1 vCPUs, seed 5: ")
    again = done.stdout.splitlines()[-1]
    assert again.startswith("again: xenbox run ") and "storm=all" in again and "seed=5" in again

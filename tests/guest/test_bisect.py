# SPDX-License-Identifier: MIT
"""Shortening a failing storm: the search by itself, and on a faulty build."""

import itertools
import os
import subprocess

import bisect_cell
import faulty
import pytest
from conftest import HERE, INSTANCE


@pytest.mark.parametrize("needed", [
    n for size in (1, 2, 3) for n in itertools.combinations(range(8), size)])
def test_exactly_the_needed_steps_are_left(needed):
    tried = []

    def fails(steps):
        tried.append(tuple(steps))
        return set(needed) <= set(steps)
    assert tuple(bisect_cell.shorten(list(range(8)), fails)) == needed
    assert len(tried) < 80


def test_a_long_storm_takes_few_runs():
    tried = []

    def fails(steps):
        tried.append(steps)
        return {17, 801} <= set(steps)
    assert bisect_cell.shorten(list(range(1000)), fails) == [17, 801]
    assert len(tried) < 100


@pytest.mark.parametrize("steps, text", [
    ([5], "5"), ([1, 2, 3], "1-3"), ([9, 1, 2], "1-2,9"), ([0, 2, 4], "0,2,4"), ([], "")])
def test_a_list_as_the_command_line_has_it(steps, text):
    assert bisect_cell.as_list(steps) == text


def test_an_unknown_cell_is_refused():
    with pytest.raises(SystemExit, match="no such cell"):
        bisect_cell.route_and_abi("storm_sideways_2l")


def test_a_faulty_build_comes_down_to_its_cause(bed, tmp_path):
    """Cleared behind its handler: one step is enough, in which a handler sends to itself."""
    image = faulty.build("clear_late", tmp_path)
    done = subprocess.run(
        [os.path.join(HERE, "bisect_cell.py"), "--image", image, "--cell",
         "storm_percpu_2l", "--seed", "1", "--events", "2000"], capture_output=True, text=True,
        check=False, env=dict(os.environ, XENBOX_INSTANCE=INSTANCE))
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    assert "1 steps are left" in done.stdout
    assert "resend channel" in done.stdout.splitlines()[-2]
    assert done.stdout.splitlines()[-1].startswith("lost event: ")

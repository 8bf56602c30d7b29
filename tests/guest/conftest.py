# SPDX-License-Identifier: MIT
"""Fixtures of the guest tests: one dom0 for the whole session, and the guests to boot.

    def test_something(boot):
        result = boot("path/to/kernel.elf", type="pvh", cmdline="quick")
        assert result.passed, result.message

XENBOX_INSTANCE names the bed to use (default: pytest). One that was up before the session
is used and left up; otherwise it is booted once and taken down at the end.
"""

import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
XENBOX = os.path.join(os.path.dirname(HERE), "xenbox", "xenbox")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(XENBOX))

from xenboxlib import Bed, Guest, Options, Run  # noqa: E402  (needs the path)

# Their asserts say what they saw, as those of tests do.
pytest.register_assert_rewrite("disks", "dumps", "hostile", "nets", "shells", "storms")


def rare(*values, when=True, **more):
    """A parameter that is for MATRIX=all: what its test looks at is met in others, part by part,
    though not together. when: else it is an ordinary one."""
    return pytest.param(*values, marks=[pytest.mark.rare] * when, **more)


INSTANCE = os.environ.get("XENBOX_INSTANCE", "pytest")


def pytest_configure(config):
    config.addinivalue_line("markers", "rare: for MATRIX=all")


def pytest_collection_modifyitems(config, items):
    if os.environ.get("MATRIX") == "all":
        return
    out = [item for item in items if item.get_closest_marker("rare")]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


@pytest.fixture(scope="session")
def bed():
    """A Bed whose dom0 is up; it serves every test of the session."""
    bed = Bed(Options(instance=INSTANCE))
    was_up = bed.attach()
    bed.ensure(keep_up=True)
    yield bed
    if not was_up:
        bed.down()


@pytest.fixture
def boot(bed):
    """boot(image, **Guest's fields): run a guest to its end, return its Result."""
    def run(image, **options):
        result = start_guest(bed, image, **options).wait()
        print(f"\n[{result.reason or 'no end'}: {result.message}, {result.timings}]")
        return result
    return run


@pytest.fixture
def start(bed):
    """start(image, **Guest's fields): a Run, for tests that act while the guest runs.

    What a test leaves running is ended after it.
    """
    runs = []

    def begin(image, **options):
        runs.append(start_guest(bed, image, **options))
        return runs[-1]
    yield begin
    for run in runs:
        run.stop()


def start_guest(bed, image, **options):
    """The console goes to stdout as well: pytest shows it when the test fails."""
    def sink(data):
        sys.stdout.write(data.decode(errors="replace"))
    return Run(bed, Guest(str(image), **options), sink, keep_up=True)


@pytest.fixture(scope="session")
def little_guest(tmp_path_factory):
    """The path of guests/guest.elf: a guest that does what its command line says."""
    folder = tmp_path_factory.mktemp("guest")
    subprocess.run(["make", "-s", "-C", os.path.join(HERE, "guests"), f"O={folder}"],
                   check=True)
    return str(folder / "guest.elf")


@pytest.fixture
def xenbox(bed):
    """xenbox(words...): run the command line tool on the session's dom0."""
    def call(*words, **more):
        return subprocess.run([XENBOX, *words], capture_output=True, text=True, check=False,
                              env=dict(os.environ, XENBOX_INSTANCE=INSTANCE, **more))
    return call

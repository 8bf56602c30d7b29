# SPDX-License-Identifier: MIT
"""The build: the same bytes everywhere, two compilers, clear errors, and the house's rules."""

import os
import re
import shutil
import subprocess

import ktap
import pytest
from test_matrix import PATIENCE, REPO

NEEDED = ("Makefile", "build.mk", "arch", "boot", "drivers", "kernel", "lib", "selftest",
          "storm", "tests/host/host.mk", "tests/guest/guest.mk")
CROSS = "x86_64-linux-gnu-"  # what Debian's gcc and binutils are called as well
FOREIGN = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "CC", "CROSS_COMPILE", "BUILD", "XEN_HEADERS",
           "V", "CFLAGS")    # of a make that runs us: not for the makes that we run
SOURCES = (".c", ".h", ".S", ".ld", ".sh", ".py", ".mk", ".md", ".yml", ".cfg")


def copy_tree(target):
    """What a build needs, without what an earlier one has left."""
    for name in NEEDED:
        source, to = os.path.join(REPO, name), os.path.join(target, name)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, to)
        else:
            shutil.copy(source, to)
    return target


def make(folder, *words):
    env = {key: value for key, value in os.environ.items() if key not in FOREIGN}
    done = subprocess.run(["make", "-C", str(folder), *words], capture_output=True, text=True,
                          check=False, env=env)
    print(done.stdout[-2000:], done.stderr[-2000:])
    return done


def build(folder, *words):
    """The path of daisy.elf."""
    assert make(folder, "-j2", *words).returncode == 0
    return os.path.join(folder, "build", "daisy.elf")


def read(path):
    with open(path, "rb") as file:
        return file.read()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return build(copy_tree(tmp_path_factory.mktemp("a")))


@pytest.fixture(name="tree")
def fixture_tree(tmp_path):
    return copy_tree(tmp_path / "tree")


# -- images -----------------------------------------------------------------------------------

def test_two_builds_give_the_same_bytes(first, tmp_path):
    """In another directory, with a longer name, from another build directory, one by one."""
    folder = copy_tree(tmp_path / "somewhere" / "with a much longer name".replace(" ", "-"))
    assert make(folder, "-j1", "BUILD=other/place").returncode == 0
    assert read(folder / "other" / "place" / "daisy.elf") == read(first)


def test_the_cross_compiler_gives_the_same_bytes(first, tree):
    assert read(build(tree, f"CROSS_COMPILE={CROSS}")) == read(first)


def test_a_change_of_compiler_builds_anew_an_image_that_boots(first, tmp_path, boot):
    """All of it by clang."""
    tree = tmp_path / "tree"
    shutil.copytree(os.path.dirname(os.path.dirname(first)), tree, symlinks=True)
    with_gcc = read(first)
    image = build(tree, "CC=clang")
    assert b"clang" in read(os.path.join(tree, "build", "flags.stamp"))
    assert read(image) != with_gcc
    result = boot(image, type="pvh", timeout=PATIENCE)
    report = ktap.parse(result.console)
    report.check_end(result.reason)
    assert result.passed and not report.failed


def test_nothing_is_built_twice(first):
    """A second make of a built tree has nothing to do."""
    folder = os.path.dirname(os.path.dirname(first))
    done = make(folder)
    assert done.returncode == 0
    assert not re.search(r"^ +(CC|AS|LD|IMAGE) ", done.stdout, re.M)


def test_missing_xen_headers_are_named(tree):
    done = make(tree, "XEN_HEADERS=/nowhere")
    assert done.returncode != 0
    assert "No Xen headers in /nowhere/xen" in done.stderr
    assert "libxen-dev" in done.stderr and "XEN_HEADERS=" in done.stderr


def test_size(first):
    done = make(os.path.dirname(os.path.dirname(first)), "check-size")
    assert done.returncode == 0


# -- help -------------------------------------------------------------------------------------

def test_help_lists_the_targets():
    """Those that people use are there, and what is there exists."""
    text = make(REPO, "-s", "help").stdout
    listed = {m.group(1) for m in re.finditer(r"^make(?: ([\w-]+))?(?:  |$)", text, re.M)}
    assert {None, "run", "test", "check", "check-host", "test-guest", "clean"} <= listed
    for target in listed - {None}:
        done = make(REPO, "-n", target)
        assert "No rule to make target" not in done.stderr, target


# -- layers -----------------------------------------------------------------------------------

PLANTED = {
    "lib sees kernel": ("lib/string.c", "kernel/irq.h"),
    "lib's header sees arch": ("lib/string.h", "arch/x86/cpu.h"),
    "arch sees kernel": ("arch/x86/paging.c", "kernel/memory.h"),
    "arch's assembly sees boot": ("arch/x86/entry.S", "boot/protocols.h"),
    "kernel sees drivers": ("kernel/irq.c", "drivers/irqchip/pic.h"),
    "kernel sees boot": ("kernel/panic.c", "boot/boot_info.h"),
    "the board sees Xen": ("drivers/pci/pci.c", "drivers/xen/xen.h"),
    "Xen's drivers see boot": ("drivers/xen/xen.c", "boot/boot_info.h"),
    "a driver sees the tests": ("drivers/timer/pit.c", "selftest/loopback.h"),
    "the kernel sees the storm": ("kernel/selftest.c", "storm/storm.h"),
}


@pytest.fixture(scope="module")
def clean_tree(tmp_path_factory):
    return copy_tree(tmp_path_factory.mktemp("layers"))


def test_the_layers_hold(clean_tree):
    assert make(clean_tree, "-s", "check-layers").returncode == 0


@pytest.mark.parametrize("file, header", PLANTED.values(), ids=PLANTED)
def test_an_include_that_goes_up_is_refused(clean_tree, file, header):
    path = os.path.join(clean_tree, file)
    text = read(path)
    with open(path, "ab") as source:
        source.write(f'#include "{header}"\n'.encode())
    try:
        done = make(clean_tree, "-s", "check-layers")
    finally:
        with open(path, "wb") as source:
            source.write(text)
    line = text.count(b"\n") + 1
    assert done.returncode != 0
    assert f'{file}:{line}:#include "{header}"' in done.stdout + done.stderr


# -- licences -----------------------------------------------------------------------------------

def tracked_files():
    """What git knows and what it would add; without git, everything outside build."""
    try:
        done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=REPO,
                              capture_output=True, text=True, check=True)
        return [name for name in done.stdout.splitlines()
                if os.path.isfile(os.path.join(REPO, name))]
    except (OSError, subprocess.CalledProcessError):
        return [os.path.relpath(os.path.join(root, name), REPO)
                for root, _, names in os.walk(REPO) for name in names
                if not os.path.relpath(root, REPO).startswith(("build", "."))]


def is_source(name):
    path = os.path.join(REPO, name)
    return (name.endswith(SOURCES) or os.path.basename(name) == "Makefile"
            or read(path).startswith(b"#!"))


def test_every_source_file_names_its_licence():
    sources = [name for name in tracked_files() if is_source(name)]
    assert len(sources) > 100
    bare = [name for name in sources
            if b"SPDX-License-Identifier: MIT" not in b"".join(
                read(os.path.join(REPO, name)).splitlines()[:3])]
    assert bare == []

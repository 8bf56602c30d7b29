# SPDX-License-Identifier: MIT
"""The Linux guest that Daisy is measured beside: Debian's kernel, a busybox, and peer/, with a module
of our own that is compiled against the kernel's headers. Made of packages, without root, and kept in
the cache as the dom0 image is.

    peer = obtain(cache)
    bed.run(Guest(peer.image("pvh"), **peer.guest("pvh", "peer.steps=1000")))
"""

import fcntl
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "xenbox"))

from xenboxlib import BedError, contents, elf, image, packages  # noqa: E402  (needs the path)
from xenboxlib.progress import Step  # noqa: E402
from xenboxlib.recipe import Recipe  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
SOURCES = os.path.join(HERE, "peer")
VERDICT = r"^linux: (?P<passed>\d+) passed, (?P<failed>\d+) failed"
SHARED = ("lib/count_mark.h", "lib/splitmix64.h")  # with Daisy
NET = ("net.c", "net_serve.c", "net_take.c")
USER_SPACE, DOM0 = 3, 4  # lib/count_mark.h; who marks: peer/init, starts.py
MEMORY = 256  # MiB; with less, Debian's kernel and its initramfs do not come up


class Peer:
    def __init__(self, folder):
        self.folder = folder
        self.initrd = os.path.join(folder, "initrd")

    def image(self, kind):
        """Unpacked for pvh, which Xen's tools would do in emulation; hvm's loader wants the bzImage."""
        return os.path.join(self.folder, "vmlinux" if kind == "pvh" else "vmlinuz")

    def guest(self, kind, more=""):
        """The options of a Guest; more of its command line, e.g. "peer.steps=1000"."""
        console = {"pvh": "hvc0", "hvm": "ttyS0"}[kind]
        words = f"console={console} nokaslr quiet panic=-1 {more}"
        return {"type": kind, "cmdline": words.strip(), "memory": MEMORY, "verdict": VERDICT,
                "files": {"initrd": self.initrd},
                "settings": ('ramdisk="/run/guest/initrd"',)}


def obtain(cache):
    """The current peer; made first when there is none, or its sources have changed."""
    place = os.path.join(cache, "peer")
    os.makedirs(place, exist_ok=True)
    with open(os.path.join(place, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Peer(current(place))


def digest():
    total = hashlib.sha256()
    shared = [os.path.join(ROOT, name) for name in SHARED]
    for path in sorted(glob.glob(os.path.join(SOURCES, "*"))) + shared + [__file__]:
        with open(path, "rb") as file:
            total.update(file.read())
    return total.hexdigest()


def current(place):
    facts = os.path.join(place, "peer.json")
    want = {"sources": digest(), "lists": image.lists_state()}
    try:
        with open(facts, encoding="ascii") as file:
            have = json.load(file)
    except (OSError, ValueError):
        have = {}
    folder = have.pop("folder", "")
    if have == want and os.path.exists(os.path.join(folder, "initrd")):
        return folder
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix="built-", dir=place)
    build(place, folder)
    with open(facts, "w", encoding="ascii") as file:
        json.dump(want | {"folder": folder}, file)
    return folder


# -- building ---------------------------------------------------------------------------------

def build(place, folder):
    recipe = Recipe(os.path.join(SOURCES, "recipe"))
    apt = packages.Apt(place)
    with Step("Linux guest") as step:
        rows = apt.plan(recipe, step)
        apt.fetch(rows, step)
        tree, boot = contents.collect(recipe, rows, apt.debs, step)
        contents.modules(tree, recipe, rows, apt.debs)
        step.note("kernel modules")
        for name, data in compiled_modules(rows, apt.debs).items():
            tree.add_file(name, data)
        tree.add_file("mark", compiled_mark(), 0o755)
        tree.add_file("net", compiled(*NET), 0o755)
        tree.add_file("disk", compiled("disk.c"), 0o755)
        initrd(tree, os.path.join(folder, "initrd"))
        image.save(os.path.join(folder, "vmlinuz"), boot["vmlinuz"])
        image.save(os.path.join(folder, "vmlinux"), elf.unpack_kernel(boot["vmlinuz"]))


def initrd(tree, target):
    for path in ("proc", "sys", "dev"):
        tree.add_dir(path)
    for name in ("bin", "lib"):
        tree.add_dir(f"usr/{name}")
        tree.add_link(name, f"usr/{name}")
    tree.add_node("dev/console", 5, 1)
    with open(os.path.join(SOURCES, "init"), "rb") as file:
        tree.add_file("init", file.read(), 0o755)
    with open(target, "wb") as file:
        tree.write(file)


def compiled_modules(rows, debs):
    """The .ko files: name to bytes."""
    with tempfile.TemporaryDirectory() as place:
        headers = unpacked_headers(rows, debs, os.path.join(place, "root"))
        work = os.path.join(place, "work")
        os.makedirs(os.path.join(work, "lib"))
        for path in (os.path.join(SOURCES, "Kbuild"), *glob.glob(os.path.join(SOURCES, "*.[ch]"))):
            shutil.copy(path, work)
        for name in SHARED:
            shutil.copy(os.path.join(ROOT, name), os.path.join(work, name))
        run("make", "-s", "-C", headers, f"M={work}", "modules")
        found = glob.glob(os.path.join(work, "*.ko"))
        run("strip", "--strip-debug", *found)
        return {os.path.basename(path): read(path) for path in found}


def unpacked_headers(rows, debs, root):
    """The folder that a module is built in. Its Makefile names the place where the package would
    have been installed."""
    for row in rows:
        if row.name.startswith(("linux-headers-6", "linux-kbuild-")):
            run("dpkg-deb", "-x", os.path.join(debs, row.file), root)
    headers, = glob.glob(os.path.join(root, "usr/src/linux-headers-*-amd64"))
    makefile = os.path.join(headers, "Makefile")
    text = read(makefile).decode()
    with open(makefile, "w", encoding="ascii") as file:
        file.write(text.replace("include /usr", f"include {root}/usr"))
    return headers


def compiled_mark(number=USER_SPACE):
    """A program that marks where the counter is, as bytes."""
    with tempfile.TemporaryDirectory() as place:
        target = os.path.join(place, "mark")
        run("gcc", "-Os", "-static", "-nostdlib", "-fno-pic", "-no-pie", "-Wall", "-Werror", "-s",
            "-z", "noseparate-code", "-Wl,--build-id=none", "-I", ROOT, f"-DMARK={number}",
            "-o", target, os.path.join(SOURCES, "mark.c"))
        return read(target)


def compiled(*sources):
    """A program of these, which are in peer/, as bytes: for the guest, and for dom0."""
    with tempfile.TemporaryDirectory() as place:
        target = os.path.join(place, "program")
        run("gcc", "-O2", "-static", "-Wall", "-Wextra", "-Werror", "-s", "-I", ROOT, "-o", target,
            *(os.path.join(SOURCES, name) for name in sources))
        return read(target)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BedError(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}",
                       "tests/install-deps bench installs what it needs")

# SPDX-License-Identifier: MIT
"""The dom0 image: xen, kernel and initramfs, made of Debian packages and cached.

Package archives are read as streams and go straight into an initramfs, so building
needs neither root nor disk space for an unpacked system. The image is known by a hash
of the recipe and of the package versions; it is rebuilt when that changes.
"""

import fcntl
import glob
import json
import os
import shutil
import tempfile

from . import elf, programs
from .contents import collect, modules, prune
from .cpio import Tree
from .errors import BedError
from .packages import Apt
from .progress import Step, say
from .recipe import DOM0, PROGRAMS, SCRIPTS, Recipe


class Image:
    """Paths of the built files, in a folder of their own that is never written again."""

    def __init__(self, folder, facts):
        self.folder, self.facts = folder, facts
        self.xen = os.path.join(folder, "xen")
        self.kernel = os.path.join(folder, "vmlinux")
        self.initrd = os.path.join(folder, "initramfs")


def obtain(cache, rebuild=False):
    """The current image; built first when there is none or its recipe has changed.

    Instances share the images, so only one process at a time decides and builds.
    """
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(cache, "image.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return current(cache, rebuild)


def current(cache, rebuild):
    recipe = Recipe()
    facts = load(cache)
    same = facts.get("recipe") == recipe.digest() and not rebuild
    if same and facts["lists"] == lists_state():
        return Image(facts["folder"], facts)
    room(cache)
    apt = Apt(cache)
    with Step("package list") as step:
        rows = apt.plan(recipe, step)
    versions = [f"{row.name}={row.version}" for row in rows]
    folder = facts.get("folder")
    if not same or facts["versions"] != versions:
        try:
            with Step("packages") as step:
                apt.fetch(rows, step)
        except BedError as error:
            if not same:
                raise
            say(f"newer packages exist but cannot be fetched, keeping the image: {error}")
            return Image(folder, facts)
        folder = tempfile.mkdtemp(prefix="image-", dir=cache)
        build(Image(folder, {}), recipe, rows, apt.debs)
        apt.forget_others(rows)
    facts = {"recipe": recipe.digest(), "lists": lists_state(), "versions": versions,
             "folder": folder}
    store(cache, facts)
    return Image(folder, facts)


def lists_state():
    """When the machine's package lists last changed: only then are versions compared."""
    try:
        return os.stat("/var/lib/apt/lists").st_mtime_ns
    except OSError:
        return 0


def room(cache):
    free = shutil.disk_usage(cache).free
    if free < 600 << 20:
        raise BedError(f"too little disk: {free >> 20} MiB free in {cache}, 600 needed",
                       "free some, or point XENBOX_CACHE to another file system")


def load(cache):
    """What the current image was made from; nothing when there is none."""
    try:
        with open(os.path.join(cache, "image.json"), encoding="utf-8") as file:
            facts = json.load(file)
    except (OSError, ValueError):
        return {}
    return facts if os.path.isfile(os.path.join(facts["folder"], "initramfs")) else {}


def store(cache, facts):
    """Make it the current image; the one before it may just be booting, so it stays."""
    before = load(cache).get("folder")
    path = os.path.join(cache, "image.json")
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=1)
    os.replace(path + ".new", path)
    for old in glob.glob(os.path.join(cache, "image-*")):
        if old not in (before, facts["folder"]):
            shutil.rmtree(old)


def build(image, recipe, rows, debs):
    with Step("building the dom0 image") as step:
        ours = compiled()  # the only step that may fail for what the host lacks: first
        tree, boot = collect(recipe, rows, debs, step)
        step.note("kernel modules")
        modules(tree, recipe, rows, debs)
        for name, data in ours.items():
            tree.add_file(f"usr/bin/{name}", data, 0o755)
        prune(tree)
        step.note("writing")
        skeleton(tree)
        save(image.xen, elf.unpack_gzip(boot["xen"]))
        save(image.kernel, elf.unpack_kernel(boot["vmlinuz"]))
        with open(image.initrd, "wb") as file:
            tree.write(file)
        step.note(f"initramfs of {os.path.getsize(image.initrd) >> 20} MiB")


def save(path, data):
    with open(path, "wb") as file:
        file.write(data)


def skeleton(tree):
    """What no package brings: directories, device nodes, the scripts of dom0/."""
    for path in ("proc", "sys", "dev", "run", "tmp", "root", "var/log", "var/lib"):
        tree.add_dir(path)
    for name in ("bin", "sbin", "lib", "lib64"):
        tree.add_dir(f"usr/{name}")
        tree.add_link(name, f"usr/{name}")
    tree.add_link("var/run", "/run")
    tree.add_link("bin/sh", "busybox")
    tree.add_node("dev/console", 5, 1)
    tree.add_node("dev/null", 1, 3)
    for name, path in SCRIPTS.items():
        with open(os.path.join(DOM0, name), "rb") as file:
            tree.add_file(path, file.read(), 0o755)


def compiled():
    """Our own programs: name to bytes."""
    return {name: programs.build(os.path.join(DOM0, folder))
            for folder, name in PROGRAMS.items()}


def overlay(folder, target):
    """An extra archive with the files of `folder`, which the kernel lays over the image."""
    tree = Tree()
    for path in sorted(glob.glob(os.path.join(folder, "**"), recursive=True,
                                 include_hidden=True)):
        name = os.path.relpath(path, folder)
        if os.path.islink(path):
            tree.add_link(name, os.readlink(path))
        elif os.path.isfile(path):
            with open(path, "rb") as file:
                tree.add_file(name, file.read(), os.stat(path).st_mode & 0o777)
    with open(target, "wb") as file:
        tree.write(file)

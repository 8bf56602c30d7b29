# SPDX-License-Identifier: MIT
"""What xenbox needs of the host, and what to type when it is not there."""

import os
import shutil

from .errors import BedError, UsageError

# program: (Debian package, what for)
PROGRAMS = {
    "qemu-system-x86_64": ("qemu-system-x86", "the emulated machine that Xen runs on"),
    "apt-get": ("apt", "fetches dom0's packages"),
    "dpkg-deb": ("dpkg", "reads dom0's packages"),
    "gcc": ("gcc libc6-dev libxen-dev", "compiles dom0's program for tests of frontends"),
}
GRUB_PROGRAMS = {
    "grub-mkimage": ("grub-common", "makes GRUB for --boot grub and grub-disk"),
    "xorriso": ("xorriso", "makes the ISO of --boot grub"),
}


def need(programs):
    """Raise with the exact command that brings whatever is missing."""
    lost = {name: use for name, use in programs.items() if not shutil.which(name)}
    if not lost:
        return
    lines = [f"{name} is missing: {why}" for name, (_, why) in lost.items()]
    packages = " ".join(sorted({package for package, _ in lost.values()}))
    root = "" if os.geteuid() == 0 else "sudo "
    raise BedError("\n".join(lines), f"{root}apt-get install --no-install-recommends "
                   f"{packages}   (only this needs root, nothing after it does)")


def need_file(path):
    """Raise when what the command line names is no file that can be read."""
    if os.path.isdir(path):
        raise UsageError(f"{path} is a directory, not a file")
    if not os.path.exists(path):
        raise UsageError(f"{path}: no such file")
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        raise UsageError(f"{path} cannot be read as a file")


def need_folder(path):
    """Raise when what the command line names is no directory."""
    if not os.path.exists(path):
        raise UsageError(f"{path}: no such directory")
    if not os.path.isdir(path):
        raise UsageError(f"{path} is not a directory")


def available_memory():
    """MiB that new processes may use, as the kernel estimates it."""
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) >> 10
    return 1 << 30


def need_memory(wanted):
    """The machine's memory is taken as it is used; half of it is enough to start."""
    have = available_memory()
    if have < wanted // 2:
        raise BedError(f"too little memory: {have} MiB available, a machine of {wanted} "
                       "MiB wanted", "end something else, or use --bed-memory 1536")


def cache_dir():
    """XENBOX_CACHE, or xenbox in the user's cache directory."""
    own = os.environ.get("XENBOX_CACHE")
    if own:
        return os.path.abspath(own)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "xenbox")

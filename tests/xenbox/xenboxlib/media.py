# SPDX-License-Identifier: MIT
"""Boot media for hvm guests, made without root: GRUB and one multiboot image, no more.

A stock rescue image carries megabytes of modules that emulation takes long to read. Here
GRUB has just what `multiboot` needs, and its whole configuration is built into it.
"""

import os
import subprocess
import tempfile

from .errors import BedError, UsageError
from .host import GRUB_PROGRAMS, need

GRUB = "/usr/lib/grub/i386-pc"
SECTOR = 512
IMAGE_AT = 2048  # the sector of the image on the disk; GRUB lies below
PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%^~[]*?!")


def iso(image, cmdline):
    """An ISO 9660 image that boots by El Torito."""
    check_grub()
    with tempfile.TemporaryDirectory(prefix="xenbox-") as work:
        tree = os.path.join(work, "tree")
        os.mkdir(tree)
        mkimage("i386-pc-eltorito", os.path.join(tree, "core.img"),
                f"multiboot (cd)/image {escape(cmdline)}\nboot\n", ["iso9660"])
        os.symlink(os.path.abspath(image), os.path.join(tree, "image"))
        target = os.path.join(work, "boot.iso")
        call("xorriso", "-as", "mkisofs", "-quiet", "-R", "-f", "-o", target,
             "-b", "core.img", "-no-emul-boot", "-boot-load-size", "4",
             "-boot-info-table", "--grub2-boot-info", tree)
        return read(target)


def disk(image, cmdline):
    """A hard disk: boot sector, GRUB behind it, and the image at a fixed sector.

    GRUB reads the image by sector numbers, so the disk needs neither partitions nor a
    file system. The zeros that fill the last sector do an ELF file no harm.
    """
    check_grub()
    data = read(image)
    sectors = -(-len(data) // SECTOR)
    with tempfile.TemporaryDirectory(prefix="xenbox-") as work:
        core = os.path.join(work, "core.img")
        mkimage("i386-pc", core, f"multiboot (hd0){IMAGE_AT}+{sectors} {escape(cmdline)}\n"
                "boot\n", [])
        head = read(os.path.join(GRUB, "boot.img")) + read(core)
    if len(head) > IMAGE_AT * SECTOR:
        raise BedError("GRUB's core image is too large for the boot disk")
    whole = head.ljust(IMAGE_AT * SECTOR, b"\0") + data
    return whole.ljust(-(-len(whole) // (1 << 20)) << 20, b"\0")


def check_grub():
    need(GRUB_PROGRAMS)
    if not os.path.exists(os.path.join(GRUB, "boot.img")):
        raise BedError("GRUB's BIOS modules are missing",
                       "apt-get install --no-install-recommends grub-pc-bin   (as root)")


def mkimage(form, target, config, modules):
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(config)
        file.flush()
        call("grub-mkimage", "-O", form, "-o", target, "-p", "/", "-c", file.name,
             "biosdisk", "multiboot", "boot", *modules)


def escape(cmdline):
    """The command line as words that GRUB's parser takes literally."""
    words = []
    for word in cmdline.split():
        if "'" in word:
            raise UsageError("GRUB cannot be given a command line with a ' in it")
        words.append(word if set(word) <= PLAIN else f"'{word}'")
    return " ".join(words)


def call(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BedError(f"{words[0]} failed:\n{done.stderr.strip()}")


def read(path):
    with open(path, "rb") as file:
        return file.read()

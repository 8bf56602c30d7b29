# SPDX-License-Identifier: MIT
"""The options of a bed, and the files that its machine boots because of them."""

import dataclasses
import gzip
import hashlib
import json
import lzma
import os
import struct
import zlib

from . import elf, host, image
from .errors import BedError, UsageError


@dataclasses.dataclass
class Options:
    """What a bed is made of; None means the distribution's own."""

    xen: str = None            # a hypervisor (xen or xen.gz) in place of the package's
    xen_append: str = ""       # more words for Xen's command line
    qemu_append: str = ""      # more words for the QEMU that is the machine
    dom0_kernel: str = None    # a bzImage or vmlinux in place of the package's
    dom0_overlay: str = None   # a directory whose files are laid over dom0
    memory: int = 3072         # MiB of the whole machine
    instance: str = "default"
    boot_timeout: float = 180  # seconds until dom0 must answer
    cache: str = None          # where images and instances live; None: host.cache_dir()

    def check(self):
        for path in (self.xen, self.dom0_kernel):
            if path:
                host.need_file(path)
        if self.dom0_overlay:
            host.need_folder(self.dom0_overlay)
        if not self.instance.replace("-", "").replace("_", "").isalnum():
            raise UsageError(f"instance name {self.instance!r}: use letters, digits, - and _")


class Files:
    """The files that the machine boots: the image's, or the developer's own.

    Making one looks at them and leaves a machine that is up alone: so it comes before that
    machine is given up for another.
    """

    def __init__(self, built, options, folder):
        self.xen, self.kernel, self.initrd = built.xen, built.kernel, built.initrd
        try:
            if options.xen:
                self.xen = keep(os.path.join(folder, "xen"), own_xen(options.xen))
            if options.dom0_kernel:
                self.kernel = keep(os.path.join(folder, "vmlinux"),
                                   own_kernel(options.dom0_kernel))
            if options.dom0_overlay:
                self.initrd = with_overlay(built.initrd, options.dom0_overlay, folder)
        except OSError as error:
            raise BedError(f"{error.filename or folder}: {error.strerror}") from None


def own_xen(path):
    data = read(path)
    try:
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BedError(f"{path} is damaged: it cannot be unpacked", "copy it again") from None
    if not elf.is_multiboot(data):
        raise BedError(f"{path} is not a Xen image: it has no multiboot header",
                       "give xen/xen or xen/xen.gz of a Xen build, not xen-syms or xen.efi")
    return data


def own_kernel(path):
    data = read(path)
    try:
        kernel = elf.unpack_kernel(data)
    except (EOFError, lzma.LZMAError, struct.error, zlib.error):
        raise BedError(f"{path} is damaged: it cannot be unpacked", "copy it again") from None
    if not elf.is_elf(kernel) and kernel[0x202:0x206] != b"HdrS":
        raise BedError(f"{path} is not a Linux kernel: neither a bzImage nor an ELF file",
                       "give arch/x86/boot/bzImage or vmlinux of a Linux build")
    return kernel


def with_overlay(initrd, overlay, folder):
    target = os.path.join(folder, "initramfs")
    image.overlay(overlay, target + ".overlay")
    return keep(target, read(initrd) + read(target + ".overlay"))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def keep(path, data):
    """Written aside first: what was there may be what a machine that is up was made of."""
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.replace(path + ".new", path)
    return path


def fingerprint(options, built):
    """Changes with everything that a machine with these options is made of."""
    facts = dataclasses.asdict(options)
    for name in ("instance", "boot_timeout", "cache"):
        del facts[name]
    parts = [json.dumps(facts, sort_keys=True), built.folder]
    own = [options.xen, options.dom0_kernel]
    for root, _, names in os.walk(options.dom0_overlay or ""):
        own += [os.path.join(root, name) for name in sorted(names)]
    for path in filter(None, own):
        status = os.lstat(path)
        parts.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

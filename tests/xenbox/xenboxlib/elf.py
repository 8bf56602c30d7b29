# SPDX-License-Identifier: MIT
"""The little that the image builder asks of ELF files and Linux kernel images."""

import lzma
import struct
import zlib

PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NULL, DT_NEEDED, DT_STRTAB = 0, 1, 5


def is_elf(data):
    return data[:4] == b"\x7fELF"


def segments(data):
    """(type, file offset, address, file size) of each program header, 64-bit ELF."""
    table, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for index in range(count):
        kind, _, offset, address, _, length = struct.unpack_from(
            "<IIQQQQ", data, table + index * size)
        yield kind, offset, address, length


def load_end(data):
    """The first physical address behind a guest's loaded ELF image; 0 if it is no ELF."""
    if not is_elf(data):
        return 0
    wide = data[4] == 2
    table, = struct.unpack_from("<Q", data, 32) if wide else struct.unpack_from("<I", data, 28)
    size, count = struct.unpack_from("<HH", data, 54 if wide else 42)
    ends = [0]
    for at in range(table, table + size * count, size):
        kind, = struct.unpack_from("<I", data, at)
        address, = struct.unpack_from("<Q", data, at + 24) if wide else \
            struct.unpack_from("<I", data, at + 12)
        length, = struct.unpack_from("<Q", data, at + 40) if wide else \
            struct.unpack_from("<I", data, at + 20)
        if kind == PT_LOAD:
            ends.append(address + length)
    return max(ends)


def needed(data):
    """The shared libraries that a 64-bit ELF names, its interpreter among them."""
    if not is_elf(data) or data[4] != 2:
        return []
    parts = list(segments(data))
    names = [data[o:o + n].rstrip(b"\0").decode().rpartition("/")[2]
             for kind, o, _, n in parts if kind == PT_INTERP]
    for kind, offset, _, length in parts:
        if kind == PT_DYNAMIC:
            names += dynamic_names(data, parts, offset, length)
    return names


def dynamic_names(data, parts, offset, length):
    tags = list(struct.iter_unpack("<QQ", data[offset:offset + length // 16 * 16]))
    strings = dict(tags).get(DT_STRTAB, 0)
    base = next((o + strings - a for kind, o, a, n in parts
                 if kind == PT_LOAD and a <= strings < a + n), None)
    if base is None:
        return []
    return [data[base + value:data.index(b"\0", base + value)].decode()
            for tag, value in tags if tag == DT_NEEDED]


def module_depends(data):
    """The modules that a kernel module says it depends on."""
    at = data.find(b"\0depends=")
    if at < 0:
        return []
    end = data.index(b"\0", at + 1)
    return [name for name in data[at + 9:end].decode().split(",") if name]


def unpack_kernel(data):
    """The ELF inside a bzImage, so that Xen need not decompress it in emulation.

    Returns the data unchanged when it is no bzImage or packed in a way that the
    standard library cannot undo: Xen takes the bzImage too, only slower.
    """
    if data[0x202:0x206] != b"HdrS" or struct.unpack_from("<H", data, 0x206)[0] < 0x208:
        return data
    start = (data[0x1f1] + 1) * 512 + struct.unpack_from("<I", data, 0x248)[0]
    packed = data[start:start + struct.unpack_from("<I", data, 0x24c)[0]]
    if packed[:6] == b"\xfd7zXZ\0":
        return lzma.LZMADecompressor().decompress(packed)
    if packed[:2] == b"\x1f\x8b":
        return zlib.decompressobj(31).decompress(packed)
    return packed if is_elf(packed) else data


def unpack_gzip(data):
    return zlib.decompressobj(31).decompress(data) if data[:2] == b"\x1f\x8b" else data


def is_multiboot(data):
    """Whether a multiboot 1 header (as every Xen has) lies where loaders look for it."""
    for at in range(0, min(len(data), 8192) - 12, 4):
        magic, flags, check = struct.unpack_from("<III", data, at)
        if magic == 0x1badb002 and (magic + flags + check) & 0xffffffff == 0:
            return True
    return False

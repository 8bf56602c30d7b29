# SPDX-License-Identifier: MIT
"""A file tree in memory, and the initramfs archive (cpio "newc") made of it.

Nothing is ever unpacked to disk, so no root is needed to give the files to root
or to make device nodes: both are only numbers in the archive.
"""

import stat

MERGED = ("bin", "sbin", "lib", "lib64")  # links into usr/ in the dom0 image


class Tree:
    """Paths (no leading slash) to entries (mode, data, device)."""

    def __init__(self):
        self.entries = {}

    def add_file(self, path, data, mode=0o644):
        self._add(path, stat.S_IFREG | mode, data)

    def add_link(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def add_dir(self, path):
        self._add(path, stat.S_IFDIR | 0o755, b"")

    def add_node(self, path, major, minor):
        self._add(path, stat.S_IFCHR | 0o600, b"", (major, minor))

    def _add(self, path, mode, data, device=(0, 0)):
        path = merged(path)
        if path:
            self.entries[path] = (mode, data, device)

    def resolve(self, path):
        """Follow symbolic links of the last component; None when it leads nowhere."""
        for _ in range(10):
            entry = self.entries.get(merged(path))
            if entry is None or not stat.S_ISLNK(entry[0]):
                return merged(path) if entry else None
            target = entry[1].decode()
            base = "" if target.startswith("/") else path.rpartition("/")[0]
            path = normal(f"{base}/{target}")
        return None

    def parents(self):
        """Every directory that some entry needs and that is not listed itself."""
        missing = set()
        for path in self.entries:
            while "/" in path:
                path = path.rpartition("/")[0]
                if path not in self.entries:
                    missing.add(path)
        return missing

    def write(self, out):
        """Write the archive; parents come before what is in them."""
        for path in self.parents():
            self.add_dir(path)
        for number, path in enumerate(sorted(self.entries), 1):
            write_entry(out, number, path, *self.entries[path])
        write_entry(out, 0, "TRAILER!!!", 0, b"", (0, 0))


def normal(path):
    parts = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def merged(path):
    """The path with bin, sbin, lib, lib64 moved into usr: there these are links."""
    path = normal(path)
    head, slash, _ = path.partition("/")
    return f"usr/{path}" if slash and head in MERGED else path


def write_entry(out, number, path, mode, data, device):
    name = path.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
    out.write(b"070701" + b"".join(b"%08X" % field for field in fields) + name)
    out.write(b"\0" * (-(110 + len(name)) % 4) + data + b"\0" * (-len(data) % 4))

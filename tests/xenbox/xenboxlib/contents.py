# SPDX-License-Identifier: MIT
"""What of the packages goes into dom0: files by the recipe, the kernel modules that it
names with those they depend on, and the libraries that something kept needs.
"""

import os
import subprocess
import tarfile

from . import elf
from .cpio import Tree, merged
from .errors import BedError

LIBRARY_DIRS = ("usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/lib")


def members(debs, row):
    """(path, member, reader) of each file and link in a package."""
    deb = os.path.join(debs, row.file)
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                          stdout=subprocess.PIPE) as unpack:
        with tarfile.open(fileobj=unpack.stdout, mode="r|") as tar:
            for member in tar:
                yield merged(member.name), member, tar
        unpack.stdout.read()
    if unpack.returncode:
        os.unlink(deb)
        raise BedError(f"{row.file} is damaged", "it was removed: run it again")


def collect(recipe, rows, debs, step):
    """Everything that the recipe keeps: the tree, and what the boot loader takes."""
    tree, boot = Tree(), {}
    for number, row in enumerate(rows):
        step.gauge(f"{row.name} ({number + 1} of {len(rows)})")
        for path, member, tar in members(debs, row):
            if not recipe.keeps(path):
                continue
            if path.startswith("boot/"):
                boot[os.path.basename(path).split("-")[0]] = tar.extractfile(member).read()
            else:
                add(tree, path, member, tar)
    return tree, boot


def add(tree, path, member, tar):
    if member.issym():
        tree.add_link(path, member.linkname)
    elif member.islnk():
        mode, data, _ = tree.entries[merged(member.linkname)]
        tree.add_file(path, data, mode & 0o7777)
    elif member.isfile():
        tree.add_file(path, tar.extractfile(member).read(), member.mode)


def modules(tree, recipe, rows, debs):
    """The recipe's kernel modules and what they depend on, with the order to load them."""
    row = next(row for row in rows if row.name.startswith("linux-image-")
               and row.name != "linux-image-amd64")
    names = [canonical(name) for name in recipe.modules]
    wanted, found = set(names), {}
    while wanted - set(found):
        before = len(found)
        for path, member, tar in members(debs, row):
            name = module_name(path)
            if name in wanted and name not in found:
                found[name] = path, tar.extractfile(member).read()
        if len(found) == before:
            builtin = wanted - set(found)
            raise BedError(f"no such kernel module in {row.name}: {', '.join(builtin)}",
                           "correct dom0/recipe")
        wanted.update(*(map(canonical, elf.module_depends(data))
                        for _, data in found.values()))
    for path, data in found.values():
        tree.add_file(path, data)
    order = load_order(names, found)
    tree.add_file("etc/xenbox/modules", "".join(f"/{found[n][0]}\n" for n in order).encode())
    version = row.name.partition("linux-image-")[2]
    tree.add_file("etc/xenbox/kernel", f"{version}\n".encode())
    tree.add_file("etc/xenbox/module-names", "\n".join(names + [""]).encode())


def module_name(path):
    return canonical(os.path.basename(path)[:-3]) if path.endswith(".ko") else None


def canonical(name):
    """Module names are written with - or _, and both mean the same."""
    return name.replace("-", "_")


def load_order(names, found, done=None):
    done = [] if done is None else done
    for name in names:
        if name not in done:
            depends = map(canonical, elf.module_depends(found[name][1]))
            load_order(list(depends), found, done)
            done.append(name)
    return done


def prune(tree):
    """Leave out the libraries that no kept program needs, directly or indirectly."""
    libraries = {path for path in tree.entries if path.startswith(LIBRARY_DIRS[0] + "/")}
    used = set()
    queue = [path for path in tree.entries if path not in libraries]
    while queue:
        path = queue.pop()
        for name in elf.needed(tree.entries[path][1]):
            links = [f"{folder}/{name}" for folder in LIBRARY_DIRS]
            link = next((link for link in links if tree.resolve(link)), None)
            if link is None:
                raise BedError(f"{path} needs {name}, which the recipe leaves out",
                               "add its package or a keep line to dom0/recipe")
            if link not in used:
                used.update((link, tree.resolve(link)))
                queue.append(tree.resolve(link))
    for path in libraries - used:
        del tree.entries[path]

# SPDX-License-Identifier: MIT
"""Which packages make dom0, and how they come here: apt-get, as any user.

apt-get resolves the wanted packages as if nothing were installed, with the machine's
own package sources. When its lists are absent or out of date, fresh ones are fetched
into the cache; the system's own state is never written.
"""

import collections
import fnmatch
import os
import re
import subprocess
import threading
import urllib.parse

from .errors import BedError

Package = collections.namedtuple("Package", "name version file size")
LINE = re.compile(r"^'[^']*' (\S+)_(\S+)_(\S+)\.deb (\d+)", re.M)


class Apt:
    def __init__(self, cache):
        self.debs = os.path.join(cache, "debs")
        self.state = os.path.join(cache, "apt")
        self.private = False
        for path in ("partial", "lists/partial", "archives/partial"):
            os.makedirs(os.path.join(self.state, path), exist_ok=True)
        os.makedirs(self.debs, exist_ok=True)
        with open(os.path.join(self.state, "status"), "w"):
            pass

    def command(self, *words):
        """apt-get with every file that it writes inside the cache."""
        options = {"Dir::State::status": f"{self.state}/status",
                   "Dir::Cache": self.state, "Dir::Cache::archives": "archives/",
                   "Debug::NoLocking": "1", "APT::Install-Recommends": "0",
                   "APT::Sandbox::User": "root"}
        if self.private:
            options["Dir::State::lists"] = f"{self.state}/lists/"
        pairs = [f"-o{key}={value}" for key, value in options.items()]
        return ["apt-get", "-qq", *pairs, *words]

    def call(self, *words, **more):
        env = dict(os.environ, LC_ALL="C")
        return subprocess.run(self.command(*words), env=env, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, **more)

    def update(self, step):
        """Fetch package lists of our own: the system's are missing or stale."""
        step.note("package lists are missing or out of date: fetching fresh ones")
        self.private = True
        done = self.call("update")
        if done.returncode or "Failed to fetch" in done.stderr:
            raise BedError("apt-get could not fetch the package lists:\n" + done.stderr,
                           "check the network and the machine's apt sources")

    def resolve(self, wanted):
        """Every package that installing `wanted` on an empty system would bring."""
        done = self.call("--print-uris", "install", *wanted)
        if done.returncode:
            return None, done.stderr
        rows = [Package(n, urllib.parse.unquote(v), f"{n}_{v}_{a}.deb", int(size))
                for n, v, a, size in LINE.findall(done.stdout)]
        return rows, ""

    def plan(self, recipe, step):
        """The packages to use, by the recipe: what it names, and libraries of those."""
        rows, why = self.resolve(recipe.packages)
        if not rows:
            self.update(step)
            rows, why = self.resolve(recipe.packages)
        if not rows:
            raise BedError("apt-get cannot resolve dom0's packages:\n" + why,
                           "dom0 is made of Debian 12 packages: use a machine (or a "
                           "container) whose apt sources are Debian 12's")
        return sorted(row for row in rows if recipe.takes_package(row.name))

    def missing(self, rows):
        have = set(os.listdir(self.debs))
        return [row for row in rows if row.file not in have]

    def fetch(self, rows, step):
        """Bring the packages into the cache; apt-get checks their hashes."""
        if self.missing(rows) and self.download(self.missing(rows), step).returncode:
            self.update(step)
            done = self.download(self.missing(rows), step)
            if done.returncode or self.missing(rows):
                names = " ".join(row.name for row in self.missing(rows))
                raise BedError(f"could not fetch: {names}\n{done.stderr}",
                               "check the network; what has arrived is kept, so simply "
                               "run it again")

    def download(self, rows, step):
        total = sum(row.size for row in rows)
        before = self.size()
        done = threading.Event()

        def watch():
            while not done.wait(0.3):
                have = (self.size() - before) / 1e6
                step.gauge(f"{have:.0f} of {total / 1e6:.0f} MB")
        step.note(f"{len(rows)} packages, {total / 1e6:.0f} MB")
        threading.Thread(target=watch, daemon=True).start()
        try:
            return self.call("download", *(f"{r.name}={r.version}" for r in rows),
                             cwd=self.debs)
        finally:
            done.set()

    def forget_others(self, rows):
        """Remove the packages that an older image was made of."""
        for name in set(os.listdir(self.debs)) - {row.file for row in rows}:
            os.unlink(os.path.join(self.debs, name))

    def size(self):
        return sum(entry.stat().st_size for entry in os.scandir(self.debs)
                   if entry.is_file())


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

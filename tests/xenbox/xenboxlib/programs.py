# SPDX-License-Identifier: MIT
"""Programs of our own for dom0, compiled when its image is built: dom0/hostile, a backend for
tests of frontends. Its shared libraries are those of dom0's own packages.
"""

import glob
import os
import subprocess
import tempfile

from .errors import BedError

FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-s")
LIBRARIES = ("xengnttab", "xenevtchn", "xenstore")


def sources(folder):
    """All that a program is made of, in an order that does not change."""
    return sorted(glob.glob(os.path.join(folder, "*.[ch]")))


def build(folder, compiler="gcc"):
    """The program, as bytes."""
    with tempfile.TemporaryDirectory() as place:
        target = os.path.join(place, "program")
        words = [compiler, *FLAGS, "-o", target,
                 *(path for path in sources(folder) if path.endswith(".c")),
                 *(f"-l{name}" for name in LIBRARIES)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise BedError(f"there is no {compiler}", "tests/install-deps run") from None
        if done.returncode:
            raise BedError(f"{folder} cannot be compiled:\n{done.stderr}",
                           "tests/install-deps run installs what it needs")
        with open(target, "rb") as file:
            return file.read()

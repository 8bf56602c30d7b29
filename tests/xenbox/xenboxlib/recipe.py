# SPDX-License-Identifier: MIT
"""The recipe of dom0 (dom0/recipe), parsed: packages, files to keep, kernel modules."""

import hashlib
import os

from . import programs
from .packages import matches

DOM0 = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "dom0")
# The scripts of dom0/, and where each lies there.
SCRIPTS = {"init": "init", "profile": "etc/profile", "agent": "usr/bin/agent",
           "run-guest": "usr/bin/run-guest", "block-file": "etc/xen/scripts/block-file"}
PROGRAMS = {"hostile": "hostile-backend"}  # sources, and what they are compiled to


class Recipe:
    def __init__(self, path=os.path.join(DOM0, "recipe")):
        self.packages, self.libraries, self.modules, self.rules = [], [], [], []
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        lists = {"package": self.packages, "library": self.libraries,
                 "module": self.modules}
        for line in self.text.splitlines():
            word, _, value = line.partition(" ")
            if word in lists:
                lists[word].append(value)
            elif word in ("keep", "drop"):
                self.rules.append((word == "keep", value))

    def takes_package(self, name):
        return name in self.packages or matches(name, self.libraries)

    def keeps(self, path):
        """Whether the recipe's first matching rule keeps this file."""
        return next((keep for keep, rule in self.rules if matches(path, [rule])), False)

    def digest(self):
        """Changes whenever the image would: with the recipe, the scripts, the programs, the
        builder."""
        total = hashlib.sha256(self.text.encode())
        here = os.path.dirname(os.path.abspath(__file__))
        builder = [os.path.join(here, name)
                   for name in ("contents.py", "cpio.py", "elf.py", "image.py", "programs.py",
                                "recipe.py")]
        ours = [os.path.join(DOM0, name) for name in SCRIPTS]
        for folder in PROGRAMS:
            ours += programs.sources(os.path.join(DOM0, folder))
        for path in ours + builder:
            with open(path, "rb") as file:
                total.update(file.read())
        return total.hexdigest()

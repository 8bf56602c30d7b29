# SPDX-License-Identifier: MIT
"""Images with a fault built in (lib/fault.h)."""

import os
import shutil
import subprocess

from test_matrix import IMAGE, REPO

OTHERS = shutil.ignore_patterns("host", "fuzz", "tsan", "models", "guest-tests")


def build(fault, folder):
    """The path of the image: what is built already, and the few files that have the fault."""
    shutil.copytree(os.path.dirname(IMAGE), folder, symlinks=True, ignore=OTHERS,
                    dirs_exist_ok=True)
    subprocess.run(["make", "-s", "-C", REPO, f"FAULT={fault}", f"BUILD={folder}"], check=True)
    return os.path.join(folder, "daisy.elf")

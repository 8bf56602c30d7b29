#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Seeds of the fuzzers: from text to bytes.

seeds.py FOLDER OUT   each *.seed of the folder, if it is there, becomes a file of bytes in OUT
                      (made anew)
seeds.py --text FILE  the other way: a found input as text, to be kept as a seed

In a seed, # begins a comment. Words are bytes in hex ("41504943", in any grouping), "text" (with
Python's escapes), or N*word, a word repeated: 20*00.
"""

import glob
import os
import re
import shutil
import sys

WORD = re.compile(r"""\s+ | \#[^\n]* | (?:(?P<times>\d+)\*)?(?:"(?P<text>(?:[^"\\]|\\.)*)"
                      |(?P<hex>[0-9a-fA-F]+))""", re.X)


def seed_bytes(path):
    with open(path, encoding="ascii") as file:
        text = file.read()
    at, out = 0, b""
    while at < len(text):
        word = WORD.match(text, at)
        if not word or word.group("hex") and len(word.group("hex")) % 2:
            line = text.count("\n", 0, at) + 1
            sys.exit(f"{path}:{line}: neither bytes in hex, nor \"text\", nor a comment")
        at = word.end()
        if word.group("hex"):
            piece = bytes.fromhex(word.group("hex"))
        elif word.group("text") is not None:
            piece = word.group("text").encode().decode("unicode_escape").encode("latin1")
        else:
            continue
        out += piece * int(word.group("times") or 1)
    return out


def convert(folder, out):
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    seeds = sorted(glob.glob(os.path.join(folder, "*.seed")))
    if not seeds and os.path.isdir(folder):
        sys.exit(f"{folder}: there are no seeds")
    for path in seeds:
        name = os.path.basename(path).removesuffix(".seed")
        with open(os.path.join(out, name), "wb") as file:
            file.write(seed_bytes(path))


def show(path):
    with open(path, "rb") as file:
        data = file.read()
    for at in range(0, len(data), 32):
        print(data[at:at + 32].hex(" ", 4))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if sys.argv[1] == "--text":
        show(sys.argv[2])
    else:
        convert(sys.argv[1], sys.argv[2])

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Shortens a failing storm to the fewest steps that still fail, and tells them in words.

    bisect_cell.py --cell storm_vector_fifo --seed 7 [--image FILE] [--vcpus N] [--type hvm]

A step is a function of the seed and its number alone, so any selection of them can be run: first
those up to the one at which it failed, then, by delta debugging, fewer and fewer. What is left
fails, and with any single step less it does not. Exit code 0: found; 1: the storm does not fail.
"""

import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REPO = os.path.dirname(os.path.dirname(HERE))
XENBOX = os.path.join(REPO, "tests", "xenbox", "xenbox")
# A cell's word to the words of the command line that lead there at boot.
ROUTES = {"pic_intx": "route=intx intx=pic", "ioapic_intx": "route=intx intx=ioapic",
          "gsi_intx": "route=intx intx=gsi", "isa_gsi": "route=gsi intx=ioapic",
          "pic_gsi": "route=gsi intx=pic", "vector": "route=vector", "percpu": "route=percpu",
          "hybrid": "route=hybrid", "percpu_assist": "route=assist", "poll": "route=poll"}
BOARD = ("pic_intx", "ioapic_intx", "gsi_intx", "isa_gsi", "pic_gsi", "hybrid",
         "percpu_assist")  # want an hvm domain
SETTINGS = {"percpu_assist": ['--set', 'viridian=["base","apic_assist"]']}
LIST_MAX = 2047          # characters of steps= that Daisy takes


def route_and_abi(cell):
    """The command line's words for a cell, the kind of domain that it needs, and xenbox's words."""
    found = re.fullmatch(r"storm_(\w+)_(2l|fifo)", cell)
    if not found or found.group(1) not in ROUTES:
        sys.exit(f"{cell}: no such cell; expected storm_ROUTE_ABI with one of "
                 f"{', '.join(ROUTES)} and one of 2l, fifo")
    route, abi = found.groups()
    kind = "hvm" if route in BOARD else "pvh"
    return f"{ROUTES[route]} abi={abi}", kind, SETTINGS.get(route, [])


def as_list(steps):
    """[1, 2, 3, 7] as "1-3,7", as the command line has it."""
    parts = []
    for step in sorted(steps):
        if parts and step == parts[-1][1] + 1:
            parts[-1][1] = step
        else:
            parts.append([step, step])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in parts)


def shorten(steps, fails):
    """Zeller's ddmin: the shortest it finds of which no single step can be left out.

    fails(steps) says whether a selection fails. The whole is known to.
    """
    pieces = 2
    while len(steps) > 1:
        size = -(-len(steps) // pieces)
        chunks = [steps[i:i + size] for i in range(0, len(steps), size)]
        for chunk in chunks:
            rest = [step for step in steps if step not in set(chunk)]
            if len(chunks) > 2 and fails(chunk):
                steps, pieces = chunk, 2
                break
            if rest and fails(rest):
                steps, pieces = rest, max(pieces - 1, 2)
                break
        else:
            if pieces >= len(steps):
                break
            pieces = min(2 * pieces, len(steps))
    return steps


class Storm:
    """The same storm again and again, with fewer steps."""

    def __init__(self, args):
        self.args = args
        self.words, kind, self.more = route_and_abi(args.cell)
        self.kind = args.type or kind
        self.runs = 0

    def run(self, steps=None):
        """(the violation's words or None, the console)."""
        words = f"test=storm {self.words} seed={self.args.seed} events={self.args.events}"
        if steps is not None:
            words += f" steps={as_list(steps)}"
        self.runs += 1
        done = subprocess.run(
            [XENBOX, "run", self.args.image, "--type", self.kind, "--vcpus",
             str(self.args.vcpus), "--timeout", str(self.args.timeout), "--cmdline",
             f"{words} {self.args.cmdline}".strip(), *self.more],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            check=False)
        text = done.stdout.replace("\r", "")
        found = re.search(rf"^(?:not )?ok \d+ {self.args.cell}(?: # (.*))?$", text, re.M)
        if not found:
            sys.exit(f"{text}\nthe cell {self.args.cell} did not run: see above")
        return (found.group(1) if found.group(0).startswith("not ok") else None), text

    def fails(self, steps):
        if len(as_list(steps)) > LIST_MAX:
            return False
        failed = self.run(steps)[0]
        print(f"  {len(steps):5} steps: {failed or 'passes'}", flush=True)
        return failed is not None


def options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cell", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--image", default=os.path.join(REPO, "build", "daisy.elf"))
    parser.add_argument("--events", type=int, default=20000)
    parser.add_argument("--vcpus", type=int, default=1)
    parser.add_argument("--type", choices=("hvm", "pvh"))
    parser.add_argument("--cmdline", default="", help="more words, e.g. x2apic=off")
    parser.add_argument("--timeout", type=int, default=300)
    return parser.parse_args()


def main():
    storm = Storm(options())
    failed, text = storm.run()
    if not failed:
        print(f"{storm.args.cell} passes with seed {storm.args.seed}, run as a boot of its own")
        print("A failure of a tour may need the switch before the cell: repeat it with storm=all")
        return 1
    print(f"{storm.args.cell}: {failed}")
    last = re.search(r", step (\d+),", failed)
    steps = list(range(int(last.group(1)) + 1)) if last else None
    if not steps or not storm.fails(steps):
        print("it does not fail in the same place again: a race; try --events, --vcpus")
        return 1
    steps = shorten(steps, storm.fails)
    failed, text = storm.run(steps)
    print(f"{len(steps)} steps are left after {storm.runs} runs: steps={as_list(steps)}")
    print("\n".join(re.findall(r"^# (step \d+: .*)$", text, re.M)))
    print(failed or "(this time it passed: a race)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Tours with new seeds, one after the other, until told to stop or until the time is up.

Prints a line for each tour, and stops at the first failure with what repeats it. SOAK_MINUTES
limits the time (without it: until Ctrl-C), SOAK_SEED is the first seed (default: the clock's).
"""

import os
import re
import shlex
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
XENBOX = os.path.join(os.path.dirname(HERE), "xenbox", "xenbox")
MACHINES = (("pvh", 1), ("pvh", 4), ("hvm", 1), ("hvm", 4))
EVENTS = 10000
PATIENCE = 1200          # seconds for one tour
SETTINGS = {"hvm": ("--set", 'viridian=["base","apic_assist"]'), "pvh": ()}


def words(image, kind, vcpus, seed):
    """What xenbox is called with."""
    return ["run", image, "--type", kind, "--vcpus", str(vcpus), *SETTINGS[kind], "--timeout",
            str(PATIENCE), "--cmdline", f"test=storm storm=all events={EVENTS} seed={seed}"]


def tour(image, kind, vcpus, seed):
    """(passed, runs, the console)"""
    done = subprocess.run([XENBOX, *words(image, kind, vcpus, seed)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    return done.returncode == 0, sum(map(int, re.findall(r"# runs (\d+)", done.stdout))), \
        done.stdout


def main():
    minutes = os.environ.get("SOAK_MINUTES")
    until = time.monotonic() + 60 * float(minutes) if minutes else float("inf")
    seed = int(os.environ.get("SOAK_SEED", time.time()))
    tours = total = 0
    while time.monotonic() < until:
        kind, vcpus = MACHINES[tours % len(MACHINES)]
        start = time.monotonic()
        passed, runs, text = tour(sys.argv[1], kind, vcpus, seed + tours)
        print(f"{'pass' if passed else 'FAIL'} {kind}, {vcpus} vCPUs, seed {seed + tours}: "
              f"{runs} runs in {time.monotonic() - start:.0f} s", flush=True)
        if not passed:
            print(text)
            again = words(sys.argv[1], kind, vcpus, seed + tours)
            print(f"again: xenbox {shlex.join(again)}")
            return 1
        tours += 1
        total += runs
    print(f"soak: {tours} tours, {total} runs, no failure")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("soak: stopped, no failure")

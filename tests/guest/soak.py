#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""First what an event of 100,000 channels costs, once, for it is counted and has no seed. Then tours with
new seeds and, in turn with them, storms that are saved and restored ten times, one after the other,
until told to stop or until the time is up.

Prints a line for each, and stops at the first failure with what repeats it. SOAK_MINUTES limits the
time (without it: until Ctrl-C), SOAK_SEED is the first seed (default: the clock's), SOAK_ONLY is
"crowd", "tours" or "lives".
"""

import itertools
import os
import re
import shlex
import subprocess
import sys
import time

from matrix import ASSIST

HERE = os.path.dirname(os.path.abspath(__file__))
XENBOX = os.path.join(os.path.dirname(HERE), "xenbox", "xenbox")
MACHINES = (("pvh", 1), ("pvh", 4), ("hvm", 1), ("hvm", 4))
EVENTS = 10000
PATIENCE = 1200          # seconds for one tour
CYCLES = 10              # suspends of one life
SETTINGS = {"hvm": ("--set", ASSIST), "pvh": ()}

ROUTES = {"pvh": ("percpu", "vector", "poll"),
          "hvm": ("intx intx=ioapic", "intx intx=pic", "gsi", "percpu", "vector", "poll",
                  "assist", "hybrid")}


def lives():
    """Name to a guest's fields: every route, both ABIs, one vCPU and four."""
    for kind, vcpus in MACHINES:
        for route, abi in itertools.product(ROUTES[kind], ("2l", "fifo")):
            if route == "hybrid" and vcpus == 1:
                continue
            name = f"{kind}-{vcpus}-{route.split('=')[-1].split()[-1]}-{abi}"
            yield name, {"type": kind, "vcpus": vcpus, "cmdline": f"route={route} abi={abi}",
                         "settings": (ASSIST,) if route == "assist" else ()}


LIVES = dict(lives())


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


def one_tour(image, turn, seed):
    """(passed, what it was, the console, what repeats it)"""
    kind, vcpus = MACHINES[turn % len(MACHINES)]
    passed, runs, text = tour(image, kind, vcpus, seed)
    return passed, f"{kind}, {vcpus} vCPUs, seed {seed}: {runs} runs", text, \
        f"xenbox {shlex.join(words(image, kind, vcpus, seed))}"


def one_life(image, _turn, seed):
    """The same for a storm that goes through ten suspends (soak_life.py)."""
    name = list(LIVES)[seed % len(LIVES)]  # each night begins at another one
    passed, text, again = tests(image, ("soak_life.py", "-k", name), SOAK_SEED=str(seed))
    return passed, f"{name}, seed {seed}: {CYCLES} suspends", text, again


def one_crowd(image, _turn, _seed):
    """The same for a crowd of channels (soak_crowd.py)."""
    passed, text, again = tests(image, ("soak_crowd.py", "-s"))
    counted = re.findall(r"^crowd: (.+)", text, re.M)
    return passed, "; ".join(counted) or "a crowd of channels", text, again


def tests(image, words, **env):
    """(passed, what pytest says, what repeats it)"""
    file, *more = words
    call = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider",
            os.path.join(HERE, file), *more]
    env = {"DAISY_BUILD": os.path.dirname(os.path.abspath(image))} | env
    done = subprocess.run(call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, env=os.environ | env)
    again = " ".join(f"{key}={value}" for key, value in env.items())
    return done.returncode == 0, done.stdout, f"{again} {shlex.join(call)}"


def turns():
    """What is to be done, for ever, unless it is the crowd alone."""
    only = os.environ.get("SOAK_ONLY")
    if only in (None, "crowd"):
        yield one_crowd, 0
    for turn in itertools.count() if only != "crowd" else ():
        if only != "lives":
            yield one_tour, turn
        if only != "tours":
            yield one_life, turn


def main():
    minutes = os.environ.get("SOAK_MINUTES")
    until = time.monotonic() + 60 * float(minutes) if minutes else float("inf")
    seed = int(os.environ.get("SOAK_SEED", time.time()))
    count = {one_crowd: 0, one_tour: 0, one_life: 0}
    for do, turn in turns():
        start = time.monotonic()
        if start >= until:
            break
        passed, what, text, again = do(sys.argv[1], turn, seed + turn)
        print(f"{'pass' if passed else 'FAIL'} {what} in {time.monotonic() - start:.0f} s",
              flush=True)
        if not passed:
            print(f"{text}\nagain: {again}")
            return 1
        count[do] += 1
    print(f"soak: {count[one_crowd]} crowds, {count[one_tour]} tours, "
          f"{count[one_life]} storms saved and restored, no failure")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("soak: stopped, no failure")

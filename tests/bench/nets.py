# SPDX-License-Identifier: MIT
"""A network card: round trips and datagrams, 64 to 1400 bytes of data, on a bridge in dom0, where one
program (peer/net.c) asks both guests the same. What is timed: both are up, each is asked in its turn. What
is counted: each alone, its VM entries and instructions for an echo, or for a datagram that it sends.

Linux answers UDP from a program of user space and ICMP in its kernel, as Daisy does both: so there are both.
"""

import os
import re
import time

import peer
import starts
from counts import BEGIN_END, spent
from pairs import in_turn, ratio
from xenboxlib import Guest, Run
from xenboxlib.guest import HERE, text
from xenboxlib.progress import say

BRIDGE, DOM0, PREFIX = "xenbr0", "192.168.7.1", 24
DAISY, LINUX = "192.168.7.2", "192.168.7.3"
MACS = {DAISY: "00:16:3e:00:00:02", LINUX: "00:16:3e:00:00:03"}
SIZES = (64, 512, 1400)
WINDOW = 32   # of datagrams under way; less than a card's ring has, so that none is lost
ROUNDS, STREAM = 60, 640  # datagrams of each point that is timed
LONG_STREAM = 6400  # where the two are so much alike that a short one says nothing
COUNTED = {1: 100, WINDOW: 640}  # and counted: so many under way
# name, how net.c is asked, datagrams, window: "in" goes one way but for each 32nd
WAYS = [("udp round trips", "udp", ROUNDS, 1), ("icmp round trips", "icmp", ROUNDS, 1),
        ("udp both ways", "udp", STREAM, WINDOW), ("icmp both ways", "icmp", STREAM, WINDOW),
        ("icmp in", "in", LONG_STREAM, WINDOW)]
OUT = 5000    # of a stream that a guest sends
TRIES = 5
SECONDS = 2   # of round trips that the guest begins
SAID = re.compile(r"(\d+) ns, (\d+) lost\n")
SENT = re.compile(rf"{OUT} datagrams of \d+ bytes sent\s+\d+ notifications")
BEGUN = re.compile(r"(\d+) round trips of \d+ bytes in (\d+) s, 0 lost")


def measure(bench):
    return {"timed": timed(bench), "counted": counted(bench)}


# -- the guests -------------------------------------------------------------------------------

def vif(address):
    return f'vif=["bridge={BRIDGE},type=vif,mac={MACS[address]}"]'


def daisy(bench, **more):
    """At its prompt. The memory is the other's, which needs it."""
    return Guest(bench.image, type="pvh", memory=peer.MEMORY, timeout=starts.PATIENCE,
                 cmdline=f"shell ip={DAISY}/{PREFIX}", settings=(vif(DAISY),), **more)


def linux(bench):
    options = bench.peer.guest("pvh", f"peer.net={LINUX}/{PREFIX}")
    options["settings"] += (vif(LINUX),)
    return Guest(bench.peer.image("pvh"), timeout=starts.PATIENCE, **options)


def do(bed, script):
    status, said = bed.execute(script, timeout=starts.PATIENCE)
    assert status == 0, said
    return said


def comes_up(run):
    """As far as a first line; or it is said why there is no guest."""
    assert run.expect(".", starts.PATIENCE), run.wait().message


def reach(bed, address):
    """dom0 has the bridge's address, and the guest echoes."""
    do(bed, f"""
        chmod +x {HERE}/net; ip link set {BRIDGE} up; ip addr replace {DOM0}/{PREFIX} dev {BRIDGE}
        for turn in $(seq 100); do
            {HERE}/net udp {address} 1 1 64 >/dev/null && exit 0
            sleep 0.2
        done; exit 1""")


def ask(bed, words):
    """Of net.c in dom0: nanoseconds. Where some were lost it is what the wait for them took: then once
    more, and it is said."""
    for _ in range(TRIES):
        _, said = bed.execute(f"{HERE}/net {words}", timeout=starts.PATIENCE)
        found = SAID.fullmatch(said)
        assert found, said
        if found[2] == "0":
            return int(found[1])
        say(f"net {words}: {said.strip()}")
    raise AssertionError(f"net {words}: each time some are lost")


def program(bench):
    path = os.path.join(bench.folder, "net")
    with open(path, "wb") as file:
        file.write(peer.compiled(*peer.NET))
    return path


# -- in turn ----------------------------------------------------------------------------------

def timed(bench):
    """The other one is created beside it, by a script: a bed has one guest."""
    other = linux(bench)
    pairs, _ = other.config()
    pairs |= {"name": '"linux"', "kernel": f'"{HERE}/vmlinux"'}
    config = os.path.join(bench.folder, "linux.cfg")
    with open(config, "w", encoding="ascii") as file:
        file.write(text(pairs))
    files = {"net": program(bench), "vmlinux": other.image, "linux.cfg": config, **other.files}
    run = Run(bench.plain, daisy(bench, files=files), keep_up=True)
    try:
        comes_up(run)
        reach(bench.plain, DAISY)
        do(bench.plain, f"xl create {HERE}/linux.cfg")
        reach(bench.plain, LINUX)
        return [asked(bench.plain, *way, size) for way in WAYS for size in SIZES] + [
            begun(run, size) for size in SIZES] + [out(run, size) for size in SIZES]
    finally:
        bench.plain.execute("xl destroy linux")
        run.stop()


def asked(bed, name, how, count, window, size):
    """How many in the same time, of Linux's."""
    def rate(address):
        return count * 1e9 / ask(bed, f"{how} {address} {count} {window} {size}")
    return row(name, size, lambda: rate(DAISY), lambda: rate(LINUX))


def begun(run, size):
    """Pings of the guest's own: Daisy's by its shell, Linux's by the same program as dom0's."""
    def own():
        said = typed(run, f"net bench {DOM0} {SECONDS} {size}", BEGUN)
        return int(said[1]) / int(said[2])

    def others():
        return ROUNDS * 1e9 / ask(run.bed, f"ask {LINUX} icmp {ROUNDS} {size}")
    return row("icmp round trips, the guest begins", size, own, others)


def out(run, size):
    """What arrives of a stream that the guest sends."""
    return row("udp out", size, lambda: streamed(run, daisy_streams, size),
               lambda: streamed(run, linux_streams, size))


def daisy_streams(run, size):
    typed(run, f"net send {DOM0} {OUT} {size}", SENT)


def linux_streams(run, size):
    do(run.bed, f"{HERE}/net ask {LINUX} stream {OUT} {size}")


def streamed(run, streams, size):
    """Datagrams by second, from the first that dom0 gets to the last."""
    do(run.bed, f"""
        rm -f {HERE}/taken
        setsid {HERE}/net take {OUT} </dev/null >{HERE}/taken 2>&1 &
        until grep -qs ready {HERE}/taken; do sleep 0.1; done""")
    streams(run, size)
    found = SAID.search(do(run.bed, f"""
        until grep -q lost {HERE}/taken; do sleep 0.1; done; cat {HERE}/taken"""))
    if found[2] != "0":
        say(f"{streams.__name__}, {size} bytes: {found[0].strip()} of {OUT}")
    assert found[1] != "0", "none has come"
    return (OUT - int(found[2])) * 1e9 / int(found[1])


def row(name, size, own, others):
    found = ratio(in_turn(own, others))
    say(f"{name}, {size} bytes: {found['median']:.2f} ({found['least']:.2f} to {found['most']:.2f})")
    return {"what": name, "size": size, "ratio": found}


def typed(run, command, pattern):
    """What the shell answers."""
    start, until = len(run.console()), time.monotonic() + starts.PATIENCE
    run.send(f"{command}\r".encode())
    while not (found := pattern.search(run.console(), start)):
        assert run.pump() and time.monotonic() < until, run.console()[start:]
    return found


# -- counted ----------------------------------------------------------------------------------

def counted(bench):
    return (count_of(bench, "daisy", DAISY, daisy(bench, files={"net": program(bench)}))
            + count_of(bench, "linux", LINUX, beside(linux(bench), net=program(bench))))


def beside(guest, **files):
    guest.files.update(files)
    return guest


def count_of(bench, name, address, guest):
    run = Run(bench.bed, guest, keep_up=True)
    try:
        comes_up(run)
        reach(bench.bed, address)
        return [count_row(bench, name, f"{how} {address} {count} {window} {size}")
                for how in ("udp", "icmp") for window, count in COUNTED.items() for size in SIZES] + [
            count_out(bench, name, run, size) for size in SIZES]
    finally:
        run.stop()


def count_row(bench, name, words):
    """Of an echo, the guest's share. dom0's program marks the first request and the last answer."""
    starts.marks(bench, peer.DOM0)  # what was before
    ask(bench.bed, words)
    begin, end = starts.marks(bench, peer.DOM0)[-2:]  # of the last try
    say(f"{name}: {words}")
    how, _, count, window, size = words.split()
    return each(name, how, int(window), int(size), int(count), begin, end)


def count_out(bench, name, run, size):
    """Of a datagram that the guest sends. It marks that it begins, dom0 that the last one has come."""
    starts.marks(bench, peer.DOM0)  # what was before
    streamed(run, {"daisy": daisy_streams, "linux": linux_streams}[name], size)
    begin, end = starts.marks(bench, BEGIN_END[0], peer.DOM0)
    say(f"{name}: udp out {size}")
    return each(name, "udp out", None, size, OUT, begin, end)


def each(name, how, window, size, count, begin, end):
    return {"guest": name, "how": how, "window": window, "size": size,
            **{what: round(n / count, 2) for what, n in spent(begin, end).items()}}

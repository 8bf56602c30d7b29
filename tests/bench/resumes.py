# SPDX-License-Identifier: MIT
"""What a resume costs: all that the guest does from the return of SCHEDOP_shutdown(SHUTDOWN_suspend), the
first thing that a restored domain does, until all of its channels are bound again, until a sector of its
disk has been read, and until each channel has delivered an event. A pvh domain with a store, a console, a
disk of dom0's kernel and channels to itself, restored paused, so that dom0 says where it begins.
"""

import time

import pairs
import peer
import starts
from counts import spent
from xenboxlib import Guest, Run

PATIENCE = 1500  # seconds, of a guest's whole life: the machine that counts is slow
VCPUS = (1, 8)
CHANNELS = (10, 1000)
MARKS = (("bound", 6), ("connected", 2), ("worked", 5))  # lib/count_mark.h
SETTINGS = ("max_event_channels=4095",  # two ports each
            'disk=["format=raw,vdev=xvda,access=rw,backendtype=phy,script=block-file,'
            'target=/run/guest/xvda.img"]')


def measure(bench):
    counted = [row for vcpus in VCPUS for guest in (daisy, linux)
               for row in guest(bench, bench.bed, vcpus, counts)]
    return {"counted": counted, "timed": timed(bench)}


def timed(bench):
    """Seconds of the machine's, from `xl unpause` to the line on the console that all has worked."""
    def seconds(guest):
        return guest(bench, bench.plain, 1, seconds_of, CHANNELS[-1:])[0]["seconds"]
    return pairs.ratio(pairs.in_turn(lambda: seconds(daisy), lambda: seconds(linux)))


# -- the guests -------------------------------------------------------------------------------

def daisy(bench, bed, vcpus, look, channels=CHANNELS):
    rows = []
    for count in channels:
        words = f"test=resume_counted crowd={count} scratch=xvda"
        run = started(bench, bed, bench.image, vcpus, type="pvh", memory=peer.MEMORY,
                      cmdline=words)
        rows.append(row("daisy", vcpus, count, through(bench, run, look, 1)))
        ended(run)
    return rows


def linux(bench, bed, vcpus, look, channels=CHANNELS):
    """One boot, a suspend for each."""
    words = " ".join(f"peer.channels={count}" for count in channels)
    run = started(bench, bed, bench.peer.image("pvh"), vcpus, **bench.peer.guest("pvh", words))
    rows = [row("linux", vcpus, count, through(bench, run, look, turn))
            for turn, count in enumerate(channels, 1)]
    ended(run)
    return rows


def row(guest, vcpus, channels, found):
    return {"guest": guest, "vcpus": vcpus, "channels": channels} | found


def started(bench, bed, image, vcpus, settings=(), files=(), **options):
    disk = starts.disk(bench.folder)
    return Run(bed, Guest(image, vcpus=vcpus, timeout=PATIENCE, settings=(*settings, *SETTINGS),
                          files={**dict(files), "xvda.img": disk}, **options))


def ended(run):
    result = run.wait()
    assert result.passed, result.message + result.console


# -- a resume ---------------------------------------------------------------------------------

def through(bench, run, look, turn):
    """The guest's suspend, its turn-th, and what there is to say of the resume."""
    assert run.expect(rf"(?s)(waiting for a suspend.*){{{turn}}}"), run.console()
    # dom0's memory is small: what has been loaded goes, and afterwards what has been restored.
    run.execute("mount -o remount,size=440m /run; rm -f /run/guest/image /run/guest/initrd")
    run.save_and_restore(PATIENCE, paused=True)
    found = look(bench, run, rf"(?s)(resumed, error 0.*){{{turn}}}")
    run.execute("rm -f /run/guest/saved")
    return found


def unpaused(run, said):
    """Until the guest says that it is through."""
    run.execute("xl unpause guest >/dev/null 2>&1 </dev/null &")
    assert run.expect(said), run.console()


def counts(bench, run, said):
    """Until all channels are bound; until the disk is connected and has worked; until the channels have."""
    begin = starts.here(bench)
    unpaused(run, said)
    at = {number: counts for number, counts, _ in bench.counter.marks(lambda what, _: what == "mark")}
    return {what: spent(begin, at[number]) for what, number in MARKS}


def seconds_of(bench, run, said):
    before = time.monotonic()
    unpaused(run, said)
    return {"seconds": time.monotonic() - before}

# SPDX-License-Identifier: MIT
"""A backend that breaks the protocol (hostile-backend in dom0) against a live Daisy: it says what
was wrong, closes the device, opens it again where that makes sense, and everything else goes on."""

import re
from errno import (EBADMSG, EDOM, EEXIST, EILSEQ, EINVAL, ENOENT, EOPNOTSUPP, EOVERFLOW, ERANGE,
                   ETIMEDOUT)

import pytest
from hostile import BUDGET, STATES, WINDOW, Hostile, stop_all
from hostile import arena, arenas  # noqa: F401  (fixtures)
from shells import Shell
from test_matrix import IMAGE, PATIENCE
from xenboxlib import results

SECTORS = 2048  # of the hostile disk; it is filled with the pattern of seed 1
READ = r"xvda: sector.*"  # however it ends

# lib/front_ring.c, front_ids.c, blk_request.c, drivers/xen/blk/blk_stall.c.
BLAMED = {
    "index-ahead": (EOVERFLOW, "more responses than requests"),
    "index-back": (EILSEQ, "rsp_prod went backwards"),
    "index-jump": (ERANGE, "rsp_prod jumped"),
    "id-unknown": (ENOENT, "response to what was never asked"),
    "id-twice": (EEXIST, "second response"),
    "operation-wrong": (EBADMSG, "response to another operation"),
    "status-unknown": (ERANGE, "unknown status"),
    "never-answers": (ETIMEDOUT, "the backend does not answer"),
}


def works(arena, sectors=SECTORS):
    arena.asked(f"blk verify xvda 0 {sectors} 1", f"xvda: {sectors} sectors are as written")


# -- rings ------------------------------------------------------------------------------------

@pytest.mark.parametrize("trick", BLAMED)
def test_what_is_played_on_a_ring(arena, trick):
    """Honest once; then the trick, said and written by its name; then another chance."""
    device = arena.attached(trick, after=1)
    arena.shell.ask("blk patience xvda 2")
    for _ in range(2):
        arena.asked("blk read xvda 0 8", READ)
    device.says(f"played {trick}")
    device.gives_another_chance(BLAMED[trick])
    works(arena)
    arena.left(device)


def test_before_the_first_request(arena):
    """Played while the disk is not in use yet; its event comes before anybody looks."""
    device = arena.attached("index-jump", after=0)
    device.says("played index-jump")
    device.blamed(*BLAMED["index-jump"])
    device.connects_again()
    works(arena)
    arena.left(device)


# What the disk cannot, which is no fault: said with the command, and the next one is none the worse.
FAILURES = {
    "status-error": ("blk read xvda 0 8",
                     "xvda: sector 0: error -5, the disk cannot", ", flush, discard"),
    "status-unsupported": ("blk flush xvda",
                           "xvda: flush: error -95, the disk does not do that", ", discard"),
}


@pytest.mark.parametrize("trick", FAILURES)
def test_a_request_that_fails(arena, trick):
    """It ends once, with its error. What the disk does not know it is not asked for again."""
    command, said, features = FAILURES[trick]
    device = arena.attached(trick)
    arena.asked(command, said)
    device.says(f"played {trick}")
    works(arena)
    arena.asked("blk ls", rf"xvda: .* segments{features}")
    assert device.error() is None
    arena.left(device)


@pytest.mark.parametrize("barrier, said", [(0, "a flush"), (1, "a barrier")])
def test_a_flush_reaches_the_backend(arena, barrier, said):
    """As what it can do; once for each time."""
    device = arena.attached("", barrier=barrier)
    for times in (1, 2):
        arena.asked("blk flush xvda", "xvda: flushed")
        device.says(said, times)
    assert device.lines().count(f"hostile: {said}") == 2
    arena.left(device)


# -- states -----------------------------------------------------------------------------------

@pytest.mark.parametrize("trick", STATES)
def test_a_backend_that_changes_its_mind(arena, trick):
    """After Connected: the device is closed, and when the backend begins anew it is used again."""
    device = arena.attached(trick, after=1)
    arena.asked("blk read xvda 0 8", READ)
    device.has_changed_its_mind(trick)
    works(arena)
    arena.left(device)


def test_closing_while_requests_run(arena):
    """What it has not answered ends with an error, and the disk comes again."""
    sectors = 32 * SECTORS
    device = arena.attached("state:6", after=40, sectors=sectors)
    arena.asked(f"blk verify xvda 0 {sectors} 1",
                r"xvda: sector \d+: error -19, the disk is not connected")
    device.says("played state:6")
    device.connects_again()
    assert device.error() is None
    works(arena, sectors)
    arena.left(device)


def test_a_device_that_is_gone(arena):
    """Both directories at once, with no word."""
    device = arena.attached("device-gone", after=1)
    arena.asked("blk read xvda 0 8", READ)
    device.says("played device-gone")
    arena.left(device)


def test_a_backend_that_wants_something_new(arena):
    """Reconfiguring, which is none of a disk's states: agreed to, whatever it is."""
    device = arena.attached("state:7", after=1)
    arena.asked("blk read xvda 0 8", READ)
    device.says("frontend Reconfigured")
    works(arena)
    arena.left(device)


# -- keys -------------------------------------------------------------------------------------

HUGE = "99999999999999999999"
# Key and value (None: it is not there), and what lib/blk_features.c says of it.
KEYS = [
    ("sectors", None, ENOENT, "missing"), ("sectors", "", EINVAL, "not a number"),
    ("sectors", "-1", EDOM, "negative"), ("sectors", HUGE, EOVERFLOW, "too large"),
    ("sector-size", "513", ERANGE, "impossible"),
    ("sector-size", "2147483648", EOPNOTSUPP, "not supported"),
    ("feature-flush-cache", "2", ERANGE, "impossible"),
    ("max-ring-page-order", HUGE, EOVERFLOW, "too large"),
    ("multi-queue-max-queues", "0", ERANGE, "impossible"),
]


def test_keys_that_say_nonsense(arena):
    """Named, with what it says, and the device is not used: a handful; all of them are in the
    host's tests. The next device is none the worse for it."""
    for key, value, error, said in KEYS:
        trick = f"key:{key}" + ("" if value is None else f"={value}")
        device = Hostile(arena.shell, trick)
        device.says(f"played {trick}")
        device.daisy_says(f'warning: xvda: the backend\'s {key} "{value or ""}" is {said}')
        device.daisy_says(rf"xenbus: {device.node}: \w+: error -{error}")
        device.says("frontend Closed")
        assert re.fullmatch(rf"-{error} \w+", device.error())
        device.detach()
        device.daisy_says(f"xenbus: {device.node} is gone")
    device = arena.attached("")
    works(arena)
    arena.left(device)


# Written while the disk is in use. Its size is what is watched.
CHANGES = [({"sectors": "banana"}, EINVAL, "a key has changed to nonsense"),
           ({"sectors": "-1"}, EDOM, "a key has changed to nonsense"),
           ({"sector-size": "4096", "sectors": str(SECTORS)}, EINVAL,
            "the sector size has changed")]


def test_keys_that_change_to_nonsense(arena):
    """Blamed; when the backend has begun anew, with keys that make sense, the disk is used again."""
    device = arena.attached("")
    for times, (keys, error, said) in enumerate(CHANGES, 2):
        for key, value in keys.items():
            device.key(key, value)
        device.blamed(error, said)
        device.says("connected", times)
        device.daisy_says(f"xenbus: {device.node} is connected", times)
        works(arena)
    arena.left(device)


def test_keys_that_offer_more_than_there_is(arena):
    """What may be is taken as far as Daisy can use it: it has two CPUs."""
    device = arena.attached("", ring_order=4, queues=16, indirect=4096, persistent=1)
    device.says("rings of 16 pages, 2 queues")
    arena.asked("blk ls", r"xvda-q1: irq \d+ on CPU1, .* 512 slots, .*")
    arena.asked("blk ls", r"xvda: .* segments, persistent, flush, discard")
    works(arena)
    arena.left(device)


NO_DEVICES = ["front:backend=/nonsense/nowhere", "front:backend=", "front:backend-id=99999",
              "front:backend-id=-1", "front:backend-id=banana", "front:state=banana"]


def test_directories_that_are_no_devices(arena):
    """Of a frontend's own directory, which a toolstack makes: there is no device, or one that never
    gets anywhere, and nothing else comes of it."""
    for word in NO_DEVICES:
        key, _, value = word.partition("=")
        device = Hostile(arena.shell, **{key: value})
        arena.asked("blk verify xvdb 0 8 7", "xvdb: 8 sectors are as written")
        arena.asked("devices", r"xenbus: device/vbd/51728 Connected, .*")
        assert device.error() is None
        device.detach()
    arena.others_live()


# -- grants -----------------------------------------------------------------------------------

@pytest.mark.parametrize("trick", ["grant-kept", "ring-kept"])
def test_grants_that_are_not_given_back(arena, trick):
    device = arena.attached(f"{trick},honest", persistent=1)
    arena.asked("blk read xvda 0 8", READ)
    arena.keeps_grants(device, trick)


def test_a_disk_that_shrinks(arena):
    """What is left can be read, the rest is refused before anybody is asked."""
    device = arena.attached("sectors-less", after=1)
    arena.asked("blk read xvda 0 8", READ)
    device.daisy_says(f"xvda: {SECTORS // 2} sectors now, {SECTORS} before")
    works(arena, SECTORS // 2)
    arena.asked(f"blk read xvda {SECTORS // 2} 8", rf"xvda: sector {SECTORS // 2}: error -28, .+")
    arena.left(device)


def test_a_ring_full_of_noise(arena):
    """Random bytes all over it, changing while it is read: whichever is noticed first is said."""
    device = arena.attached("scribble", after=1)
    for _ in range(2):
        arena.asked("blk read xvda 0 8", READ)
    device.has_scribbled(BLAMED)
    works(arena)
    arena.left(device, noise=True)


def test_one_that_never_stops(arena):
    """Three more chances (XENBUS_CHANCES); after that the device stays closed."""
    device = arena.attached("index-jump", again=1, after=1)
    for chance in range(1, 5):
        device.daisy_says(f"xenbus: {device.node} is connected", chance)
        for _ in range(2):
            arena.asked("blk read xvda 0 8", READ)
        device.blamed(*BLAMED["index-jump"], chance)
    device.says("frontend Closed", 4)
    arena.asked("blk read xvda 0 8", r"xvda: sector 0: error -19, .+")
    arena.asked("devices", rf"xenbus: {device.node} Closed, .+ 4 faults")
    arena.left(device)


def test_one_that_begins_anew_for_ever(arena):
    """From Connected, without a word: so many times as well."""
    device = arena.attached("state:2", again=1, after=1)
    for chance in range(1, 5):
        device.daisy_says(f"xenbus: {device.node} is connected", chance)
        arena.asked("blk read xvda 0 8", READ)
        device.blamed(EBADMSG, STATES["state:2"], chance)
    arena.asked("devices", rf"xenbus: {device.node} Closed, .+ 4 faults")
    arena.left(device)


# -- an event storm ----------------------------------------------------------------------------

def test_an_event_storm(arena, record_property):
    """On one disk's channel; and that disk goes on as well."""
    device = arena.attached("storm", after=1, **{"for": 3600})
    arena.asked("blk read xvda 0 8", READ)
    record_property("storm", arena.under_storm(device, "xvda-q0", lambda: works(arena)))


# -- the end ------------------------------------------------------------------------------------

REPORT = "loopback mask two_channels timers evtchn_ipi xenstore xenbus_life xenbus_blame late_eoi"


def test_its_report_afterwards(arena):
    """After all of that, in the same guest: its own tests pass, and it ends in order."""
    arena.reports(REPORT)


def started_paused(bed, start, **options):
    """Xen counts pauses: one more while xl builds the domain, and xl's own unpause does not start it."""
    status, output = bed.execute("""
        setsid sh -c 'until xl pause guest; do sleep 0.05; done' >/dev/null 2>&1 </dev/null &""")
    assert status == 0, output
    run = start(IMAGE, type="pvh", vcpus=2, timeout=PATIENCE, **options)
    while "created" not in run.timings:
        assert run.pump(), run.xl
    return run


def test_an_event_storm_in_the_results(arenas, start):
    """The same while a boot tests itself: it passes, and its document says how often the handler
    ran, and was held back. (A short storm of its own: beside a dom0 that never rests each wait for
    another vCPU costs a time slice.)"""
    if arenas.shell:  # one guest at a time
        arenas.end()
    run = started_paused(arenas.bed, start, cmdline="test=timers,storm events=2000")
    device = Hostile(Shell(run), "storm", **{"for": 3600})
    run.execute("xl unpause guest")
    try:
        device.says("played storm")
        result = run.wait()
        assert result.passed, (result.message, result.registers)
        device.says("storm over")
        sent, _ = device.sent()
    finally:
        stop_all(arenas.bed)
    document, _ = results.document(result, run.guest, None)
    row, = (irq for irq in document["irqs"] if irq["name"] == "xvda-q0")
    print(f"storm: {sent} events, {row}")
    runs = sum(row["counts"])
    assert 0 < runs <= BUDGET * (result.timings["verdict"] / WINDOW + 2) and runs < sent
    assert row["braked"] > 0 and row["spurious"] > 0

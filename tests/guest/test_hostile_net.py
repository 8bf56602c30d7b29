# SPDX-License-Identifier: MIT
"""A network backend that breaks the protocol (hostile-backend vif in dom0) against a live Daisy: it
asks for Daisy's address again and again, and Daisy answers, so frames go both ways until the trick.
"""

import re
from errno import (EBADMSG, EEXIST, EILSEQ, EMSGSIZE, ENOENT, EOPNOTSUPP, EOVERFLOW, ERANGE,
                   ETIMEDOUT)

import pytest
from hostile import Hostile
from hostile import arena, arenas  # noqa: F401  (fixtures)
from with_nets import Net

OFTEN = {"kind": "vif", "every": 20}  # ms between two questions

AHEAD = (EOVERFLOW, "more responses than requests")
BACK = (EILSEQ, "rsp_prod went backwards")
JUMP = (ERANGE, "rsp_prod jumped")
UNKNOWN = (ENOENT, "response to what was never asked")
TWICE = (EEXIST, "second response")
BEYOND = (EBADMSG, "a received slot reaches beyond its page")
ENDLESS = (EMSGSIZE, "a received frame has no end")

# lib/front_ring.c, front_ids.c, net_rx.c, drivers/xen/net/netfront_tx.c.
BLAMED = {
    # Answers to what Daisy has sent.
    "index-ahead": AHEAD, "index-back": BACK, "index-jump": JUMP,
    "id-unknown": UNKNOWN, "id-twice": TWICE,
    "status-unknown": (EBADMSG, "an answer to a sent frame has no such status"),
    "never-answers": (ETIMEDOUT, "sent frames are not answered"),
    # Frames for Daisy.
    "rx-index-ahead": AHEAD, "rx-index-back": BACK, "rx-index-jump": JUMP,
    "rx-id-unknown": UNKNOWN, "rx-id-twice": TWICE,
    "rx-length": BEYOND, "rx-offset": BEYOND,
    "rx-endless": ENDLESS, "rx-extra-endless": ENDLESS,
    "rx-extra-unknown": (EBADMSG, "extra info of no known type"),
}


def works(device):
    """Daisy answers the backend's question."""
    device.since_connected("an answer from 00:16:3e:")


@pytest.mark.parametrize("trick", BLAMED)
def test_what_is_played_on_a_ring(arena, trick):
    """Honest for some frames; then the trick, said and written by its name; then another chance."""
    device = arena.attached(trick, after=8, **OFTEN)
    device.says(f"played {trick}")
    device.gives_another_chance(BLAMED[trick])
    works(device)
    arena.left(device)


# Frames that are refused, and where `net stats` counts them.
REFUSED = {"rx-status": r"  q0 in: .*, 1 backend-error; .*", "rx-empty": r"  .* not: 1 short"}


@pytest.mark.parametrize("trick", REFUSED)
def test_a_frame_that_is_none(arena, trick):
    """It is the backend's right to say that it has failed, or to send nothing: counted."""
    device = arena.attached(trick, after=8, **OFTEN)
    device.says(f"played {trick}")
    Net(arena.shell).goes_on()
    arena.asked("net stats", REFUSED[trick])
    assert device.error() is None
    arena.left(device)


# What state it is is told apart for all devices alike: test_hostile.py has them all.
@pytest.mark.parametrize("trick", ["state:2", "state:6", "state:9", "backend-gone"])
def test_a_backend_that_changes_its_mind(arena, trick):
    """After Connected: the device is closed, and when the backend begins anew it is used again."""
    device = arena.attached(trick, after=8, **OFTEN)
    device.has_changed_its_mind(trick)
    works(device)
    arena.left(device)


def test_a_card_that_is_gone(arena):
    """Both directories at once, with no word."""
    device = arena.attached("device-gone", after=8, **OFTEN)
    device.says("played device-gone")
    arena.left(device)


# Key and value (None: it is not there), and what drivers/xen/net/netfront_keys.c says of it.
LIMITS = {"feature-sg": 1, "feature-split-event-channels": 1, "multi-queue-max-queues": 2**32 - 1}
NONSENSE = ["-1", "99999999999999999999", "banana"]


def test_keys_that_say_nonsense(arena):
    """Said, and taken for what a backend has that does not know the key; the card works."""
    for key, most in LIMITS.items():
        for value in NONSENSE:
            device = arena.attached(f"key:{key}={value}", **OFTEN)
            device.daisy_says(f"{device.node}: {key}={value}: not a number up to {most}, taken for .")
            works(device)
            device.detach()
            device.daisy_says(f"xenbus: {device.node} is gone")
    arena.others_live()


# Of the frontend's own directory, which a toolstack makes; and what Daisy says of it.
FRONTS = {"mac=banana": "mac=banana is none of a host's", "mac=": "mac= is none of a host's",
          "mac=ff:ff:ff:ff:ff:ff": "mac=ff:ff:ff:ff:ff:ff is none of a host's",
          "mtu=1": "mtu=1 is less than IP wants"}


@pytest.mark.parametrize("word", FRONTS)
def test_a_card_that_cannot_be(arena, word):
    """The device is closed, and says why."""
    key, _, value = word.partition("=")
    device = Hostile(arena.shell, **OFTEN, **{f"front:{key}": value})
    device.daisy_says(re.escape(f"{device.node}: {FRONTS[word]}"))
    device.daisy_says(rf"xenbus: {device.node}: \w+: error -\d+")
    assert device.error()
    arena.left(device)


def test_an_mtu_that_is_none(arena):
    """It counts as missing, and the card works."""
    huge = "99999999999999999999"
    device = arena.attached("", **OFTEN, **{"front:mtu": huge})
    device.daisy_says(f"{device.node}: mtu={huge}: not a number up to 65521, taken for 1500")
    works(device)
    arena.left(device)


@pytest.mark.parametrize("value", [None, "0", "banana"])
def test_a_backend_that_cannot_copy(arena, value):
    """There is no other way to take frames any more: the device is closed, and says why."""
    trick = "key:feature-rx-copy" + ("" if value is None else f"={value}")
    device = Hostile(arena.shell, trick, **OFTEN)
    device.daisy_says(f"{device.node}: the backend does not copy into our pages")
    device.daisy_says(rf"xenbus: {device.node}: \w+: error -{EOPNOTSUPP}")
    arena.left(device)


@pytest.mark.parametrize("trick", ["grant-kept", "ring-kept"])
def test_grants_that_are_not_given_back(arena, trick):
    device = arena.attached(f"{trick},honest", after=8, **OFTEN)
    works(device)
    arena.keeps_grants(device, trick)


def test_a_ring_full_of_noise(arena):
    """Random bytes all over it, changing while it is read: whichever is noticed first is said."""
    device = arena.attached("scribble", after=8, **OFTEN)
    device.has_scribbled(BLAMED)
    works(device)
    arena.left(device, noise=True)


def test_one_that_never_stops(arena):
    """Three more chances (XENBUS_CHANCES); after that the device stays closed."""
    device = arena.attached("rx-length", again=1, after=8, **OFTEN)
    device.blamed(*BEYOND, times=4)
    device.says("frontend Closed", 4)
    arena.asked("devices", rf"xenbus: {device.node} Closed, .+ 4 faults")
    arena.left(device)


def test_an_event_storm(arena):
    """On one card's channel; and that card answers under it."""
    device = arena.attached("storm", after=8, **OFTEN, **{"for": 3600})
    arena.under_storm(device, "eth0-q0-tx", Net(arena.shell).goes_on)


def test_its_report_afterwards(arena):
    """After all of that, in the same guest."""
    arena.reports("loopback timers xenstore xenbus_life xenbus_blame net_front net_hostile storm")

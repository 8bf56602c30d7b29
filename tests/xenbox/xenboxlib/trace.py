# SPDX-License-Identifier: MIT
"""What `xentrace` wrote, decoded: VM entries, VM exits and a guest's own marks, per vCPU.

Formats: public/trace.h (records), tools/xentrace/xentrace.c (the file: windows of one
pCPU's records, each behind a record that names the pCPU), xen/common/sched/core.c
(trace_runstate_change: who runs on a pCPU), arch/x86/hvm/svm/svm.c (entries and exits).
"""

import collections
import struct

from .errors import BedError

LOST, WRAP, CPU_CHANGE = 0x1f001, 0x1f002, 0x1f003
RUNSTATE = 0x21001             # | old state << 8 | new state << 4
RUNSTATE_STATES, RUNNING = 0x330, 0
VMENTRY, VMEXIT, VMEXIT64 = 0x81001, 0x81002, 0x81102
NESTED = 0x400                 # a flag of the three: a guest of the guest
GUEST_CLASS = 0x800
MASK = 0x080a1000              # for xentrace -e: entries and exits, runstates, guests' own

# kind: "entry", "exit" (value: the exit code), "mark" (value: the bytes), "lost" (value: how many
# records, and the time of the first); vcpu: (domain, vcpu), None before it is known.
Event = collections.namedtuple("Event", "time vcpu kind value")


class BadTrace(BedError):
    """The trace cannot be believed; says why."""


def events(data):
    """All events of the file, in the order of their time."""
    found = []
    for stream in streams(data).values():
        found += cpu_events(stream)
    return sorted(found, key=lambda event: event.time)  # stable: a pCPU's order is kept


def streams(data):
    """pCPU to its records."""
    whole, at = collections.defaultdict(bytearray), 0
    while at < len(data):
        event, _, words, end = record(data, at)
        if event != CPU_CHANGE or len(words) != 2:
            raise BadTrace(f"not a trace: record {event:#x} at byte {at}, where a pCPU "
                           "should be named")
        cpu, size = words
        if end + size > len(data):
            raise BadTrace(f"the trace is truncated: {size} bytes of pCPU {cpu} should "
                           f"follow byte {end}, {len(data) - end} do")
        whole[cpu] += data[end:end + size]
        at = end + size
    return whole


def record(data, at):
    """(event, time or None, extra words, where the next one begins)."""
    if at + 4 > len(data):
        raise BadTrace(f"the trace is truncated in the record at byte {at}")
    head, = struct.unpack_from("<I", data, at)
    count, timed = head >> 28 & 7, head >> 31
    end = at + 4 + 8 * timed + 4 * count
    if end > len(data):
        raise BadTrace(f"the trace is truncated in the record at byte {at}")
    time = struct.unpack_from("<Q", data, at + 4)[0] if timed else None
    words = struct.unpack_from(f"<{count}I", data, end - 4 * count)
    return head & 0x0fffffff, time, words, end


def cpu_events(stream):
    """One pCPU's events. What carries no time has that of the record before it."""
    found, at, now, vcpu = [], 0, 0, None
    while at < len(stream):
        event, time, words, at = record(stream, at)
        now = now if time is None else time
        if event & ~RUNSTATE_STATES == RUNSTATE and words:
            if event >> 4 & 3 == RUNNING:
                vcpu = words[0] >> 16, words[0] & 0xffff
        elif event == LOST:
            vcpu = None  # who ran last may be among what was lost
            found.append(Event(now, None, "lost", lost(words)))
        else:
            kind, value = meaning(event, words)
            if kind:
                found.append(Event(now, vcpu, kind, value))
    return found


def lost(words):
    """(how many, since when)."""
    if len(words) != 4:
        raise BadTrace("a record of lost records that says nothing")
    return words[0], words[2] | words[3] << 32


def meaning(event, words):
    if event >> 16 == GUEST_CLASS:
        return "mark", struct.pack(f"<{len(words)}I", *words)
    event &= ~NESTED
    if event == VMENTRY:
        return "entry", None
    if event in (VMEXIT, VMEXIT64) and words:
        return "exit", words[0]
    return None, None

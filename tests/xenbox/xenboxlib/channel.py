# SPDX-License-Identifier: MIT
"""Channels to dom0: virtio ports that the outer QEMU connects to pairs of fifos here.

NAME.in carries bytes to dom0, NAME.out brings them back. Every exchange has an id of its
own in its marks, so that leftovers of an earlier, interrupted one are told from it.
"""

import base64
import fcntl
import itertools
import os
import re
import select
import time

from .errors import BedError

NAMES = ("run", "guest", "pv", "exec", "shell")
MARK = "\x1e"  # starts each mark; no text on a console has it
_numbers = itertools.count(1)


def new_id():
    return f"{os.getpid()}-{next(_numbers)}-{time.time_ns() % 10**9}"


def make_fifos(folder):
    for name in NAMES:
        for end in ("in", "out"):
            path = os.path.join(folder, f"{name}.{end}")
            if os.path.exists(path):
                os.unlink(path)
            os.mkfifo(path, 0o600)


class Port:
    """One channel, opened. Both fifos are opened for both directions: never any EOF."""

    def __init__(self, folder, name):
        path = os.path.join(folder, name)
        self.input = os.open(path + ".in", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self.output = os.open(path + ".out", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def fileno(self):
        return self.output

    def close(self):
        os.close(self.input)
        os.close(self.output)

    def read(self):
        """What has arrived; empty when nothing has."""
        try:
            return os.read(self.output, 1 << 16)
        except BlockingIOError:
            return b""

    def drain(self):
        """Throw away what nobody has read, in either direction."""
        while self.read():
            pass
        try:
            while os.read(self.input, 1 << 16):
                pass
        except BlockingIOError:
            pass

    def write(self, data, timeout=60):
        view = memoryview(data)
        until = time.monotonic() + timeout
        while view:
            select.select([], [self.input], [], 0.5)
            try:
                view = view[os.write(self.input, view):]
                until = time.monotonic() + timeout
            except BlockingIOError:
                if time.monotonic() > until:
                    raise BedError("dom0 does not take what it is sent",
                                   "xenbox down, then try again") from None


class Framed:
    """Bytes between the marks "@ID begin" and "@ID end STATUS" out of a port's stream."""

    def __init__(self, ident):
        self.ident = ident
        self.begin = f"{MARK}@{ident} begin\n".encode()
        self.end = re.compile(f"{MARK}@{ident} end ?(\\d*)\n".encode())
        self.longest = len(self.begin) + 8
        self.begun = self.ended = False
        self.status = None
        self.pending = b""

    def feed(self, data):
        """The payload that is sure to be no mark."""
        self.pending += data
        if not self.begun:
            before, mark, rest = self.pending.partition(self.begin)
            self.pending = rest if mark else self.pending[-self.longest:]
            self.begun = bool(mark)
        if not self.begun or self.ended:
            return b""
        mark = self.end.search(self.pending)
        if mark:
            self.ended = True
            self.status = int(mark.group(1) or 0)
            payload, self.pending = self.pending[:mark.start()], b""
            return payload
        return self._certain()

    def _certain(self):
        """Hold back only what may be the start of the end mark."""
        tail = self.pending.rfind(MARK.encode(), max(0, len(self.pending) - self.longest))
        if tail < 0:
            tail = len(self.pending)
        payload, self.pending = self.pending[:tail], self.pending[tail:]
        return payload


class Agent:
    """Requests to one of dom0's agents. Under a lock: each serves one client at a time."""

    def __init__(self, folder, name):
        self.lock = os.open(os.path.join(folder, f"{name}.lock"),
                            os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        self.port = None
        self.folder, self.name = folder, name

    def try_lock(self):
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def open(self):
        self.port = Port(self.folder, self.name)
        self.port.drain()

    def close(self):
        if self.port:
            self.port.close()
        os.close(self.lock)

    def begin(self, *words, data=b""):
        """Send one request; returns the frame in which its answer will come."""
        ident = new_id()
        self.port.write(" ".join((ident, *words)).encode() + b"\n" + data)
        return ident, Framed(ident)

    def script(self, text):
        return self.begin("sh", base64.b64encode(text.encode()).decode())

    def finish(self, frame, timeout, sink=None, alive=lambda: True):
        """Read the answer to its end; None when that took more than `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        output = b""
        while not frame.ended and alive() and (until is None or time.monotonic() < until):
            select.select([self.port], [], [], 0.2)
            data = frame.feed(self.port.read())
            output += data
            if sink and data:
                sink(data)
        return output if frame.ended else None

    def put(self, path, data):
        _, frame = self.begin("put", str(len(data)), path, data=data)
        if self.finish(frame, 120) is None or frame.status:
            raise BedError(f"dom0 could not store {path} ({len(data)} bytes)",
                           "is dom0's memory full? xenbox down frees it")

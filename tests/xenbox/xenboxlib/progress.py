# SPDX-License-Identifier: MIT
"""Progress of long steps, on stderr: a live line on a terminal, plain lines in a log."""

import os
import sys
import threading
import time


class Step:
    """One long step: `with Step("booting Xen") as step: ... step.note("dom0 is up")`."""

    def __init__(self, title, stream=None, quiet=False):
        self.title = title
        self.stream = stream or sys.stderr
        self.quiet = quiet
        self.detail = ""
        self.live = not quiet and self.stream.isatty()
        self._done = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self):
        self.start = time.monotonic()
        if self.live:
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()
        elif not self.quiet:
            self._line("...")
        return self

    def __exit__(self, kind, value, trace):
        self._done.set()
        if self.live:
            self._ticker.join()
        if self.quiet:
            return
        end = "done" if kind is None else "failed"
        with self._lock:
            self.stream.write(("\r\033[K" if self.live else "")
                              + f"xenbox: {self.title}: {end} ({self.seconds:.1f} s)\n")
            self.stream.flush()

    @property
    def seconds(self):
        return time.monotonic() - self.start

    def note(self, detail):
        """What the step is doing now. In a log a change of it is a line of its own."""
        changed, self.detail = detail != self.detail, detail
        if changed and not self.live and not self.quiet:
            self._line(f": {detail} ({self.seconds:.1f} s)")

    def gauge(self, detail):
        """Like note, for what changes all the time: shown on a terminal only."""
        self.detail = detail

    def _line(self, rest):
        self.stream.write(f"xenbox: {self.title}{rest}\n")
        self.stream.flush()

    def _tick(self):
        while not self._done.wait(0.2):
            text = f"xenbox: {self.title} ({self.seconds:.0f} s) {self.detail}"
            with self._lock:
                self.stream.write("\r\033[K" + text[:columns() - 1])
                self.stream.flush()


def columns():
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 80


def say(text):
    """One plain line on stderr."""
    print(f"xenbox: {text}", file=sys.stderr, flush=True)

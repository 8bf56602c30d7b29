# SPDX-License-Identifier: MIT
"""What a person sees: a guest's console live, the result in a line, dom0's prompt."""

import os
import select
import sys
import termios
import threading
import time
import tty

from . import errors, exits, junit, results
from .channel import Port
from .errors import BedError
from .progress import say
from .run import Run, cut_off

LEAVE = b"\x1d"  # Ctrl-]


class Hider:
    """Takes the lines that begin with `start` out of a stream. What could become such a line is
    held back until it cannot."""

    def __init__(self, start):
        self.start = start
        self.held = b""      # the beginning of a line that is not decided yet
        self.hiding = False
        self.fresh = True    # at the beginning of a line

    def __call__(self, data):
        shown = b""
        for line in split(data):
            shown += self._part(line)
        return shown

    def _part(self, part):
        """A line, or a part of one: only its last byte can be a line's end."""
        if self.fresh and not self.hiding:
            part, self.held = self.held + part, b""
            self.hiding = part.startswith(self.start)
            if not self.hiding and self.start.startswith(part):
                self.held = part
                return b""
        self.fresh = part.endswith(b"\n")
        shown = b"" if self.hiding else part
        self.hiding = self.hiding and not self.fresh
        return shown

    def rest(self):
        held, self.held = self.held, b""
        return held


def split(data):
    """Lines end with \\n alone here: what is shown is what came."""
    parts = [part + b"\n" for part in data.split(b"\n")]
    parts[-1] = parts[-1][:-1]
    return filter(None, parts)


class Screen:
    """Writes the console to stdout and perhaps to a file, as it arrives. The pieces of the
    guest's results go to the file only, unless everything is to be shown."""

    def __init__(self, path, everything):
        self.file = open(path, "wb") if path else None
        self.last = b"\n"
        self.hide = None if everything else Hider(results.PIECE.encode())

    def __call__(self, data):
        self._show(self.hide(data) if self.hide else data)
        if self.file:
            self.file.write(data)
            self.file.flush()

    def _show(self, data):
        if data:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            self.last = data[-1:]

    def end_line(self):
        """Finish an unfinished line, so that what follows does not stick to it."""
        self._show(self.hide.rest() if self.hide else b"")
        if self.last != b"\n":
            sys.stdout.buffer.write(b"\n")
            sys.stdout.buffer.flush()


class Keyboard:
    """What is typed (or piped in) goes to the guest, from a terminal key by key. Ctrl-] there
    ends the guest."""

    def __init__(self, run, wanted):
        self.run = run
        self.source = sys.stdin.fileno() if wanted else None
        self.before = None

    def __enter__(self):
        if self.source is None:
            return
        if os.isatty(self.source):
            say("what you type goes to the guest; Ctrl-] ends it")
            self.before = termios.tcgetattr(self.source)
            self._set_keys()
        threading.Thread(target=self._carry, daemon=True).start()

    def __exit__(self, *_):
        if self.before:
            termios.tcsetattr(self.source, termios.TCSADRAIN, self.before)

    def _set_keys(self):
        """Raw, but for output: its lines are ours as well."""
        mode = termios.tcgetattr(self.source)
        mode[0] &= ~(termios.ICRNL | termios.INLCR | termios.IXON)
        mode[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
        termios.tcsetattr(self.source, termios.TCSADRAIN, mode)

    def _carry(self):
        while typed := os.read(self.source, 4096):
            if self.before and LEAVE in typed:
                self.run.left = True
                return
            try:
                self.run.send(typed)
            except (BedError, KeyError, OSError) as error:
                say(f"what is typed does not arrive: {error}")
                return


def run_and_show(bed, guest, args):
    guest.check()
    screen = open_screen(args.log, args.verbose)
    files = results.open_file("--results", args.results), results.open_file("--junit", args.junit)
    version = None
    with bed:
        run = Run(bed, guest, screen)
        try:
            with Keyboard(run, args.interactive):
                result = run.wait()
        except (KeyboardInterrupt, BrokenPipeError):
            cut_off(bed, guest)
            raise
        if any(files):
            version = results.xen_version(bed)
    screen.end_line()
    if any(files):
        results.settle(result)
        keep(files, result, guest, version)
    tell(result, args.verbose)
    return result.code


def keep(files, result, guest, version):
    """Write --results and --junit."""
    whole, tests = results.document(result, guest, version)
    if files[0]:
        results.save(files[0], whole)
    if files[1]:
        junit.save(files[1], whole["host"], tests, result.console)


def open_screen(path, everything):
    try:
        return Screen(path, everything)
    except OSError as error:
        raise errors.UsageError(f"--log {path}: {error.strerror}") from None


def tell(result, verbose):
    if verbose or result.code == errors.NOT_CREATED:
        for line in result.xl_output.splitlines():
            say(f"xl: {line}")
    for line in result.registers.splitlines()[:24]:
        say(f"  {line}")
    broken = results.from_guest(result.lines)[1]
    if broken and broken != result.message:
        say(f"warning: {broken}")
    for line in result.xen_lost_events:
        say(f"Xen's own FIFO code dropped an event, which is not the guest's fault: {line}")
    for line in exits.table(result.exits) if result.exits else ():
        say(line)
    times = ", ".join(f"{what.replace('_', ' ')} {when:.1f} s"
                      for what, when in result.timings.items() if what != "sent")
    kind = errors.MEANING[result.code].partition(":")[0].partition(" (")[0]
    say(f"{kind}: {result.message} [{times}]")


def report(bed):
    """Say what is up; 0 when a dom0 is usable, 1 when none is."""
    state, running = bed.state(), bed.running()
    if not running:
        say(f"instance {bed.options.instance}: no dom0 is up")
        return 1
    minutes = (time.time() - state["since"]) / 60
    answers = bed.answers()
    say(f"instance {bed.options.instance}: process {running.pid}, up for {minutes:.0f} min, "
        f"{'kept' if state['kept'] else 'for one run'}, "
        f"{'answers' if answers else 'does not answer'}")
    own = {key: value for key, value in state["options"].items() if value}
    say("made of: " + ", ".join(f"{key}={value}" for key, value in own.items()))
    say(f"console: {bed.log_path()}")
    return 0 if answers else 1


def shell(bed):
    """Connect this terminal to a prompt in dom0 until Ctrl-] (or the end of input)."""
    port = Port(bed.folder, "shell")
    source = sys.stdin.fileno()
    terminal = os.isatty(source)
    before = termios.tcgetattr(source) if terminal else None
    if terminal:
        say("dom0's prompt follows; Ctrl-] leaves it")
        tty.setraw(source)
    try:
        port.write(b"\n")
        relay(port, source, bed)
    finally:
        if terminal:
            termios.tcsetattr(source, termios.TCSADRAIN, before)
        port.close()
        print()
    return 0


def relay(port, source, bed):
    while bed.machine.alive():
        ready, _, _ = select.select([port, source], [], [], 1)
        if port in ready:
            sys.stdout.buffer.write(port.read())
            sys.stdout.buffer.flush()
        if source in ready:
            typed = os.read(source, 4096)
            if not typed or LEAVE in typed:
                return
            port.write(typed)

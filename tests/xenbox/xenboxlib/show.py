# SPDX-License-Identifier: MIT
"""What a person sees: a guest's console live, the result in a line, dom0's prompt."""

import os
import select
import sys
import termios
import threading
import time
import tty

from . import errors, exits
from .channel import Port
from .progress import say
from .run import Run, cut_off

LEAVE = b"\x1d"  # Ctrl-]


class Screen:
    """Writes the console to stdout and perhaps to a file, as it arrives."""

    def __init__(self, path):
        self.file = open(path, "wb") if path else None
        self.last = b"\n"

    def __call__(self, data):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        self.last = data[-1:]
        if self.file:
            self.file.write(data)
            self.file.flush()

    def end_line(self):
        """Finish an unfinished line, so that what follows does not stick to it."""
        if self.last != b"\n":
            sys.stdout.buffer.write(b"\n")
            sys.stdout.buffer.flush()


def run_and_show(bed, guest, args):
    guest.check()
    screen = open_screen(args.log)
    with bed:
        run = Run(bed, guest, screen)
        try:
            if args.interactive:
                threading.Thread(target=typing, args=(run,), daemon=True).start()
            result = run.wait()
        except (KeyboardInterrupt, BrokenPipeError):
            cut_off(bed, guest)
            raise
    screen.end_line()
    tell(result, args.verbose)
    return result.code


def open_screen(path):
    try:
        return Screen(path)
    except OSError as error:
        raise errors.UsageError(f"--log {path}: {error.strerror}") from None


def typing(run):
    """Carry what is typed (or piped in) to the guest, a line at a time."""
    for line in sys.stdin.buffer:
        run.send(line)


def tell(result, verbose):
    if verbose or result.code == errors.NOT_CREATED:
        for line in result.xl_output.splitlines():
            say(f"xl: {line}")
    for line in result.registers.splitlines()[:24]:
        say(f"  {line}")
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

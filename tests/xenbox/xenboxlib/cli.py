# SPDX-License-Identifier: MIT
"""The command line: what the words mean, and which part of the library does it."""

import argparse
import os
import shlex
import signal
import sys

from . import errors, guest, image, host, verdict
from .bed import Bed
from .errors import UsageError, XenboxError
from .options import Options
from .progress import say
from .show import report, run_and_show, shell

EXAMPLES = """
examples:
  xenbox up                                   boot Xen and dom0 and keep them running
  xenbox run --type pvh kernel.elf            boot a guest, show its console, judge it
  xenbox run --boot grub --vcpus 4 kernel.elf the same, hvm through SeaBIOS and GRUB
  xenbox run --set apic=0 --set 'viridian=1' kernel.elf     any line of xl.cfg
  xenbox run --xen ~/xen/xen/xen.gz kernel.elf              on your build of Xen
  xenbox exec xl dmesg                        one command in dom0
  xenbox shell                                a prompt in dom0 (leave with Ctrl-])
  xenbox down                                 stop it

`run` and `exec` need no `up`: without a dom0 that is kept running they boot one and
take it down again.
"""


def exit_codes():
    rows = "\n".join(f"  {code}   {text}" for code, text in errors.MEANING.items())
    return "exit codes of run:\n" + rows.replace("\n      ", "\n      ")


def parser():
    top = argparse.ArgumentParser(
        prog="xenbox", description="A real Xen with a real dom0 in software emulation: "
        "boots guests on any machine, without hardware virtualisation and without root.",
        epilog=EXAMPLES + "\n" + exit_codes(),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    bed = bed_options()

    def verb(name, summary, parents=(bed,), **more):
        return verbs.add_parser(name, help=summary, description=summary, parents=parents,
                                formatter_class=argparse.RawDescriptionHelpFormatter, **more)
    run_options(verb("run", "boot one guest, show its console, judge how it ends",
                     epilog=exit_codes()))
    verb("up", "boot Xen and dom0 and keep them running")
    verb("down", "stop the dom0 that is kept running")
    verb("status", "say whether a dom0 is up, since when, and made of what")
    verb("shell", "an interactive prompt in dom0; Ctrl-] leaves it")
    execute = verb("exec", "run one command in dom0, with its output and its status")
    execute.add_argument("command", nargs=argparse.REMAINDER, metavar="CMD...")
    log = verb("log", "print a log: Xen's console, or one of the last run's")
    log.add_argument("which", nargs="?", default="xen", choices=list(LOGS),
                     help="xen: everything; xen-run, console, pv, xl: of the last run")
    build = verb("build", "build the dom0 image now (else the first use does)")
    build.add_argument("--rebuild", action="store_true", help="even when it is up to date")
    return top


def bed_options():
    parent = argparse.ArgumentParser(add_help=False)
    group = parent.add_argument_group("the test bed")
    group.add_argument("--instance", default=os.environ.get("XENBOX_INSTANCE", "default"),
                       metavar="NAME", help="which bed; several run side by side "
                       "(default: $XENBOX_INSTANCE or default)")
    group.add_argument("--xen", metavar="FILE", help="your hypervisor: xen or xen.gz")
    group.add_argument("--xen-append", metavar="STR", default="",
                       help="more words for Xen's command line")
    group.add_argument("--qemu-append", metavar="STR", default="",
                       help="more words for the QEMU that is the machine")
    group.add_argument("--dom0-kernel", metavar="FILE", help="your dom0 kernel")
    group.add_argument("--dom0-overlay", metavar="DIR", help="files laid over dom0: your "
                       "xl, libraries, device model (as `make install DESTDIR=DIR` does)")
    group.add_argument("--bed-memory", metavar="MiB", type=positive, default=3072,
                       help="memory of the whole machine (default 3072)")
    group.add_argument("--boot-timeout", metavar="S", type=seconds, default=180,
                       help="seconds for Xen and dom0 to come up (default 180)")
    return parent


def run_options(run):
    run.add_argument("image", metavar="IMAGE", help="the kernel")
    group = run.add_argument_group("the guest")
    group.add_argument("--type", choices=guest.TYPES, default="hvm")
    group.add_argument("--boot", choices=guest.BOOTS, default="direct",
                       help="hvm only. direct: kernel= (QEMU's Linux boot); grub: CD with "
                       "GRUB, multiboot; grub-disk: hard disk with GRUB, multiboot; "
                       "firmware: firmware_override=, entered as pvh is")
    group.add_argument("--vcpus", type=positive, default=1, metavar="N")
    group.add_argument("--memory", type=positive, default=64, metavar="MiB")
    group.add_argument("--cmdline", default="", metavar="STR")
    group.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                       dest="settings", help="a line of xl.cfg; overrides the defaults")
    group.add_argument("--file", action="append", default=[], metavar="NAME=PATH",
                       help="put a file into dom0 as /run/guest/NAME, for use with --set")
    group.add_argument("--console", choices=("serial", "pv"),
                       help="what to show (default: serial for hvm, pv for pvh)")
    group.add_argument("--timeout", type=seconds, default=120, metavar="S",
                       help="end the guest after that many seconds (default 120)")
    group.add_argument("--verdict", default=verdict.DEFAULT, metavar="REGEX",
                       help="the verdict line; its last match counts. It fails if the "
                       "group named `failed` matches anything but zeros, or the group "
                       "named `passed` nothing but zeros")
    group.add_argument("--log", metavar="FILE", help="write the console to FILE as well")
    group.add_argument("--results", metavar="FILE",
                       help="write the results as one JSON document (docs/results.md); a guest's "
                       "own that is broken is then a failure")
    group.add_argument("--junit", metavar="FILE", help="write the KTAP report as JUnit XML")
    group.add_argument("--exits", action="store_true",
                       help="count VM exits by cause: of each vCPU, and per step of the "
                       "sections that the guest marks (docs/exits.md)")
    group.add_argument("-i", "--interactive", action="store_true",
                       help="what is typed goes to the guest's console; "
                       "Ctrl-] ends it")
    group.add_argument("-v", "--verbose", action="store_true", help="show what xl says, and the "
                       "pieces of the guest's results")


def positive(text):
    value = int(text)
    if value <= 0:
        raise ValueError
    return value


def seconds(text):
    value = float(text)
    if value <= 0:
        raise ValueError
    return value


def main(words=None):
    args = parser().parse_args(words)
    signal.signal(signal.SIGTERM, interrupted)
    try:
        return VERBS[args.verb](args)
    except XenboxError as error:
        say(f"error: {error}")
        if error.hint:
            say(f"what to do: {error.hint}")
        return error.code
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def interrupted(*_):
    """What ends us from outside ends our guest, and a dom0 that is ours, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def options(args):
    return Options(xen=args.xen, xen_append=args.xen_append, qemu_append=args.qemu_append,
                   dom0_kernel=args.dom0_kernel, dom0_overlay=args.dom0_overlay,
                   memory=args.bed_memory, instance=args.instance,
                   boot_timeout=args.boot_timeout)


def do_run(args):
    return run_and_show(Bed(options(args)), wanted_guest(args), args)


def wanted_guest(args):
    pairs = [pair.partition("=") for pair in args.file]
    if not all(name and path for name, _, path in pairs):
        raise UsageError("--file wants NAME=PATH")
    return guest.Guest(args.image, args.type, args.boot, args.vcpus, args.memory,
                       args.cmdline, tuple(args.settings),
                       {name: path for name, _, path in pairs}, args.timeout,
                       args.verdict, args.console, args.exits)


def do_up(args):
    bed = Bed(options(args))
    bed.ensure(keep_up=True)
    say(f"dom0 is up (instance {args.instance}); `xenbox down` stops it")
    return 0


def do_down(args):
    stopped = Bed(options(args)).down()
    say(f"instance {args.instance} " + ("is down" if stopped else "was not up"))
    return 0


def do_status(args):
    return report(Bed(options(args)))


def do_exec(args):
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        raise UsageError("exec wants a command: xenbox exec xl info")
    text = command[0] if len(command) == 1 else shlex.join(command)

    def sink(data):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    with Bed(options(args)) as bed:
        if not bed.attach():
            bed.ensure()
        return bed.execute(text, sink)[0]


def do_shell(args):
    with Bed(options(args)) as bed:
        if not bed.attach():
            bed.ensure()
        return shell(bed)


LOGS = {"xen": "xen.log", "xen-run": "xen-run.log", "console": "console.log",
        "pv": "pv.log", "xl": "xl.log"}


def do_log(args):
    path = os.path.join(Bed(options(args)).folder, LOGS[args.which])
    try:
        with open(path, "rb") as file:
            sys.stdout.buffer.write(file.read())
    except FileNotFoundError:
        raise XenboxError(f"no such log yet on instance {args.instance}",
                          "xenbox run makes one") from None
    return 0


def do_build(args):
    host.need(host.PROGRAMS)
    built = image.obtain(host.cache_dir(), args.rebuild)
    say(f"the dom0 image is in {built.folder}")
    return 0


VERBS = {"run": do_run, "up": do_up, "down": do_down, "status": do_status,
         "exec": do_exec, "shell": do_shell, "log": do_log, "build": do_build}

# SPDX-License-Identifier: MIT
"""One run of one guest: create it, carry its consoles, know how it ended."""

import os
import re
import select
import time

from . import verdict
from .channel import Framed, Port
from .errors import BED_FAILED, BedError
from .guest import HERE, text
from .progress import say
from .tracer import Tracer

DM_LOG = "/var/log/xen/qemu-dm-{}.log"
CREATED = re.compile(rb"Waiting for domain .* to die")
SHUT_DOWN = re.compile(r"Domain \d+ has shut down, reason code (\d+)")
# The terminal is read as well: it would fill up with what the log has brought already. Whoever
# carries has a session of its own before the script ends: the agent ends the rest of it then.
CARRY_TYPED = """
kill $(cat {here}/pv.pid 2>/dev/null) 2>/dev/null # a restored guest has another terminal
for turn in $(seq 50); do # somebody may type before the domain is there
	tty=$(xenstore-read "/local/domain/$(xl domid {name})/console/tty" 2>/dev/null) && break
	sleep 0.2
done
[ -n "$tty" ] || exit
rm -f {here}/pv.pid
setsid sh -c "echo \\$\\$ >{here}/pv.pid; cat $tty & exec cat {here}/pv.in >$tty" \\
	</dev/null >/dev/null 2>&1 &
until [ -s {here}/pv.pid ]; do sleep 0.1; done
"""
DESTROYED = re.compile(r"Domain \d+ has been destroyed")


class Run:
    """`Run(bed, guest)` creates the guest; `wait()` returns its Result.

    `sink(bytes)` is called with the primary console's text as it arrives.
    """

    def __init__(self, bed, guest, sink=None, keep_up=False):
        guest.check()
        self.bed, self.guest, self.sink = bed, guest, sink
        self.text = {"guest": b"", "pv": b""}
        self.xl = b""
        self.timings = {}
        self.timed_out = False
        self.registers = ""
        self.result = None
        self.tracer = None
        self.carried = False  # what is typed on the PV console
        self.left = False     # whoever types has had enough: as Ctrl-C
        self.agent = bed.acquire(keep_up)
        self.ports = {}
        try:
            self._create()
        except BaseException:
            self._close()
            raise

    def _create(self):
        if self.guest.exits:
            self.tracer = Tracer(self.bed)
        self.start = time.monotonic()
        self.log_start = log_size(self.bed)
        self.agent.open()
        pairs, files = self.guest.config()
        files["config"] = text(pairs).encode()
        for name, data in files.items():
            self.agent.put(f"{HERE}/{name}", data)
        self.ports = {name: Port(self.bed.folder, name) for name in self.text}
        for port in self.ports.values():
            port.drain()
        name = self.guest.name()
        ident, self.frame = self.agent.script(
            f"cd {HERE}; rm -f {DM_LOG.format(name)}; run-guest {name} "
            + ("-p" if self.guest.paused else ""))
        self.frames = {name: Framed(ident) for name in self.ports}
        self.mark("sent")

    def mark(self, what):
        self.timings.setdefault(what, round(time.monotonic() - self.start, 2))

    # -- while it runs -----------------------------------------------------------------

    def pump(self, seconds=0.2):
        """Carry what has arrived; True while there may be more to come."""
        select.select([self.agent.port, *self.ports.values()], [], [], seconds)
        self.xl += self.frame.feed(self.agent.port.read())
        if CREATED.search(self.xl):
            self.mark("created")
        for name, port in self.ports.items():
            self._carry(name, self.frames[name].feed(port.read()))
        if not self.bed.machine.alive():
            self.bed.no_dom0("the machine stopped while the guest ran")
        return not (self.frame.ended and all(f.ended for f in self.frames.values()))

    def _carry(self, name, data):
        if not data:
            return
        self.text[name] += data
        if name == self.guest.primary:
            self.mark("first_output")
            recent = self.text[name][-len(data) - 200:].decode(errors="replace")
            if verdict.find(recent, self.guest.verdict)[0]:
                self.mark("verdict")
            if self.sink:
                self.sink(data)

    def console(self, which=None):
        """A console so far, "serial" or "pv": the primary one."""
        return self.text[self.guest.port(which)].decode(errors="replace")

    def expect(self, pattern, timeout=None, console=None):
        """Wait until the console matches; the match, or None (ended, or time is up)."""
        until = self.start + self.guest.timeout
        if timeout is not None:
            until = min(until, time.monotonic() + timeout)
        more = True
        while True:
            found = re.search(pattern, self.console(console).replace("\r", ""), re.M)
            if found or not more or time.monotonic() > until:
                return found
            more = self.pump()

    def send(self, data, console=None):
        """Type on a console, "serial" or "pv": the primary one."""
        port = self.guest.port(console)
        if port == "pv" and not self.carried:
            self._carry_typed()
        self.ports[port].write(data)

    def _carry_typed(self):
        name = self.guest.name()
        status, output = self.execute(CARRY_TYPED.format(name=name, here=HERE))
        if status:
            raise BedError(f"the guest's PV console has no terminal:\n{output}")
        self.carried = True

    def execute(self, script, timeout=60):
        """Run a shell script in dom0 meanwhile: (status, output)."""
        return self.bed.execute(script, timeout=timeout)

    def save_and_restore(self, timeout=120, paused=False):
        """Take the guest through `xl save` and `xl restore`; returns when it runs again, or, paused,
        could: it waits for `xl unpause guest`."""
        before = len(CREATED.findall(self.xl))
        self.carried = False
        flag = f"{HERE}/paused"
        status, output = self.execute(f"{'touch' if paused else 'rm -f'} {flag}; "
                                      f"xl save {self.guest.name()} {HERE}/save", timeout)
        if status:
            raise BedError(f"the guest could not be saved (status {status}):\n{output}")
        until = time.monotonic() + timeout
        while len(CREATED.findall(self.xl)) == before:
            if not self.pump() or time.monotonic() > until:
                raise BedError("the guest was not restored:\n"
                               + self.xl.decode(errors="replace"))

    def migrate(self, timeout=120):
        """Take the guest to this same machine by `xl migrate`; returns when it runs again."""
        self.carried = False
        status, output = self.execute(
            f"xl migrate -s '' {self.guest.name()} 'xl migrate-receive -e'", timeout)
        if status:
            raise BedError(f"the guest could not be migrated (status {status}):\n{output}")

    # -- the end -----------------------------------------------------------------------

    def wait(self):
        """Until the guest is gone or its time is up; the Result."""
        if self.result:
            return self.result
        try:
            while self.pump():
                if self.left:
                    raise KeyboardInterrupt
                if time.monotonic() > self.start + self.guest.timeout:
                    self.timed_out = True
                    self.registers = self._look()
                    self.destroy()
                    break
            self.mark("ended")
            self.result = self._conclude()
        finally:
            self._close()
        return self.result

    def _look(self):
        """Where the guest's processors are, by Xen's own tool."""
        name = self.guest.name()
        return self.bed.execute(f"xenctx -C $(xl domid {name}) | "
                                "grep -E '^(vcpu|.*ip:|flags)'", timeout=20)[1]

    def stop(self):
        """End the guest if it still runs; does nothing after wait()."""
        if not self.result:
            self.destroy()
            self.wait()

    def destroy(self, patience=30):
        """End the guest now, and fetch what it had still said."""
        name = self.guest.name()
        self.bed.execute(f"xl destroy {name}", timeout=patience)
        until = time.monotonic() + patience
        while self.pump():
            if time.monotonic() > until:
                self.bed.down()
                raise BedError("dom0 could not end the guest and was taken down",
                               f"its console is in {self.bed.log_path()}")

    def _conclude(self):
        result = verdict.Result(console=self.console(), timings=self.timings)
        result.pv_console = self.text["pv"].decode(errors="replace")
        result.xl_output = self.xl.decode(errors="replace")
        result.xen_log = self._xen_log()
        result.registers = self.registers
        result.verdict, result.passing = verdict.find(result.console, self.guest.verdict)
        codes = SHUT_DOWN.findall(result.xl_output)
        if codes:
            result.shutdown = int(codes[-1])
            result.reason = verdict.REASONS.get(result.shutdown, f"code {codes[-1]}")
        elif DESTROYED.search(result.xl_output):
            result.reason = "destroyed"
        if "created" not in self.timings:
            result.xl_output += self._device_model_log()
        self._save(result)
        verdict.judge(result, self.timed_out, "created" in self.timings, self.guest.timeout)
        if self.tracer:
            self._count_exits(result)
        return result

    def _count_exits(self, result):
        """A count that is not to be had turns a pass into the bed's failure, and no more."""
        tracer, self.tracer = self.tracer, None
        try:
            result.exits = tracer.counted()
            problems = result.exits["problems"]
        except BedError as error:
            problems = [str(error)]
            result.exits = {"lost": 0, "vcpus": [], "sections": [], "problems": problems}
        if problems and result.passed:
            verdict.settle(result, BED_FAILED, f"VM exits: {problems[0]}")

    def _device_model_log(self):
        """What QEMU said when it is the reason why a domain could not be created."""
        said = self.bed.execute(f"tail -n 8 {DM_LOG.format(self.guest.name())} "
                                "2>/dev/null", timeout=20)[1]
        return f"the device model said:\n{said}" if said else ""

    def _xen_log(self):
        """Xen's console during the run, up to the mark that run-guest wrote at the end."""
        mark = f"xenbox: run {self.frame.ident} ends".encode()
        until = time.monotonic() + 3
        while True:
            with open(self.bed.log_path(), "rb") as file:
                file.seek(self.log_start)
                data = file.read()
            if mark in data or time.monotonic() > until:
                return data.partition(mark)[0].decode(errors="replace")
            time.sleep(0.02)

    def _save(self, result):
        """The last run's logs, for `xenbox log` and for reading at leisure."""
        for name, data in (("console", result.console), ("pv", result.pv_console),
                           ("xl", result.xl_output), ("xen-run", result.xen_log)):
            path = os.path.join(self.bed.folder, f"{name}.log")
            with open(path, "w", encoding="utf-8", errors="replace") as file:
                file.write(data)

    def _close(self):
        if self.tracer:
            self.tracer.stop()
            self.tracer = None
        for port in self.ports.values():
            port.close()
        self.ports = {}
        self.agent.close()


def log_size(bed):
    return os.path.getsize(bed.log_path())


def cut_off(bed, guest):
    """Say that an interrupted run's guest is being ended."""
    say("interrupted: ending the guest")
    bed.execute(f"xl destroy {guest.name()}", timeout=20)

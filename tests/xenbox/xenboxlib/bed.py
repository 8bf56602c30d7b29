# SPDX-License-Identifier: MIT
"""The bed: a Xen with a dom0 that stays up and serves one guest after the other.

An instance is a directory: the fifos of its channels, its locks, the machine's console
(xen.log), and state.json, which says what process it is and with what options it runs.
"""

import dataclasses
import fcntl
import json
import os
import time

from . import host, image, machine
from .channel import Agent
from .errors import BedError
from .options import Files, Options, fingerprint
from .progress import Step, say


class Bed:
    """One instance. `ensure()` makes it usable; `close()` takes down what is not kept."""

    def __init__(self, options=None):
        self.options = options or Options()
        self.options.check()
        self.cache = self.options.cache or host.cache_dir()
        self.folder = os.path.join(self.cache, "instances", self.options.instance)
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self.machine = None
        self.ours = False  # booted by us, not to be kept
        self.lock = None   # bed.lock, while we hold it

    # -- life -------------------------------------------------------------------------

    def ensure(self, keep_up=False):
        """Use the dom0 that is up, or replace a stale one, or boot one."""
        self.acquire(keep_up).close()
        return self

    def acquire(self, keep_up=False):
        """Like ensure; returns the run agent, locked: nobody else runs a guest meanwhile.

        Whoever looks at the dom0 or replaces it holds bed.lock; who uses it for a guest
        holds run.lock, taken under bed.lock. A dom0 that is not kept goes away with its
        owner, so the owner holds bed.lock all the time and others queue up for it.
        """
        host.need(host.PROGRAMS)
        if self.lock is None:
            self.lock = Lock(os.path.join(self.folder, "bed.lock"), self.options.instance)
        try:
            agent = self.locked_agent("run", "another run")
            self._make_usable(keep_up)
        finally:
            if not self.ours:
                self.lock.release()
                self.lock = None
        return agent

    def _make_usable(self, keep_up):
        built = image.obtain(self.cache)
        wanted = fingerprint(self.options, built)
        why = self._stale(wanted)
        if why is None:
            self.machine = self.running()
        else:
            # A file that is no good is refused here, while the dom0 that is up still is.
            files = Files(built, self.options, self.folder)
            machine.check_files(files)
            if self.running():
                say(f"replacing the dom0 that is up: {why}")
                self.running().stop()
            # Who said `up` and never `down` wants one kept, even if it had to be replaced.
            keep_up = keep_up or self.state().get("kept", False)
            self._boot(files, wanted)
            self.ours = True
        if keep_up and (self.ours or not self.state()["kept"]):
            self._remember(wanted, True)
            self.ours = False

    def attach(self):
        """Use whatever is up, made of whatever; False when nothing is."""
        self.machine = self.running()
        return self.machine is not None

    def down(self):
        """Stop the machine, whoever started it. True if there was one."""
        running = self.running()
        if running:
            running.stop()
        self._forget()
        return bool(running)

    def close(self):
        """Take down a dom0 that was booted for us alone."""
        if self.ours:
            self.down()
            self.ours = False
        if self.lock:
            self.lock.release()
            self.lock = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _boot(self, files, fingerprint):
        options = self.options
        words = machine.command(files, options)
        with Step("booting Xen and dom0") as step:
            self.machine = machine.Machine.start(self.folder, words, options.memory)
            self._remember(fingerprint, False)
            try:
                self._wait_for_dom0(step)
            except BaseException:
                self.down()
                raise

    def _wait_for_dom0(self, step):
        """dom0 is up when both agents answer: the run agent is started first."""
        until = time.monotonic() + self.options.boot_timeout
        agent = Agent(self.folder, "exec")
        agent.open()
        try:
            _, frame = agent.begin("ping")
            while agent.finish(frame, 0.5, alive=self.machine.alive) is None:
                step.gauge(machine.last_words(self.folder, 1).strip())
                if not self.machine.alive():
                    self.no_dom0("the machine stopped before dom0 was up")
                if time.monotonic() > until:
                    self.no_dom0("dom0 did not reach its prompt within "
                                  f"{self.options.boot_timeout:g} s")
        finally:
            agent.close()

    def no_dom0(self, what):
        words = machine.last_words(self.folder)
        raise BedError(f"{what}; its last words:\n{words}",
                       f"the whole console is in {self.folder}/xen.log; a slow machine "
                       "wants a larger --boot-timeout")

    # -- what is up --------------------------------------------------------------------

    def _state_path(self):
        return os.path.join(self.folder, "state.json")

    def state(self):
        try:
            with open(self._state_path(), encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return {}

    def _remember(self, fingerprint, kept):
        facts = {"pid": self.machine.pid, "born": self.machine.born, "kept": kept,
                 "owner": os.getpid(), "owner_born": machine.birth(os.getpid()),
                 "fingerprint": fingerprint, "since": time.time(),
                 "options": dataclasses.asdict(self.options)}
        with open(self._state_path() + ".new", "w", encoding="utf-8") as file:
            json.dump(facts, file, indent=1)
        os.replace(self._state_path() + ".new", self._state_path())

    def _forget(self):
        if os.path.exists(self._state_path()):
            os.unlink(self._state_path())

    def running(self):
        state = self.state()
        if "pid" not in state:
            return None
        known = machine.Machine(state["pid"], state["born"])
        return known if known.alive() else None

    def _stale(self, wanted):
        """Why the instance's dom0 cannot be used as it is; None when it can."""
        state = self.state()
        if not state:
            return "none is up"
        if not self.running():
            return "its process is gone"
        if state["fingerprint"] != wanted:
            return "it was started with other options, files or image"
        if not state["kept"] and machine.birth(state["owner"]) != state["owner_born"]:
            return "its run was cut off"
        return None if self.answers() else "it does not answer"

    def answers(self, timeout=20):
        """Whether dom0 is alive: a busy exec channel counts as alive."""
        agent = Agent(self.folder, "exec")
        try:
            if not agent.try_lock():
                return True
            agent.open()
            _, frame = agent.begin("ping")
            return agent.finish(frame, timeout) is not None
        finally:
            agent.close()

    # -- guests and commands in dom0 ---------------------------------------------------------------

    def run(self, guest, sink=None, keep_up=False):
        """Run one guest to its end (run.Run does it step by step)."""
        from .run import Run  # Run is made on top of Bed
        return Run(self, guest, sink, keep_up).wait()

    def execute(self, script, sink=None, timeout=None):
        """Run a shell script in dom0: (status, text). Status None: it took too long."""
        status, output = self.output(script, sink, timeout)
        return status, output.decode(errors="replace")

    def output(self, script, sink=None, timeout=None):
        """The same: (status, bytes)."""
        agent = self.locked_agent("exec", "another command in dom0")
        try:
            agent.open()
            _, frame = agent.script(f"cd /root; {script}")
            output = agent.finish(frame, timeout, sink, self.machine.alive)
        finally:
            agent.close()
        if output is None and not self.machine.alive():
            self.no_dom0("the machine stopped while a command ran in dom0")
        return frame.status, output or b""

    def locked_agent(self, name, other):
        """The agent of that name, once nobody else uses it."""
        agent = Agent(self.folder, name)
        if not agent.try_lock():
            say(f"waiting for {other} on instance {self.options.instance}")
            fcntl.flock(agent.lock, fcntl.LOCK_EX)
        return agent

    def log_path(self):
        return os.path.join(self.folder, "xen.log")


class Lock:
    """Held while the instance's dom0 is looked at, started or stopped."""

    def __init__(self, path, instance):
        self.file = open(path, "w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run on instance {instance} (--instance NAME "
                "gives a dom0 of your own)")
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def release(self):
        self.file.close()

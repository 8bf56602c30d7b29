# SPDX-License-Identifier: MIT
"""dom0's hostile-backend (tests/xenbox/dom0/hostile), and a guest that lives through many of its
tricks beside an honest disk."""

import itertools
import re
from errno import EBADMSG

import pytest
from conftest import start_guest
from shells import PROMPT, Shell, channels, count, do, irqs
from test_matrix import IMAGE, PATIENCE

WAIT = 120  # seconds; a busy machine is slow
KEPT = 64   # sectors of the honest disk that are looked at
SEED = 7
HONEST = "xvdb"
NUMBERS = itertools.count()
# (That a page cannot be copied is no complaint: whoever closes ends its grants at once.)
COMPLAINT = re.compile(r"cannot be (?:bound|mapped)|has not let go|is unknown|no usable|a request of|"
                       r"request of \d+ segments|the frontend's|is sectors|frontend wants")
# Of a ring that the frontend closed just then.
WITHDRAWN = re.compile(r"^hostile: the frontend's (?:port \d+|ring) cannot be (?:bound|mapped): ")
ADDRESS = "192.0.2.2"  # that hostile-backend's frames ask for
BUDGET, WINDOW = 64, 0.02  # kernel/irq_late.h: runs of a handler, in so many seconds
NO_STATE = "the backend's state is gone, or none"
# drivers/xen/xenbus.c; None: a backend may close whenever it likes.
STATES = {
    "state:1": "the backend went from Connected to Initialising",
    "state:2": "the backend went from Connected to InitWait",
    "state:3": "the backend went from Connected to Initialised",
    "state:5": None, "state:6": None, "state:9": NO_STATE, "state:banana": NO_STATE,
    "state:4294967300": NO_STATE, "state:-4": NO_STATE, "state-gone": NO_STATE,
    "backend-gone": NO_STATE,
}


class Hostile:
    """One device of the guest's, served by hostile-backend: by default xvda, or vif 0."""

    def __init__(self, guest, tricks="", kind="vbd", number=None, **options):
        number = number or {"vbd": 51712, "vif": 0}[kind]
        self.guest, self.node = guest, f"device/{kind}/{number}"
        self.backend = f"/local/domain/0/backend/hostile-{kind}/$(xl domid guest)/{number}"
        self.log = f"/run/hostile.{next(NUMBERS)}"
        self.start, self.crossed = len(guest.text()), False
        words = [tricks, *(f"{key.replace('_', '-')}={value}" for key, value in options.items())]
        text = " ".join(f"'{word}'" for word in words if word)
        status, output = guest.run.execute(f"""
            rm -f {self.log}
            setsid hostile-backend {kind} $(xl domid guest) {self.node.split('/')[2]} {text} \\
                >{self.log} 2>&1 </dev/null &
            echo $! >{self.log}.pid
            until [ -s {self.log} ] || ! kill -0 $(cat {self.log}.pid); do sleep 0.1; done
            cat {self.log}""", timeout=WAIT)
        assert status == 0 and output, output
        self.says("waits")

    def lines(self):
        return self.guest.run.execute(f"cat {self.log}")[1].splitlines()

    def says(self, text, times=1):
        """Until it has said that (a line's beginning) so many times."""
        status, _ = self.guest.run.execute(f"""
            until [ $(grep -c '^hostile: {text}' {self.log}) -ge {times} ]; do
                kill -0 $(cat {self.log}.pid) || exit 1
                sleep 0.1
            done""", timeout=WAIT)
        assert status == 0, (text, self.lines())

    def daisy_says(self, pattern, times=1):
        """Until Daisy has said that, since this began, so many times."""
        lines = rf"(?:{pattern}\r?\n(?s:.*?)){{{times}}}"
        return self.guest.wait(lines, self.start, WAIT)

    def gives_another_chance(self, blamed):
        """(error, sentence): said, and written for the toolstack; then both connect again."""
        error, sentence = blamed
        self.blamed(error, sentence)
        self.connects_again()
        assert self.error() == f"-{error} {sentence}"

    def has_changed_its_mind(self, trick):
        """One of STATES: closed, said if it is a fault, and used again when the backend begins anew."""
        self.says(f"played {trick}")
        self.connects_again()
        self.crossed = True
        said = STATES[trick]
        if said:
            self.blamed(EBADMSG, said)
        assert self.error() == (said and f"-{EBADMSG} {said}")

    def has_scribbled(self, blamed):
        """All over a ring: whichever of these faults is noticed first is said."""
        self.says("scribbled")
        sentences = "|".join(sentence for _, sentence in blamed.values())
        self.daisy_says(rf"xenbus: {self.node}: (?:{sentences}): error -\d+")
        self.connects_again()

    def key(self, name, value):
        """dom0 writes a key of its backend's."""
        do(self.guest.run, f"xenstore-write -- {self.backend}/{name} {value}")

    def sent(self):
        """The figures of a storm that is over: events, milliseconds."""
        return map(int, re.search(r"storm over: (\d+) events in (\d+) ms",
                                  "\n".join(self.lines())).groups())

    def error(self):
        """What Daisy has written for the toolstack; None: nothing."""
        path = f"/local/domain/$(xl domid guest)/error/{self.node}/error"
        status, text = self.guest.run.execute(f"xenstore-read {path}")
        return text.strip() if status == 0 else None

    def complaints(self):
        """What it does not like about Daisy. A frontend that is told to begin anew while the backend
        is still on its way to Closed publishes a ring, and closes it when Closed arrives: whoever
        looks just then finds it gone, and connects to the next one."""
        lines = self.lines()
        found = [(n, line) for n, line in enumerate(lines) if COMPLAINT.search(line)]
        last = max(n for n, line in enumerate(lines) if line.startswith("hostile: connected")) \
            if self.crossed else 0
        return [line for n, line in found if n > last or not WITHDRAWN.search(line)]

    def since_connected(self, text):
        """Until it has said that since it connected last."""
        status, _ = self.guest.run.execute(f"""
            until awk '/^hostile: connected/ {{ n = 0 }} /^hostile: {text}/ {{ n = 1 }}
                       END {{ exit !n }}' {self.log}; do
                kill -0 $(cat {self.log}.pid) || exit 1
                sleep 0.1
            done""", timeout=WAIT)
        assert status == 0, (text, self.lines())

    def blamed(self, error, sentence, times=1):
        """Daisy says what was wrong, and with which device."""
        self.daisy_says(f"xenbus: {self.node}: {sentence}: error -{error}", times)

    def connects_again(self):
        """Both ends say so."""
        self.says("connected", 2)
        self.daisy_says(f"xenbus: {self.node} is connected", 2)

    def detach(self):
        """In order; and nothing of it is left in dom0."""
        status, _ = self.guest.run.execute(f"""
            kill $(cat {self.log}.pid) 2>/dev/null
            while kill -0 $(cat {self.log}.pid) 2>/dev/null; do sleep 0.1; done
            xenstore-rm /local/domain/$(xl domid guest)/error/{self.node} 2>/dev/null
            true""", timeout=WAIT)
        assert status == 0 and self.lines()[-1] == "hostile: gone", self.lines()


def stop_all(bed):
    bed.execute("killall hostile-backend 2>/dev/null; true", timeout=WAIT)


class Arena:
    """A guest with an honest disk, for one trick after the other. One in which a trick's test has
    failed is not used for the next."""

    def __init__(self, bed, folder):
        self.bed, self.disk = bed, folder / "honest.img"
        self.disk.write_bytes(bytes(1 << 20))
        self.shell, self.played, self.clean = None, 0, False

    def ready(self):
        if self.shell and not self.clean:
            self.end()
        if not self.shell:
            self.boot()
        self.clean = False
        return self

    def boot(self):
        disk = (f"format=raw,vdev={HONEST},access=rw,backendtype=qdisk,"
                "target=/run/guest/honest.img")
        run = start_guest(self.bed, IMAGE, type="pvh", vcpus=2, timeout=10 * PATIENCE,
                          cmdline=f"shell ip={ADDRESS}/24", settings=(f'disk=["{disk}"]',),
                          files={"honest.img": str(self.disk)})
        self.shell = Shell(run)
        self.shell.wait(re.escape(PROMPT) + "$", timeout=WAIT)
        self.shell.wait(r"xenbus: device/vbd/\d+ is connected", timeout=WAIT)
        self.asked(f"blk write {HONEST} 0 {KEPT} {SEED}", f"{HONEST}: {KEPT} sectors written")
        self.before = self.belongings()

    def end(self):
        """Also of a trick's process that its test has left: it would take dom0's time from the next."""
        self.shell.run.stop()
        self.shell = None
        stop_all(self.bed)

    def asked(self, command, line):
        """It answers with that line (the match), whatever else it says meanwhile."""
        start = len(self.shell.text())
        self.shell.type(command + "\r")
        found = self.shell.wait(rf"(?m)^(?:.*daisy> )?{line}\r$", start, WAIT)
        self.shell.wait(re.escape(PROMPT) + "$", start)
        return found

    def belongings(self):
        """What there is: the names of irqs that somebody has, how many ports, grants. (Tests of
        Daisy's own bind timers anew, at other ports.)"""
        grants = re.search(r"(\d+) in use, (\d+) set aside", "\n".join(self.shell.ask("grants")))
        names = {name for name in irqs(self.shell) if not name.startswith("(")}
        return names, len(channels(self.shell)), grants.groups()

    def attached(self, tricks, **options):
        """A hostile device is there, and connected."""
        device = Hostile(self.shell, tricks, **options)
        device.says("connected")
        device.daisy_says(f"xenbus: {device.node} is connected")
        return device

    def left(self, device, noise=False):
        """Detached, and Daisy has nothing of it any more. noise: what Daisy wrote into the rings has
        been overwritten."""
        device.detach()
        assert noise or not device.complaints()
        device.daisy_says(f"xenbus: {device.node} is gone")
        self.others_live()

    def keeps_grants(self, device, trick):
        """Closed, the backend keeps some: set aside, with their page, as long as it has them; then they
        are free again."""
        device.key("state", 5)
        device.says("frontend Closed")
        device.says(f"played {trick}")
        device.daisy_says(r"grant: (?:\d+ (?:of \d+ )?references? (?:is|are)|reference \d+ is) still in "
                          "use by the other end, set aside")
        assert int(self.belongings()[2][1]) > 0
        self.left(device)

    def uptime(self):
        return float(self.asked("time", r"(\d+\.\d+) s since boot; .*").group(1))

    def under_storm(self, device, name, works):
        """Events as fast as dom0 can make them, on one channel: the brake of its irq holds; timers,
        console, the honest disk, a storm of Daisy's own, and what works() looks at, go on. Figures."""
        device.says("played storm")
        begun, before = self.uptime(), count(irqs(self.shell)[name])
        self.asked("test timers storm", r"daisy: 2 passed, 0 failed")
        self.asked("blk verify xvdb 0 64 7", "xvdb: 64 sectors are as written")
        works()
        row = irqs(self.shell)[name]
        runs, took = count(row) - before, self.uptime() - begun
        assert "hostile: storm over" not in "\n".join(device.lines()), "all of it was under the storm"
        self.left(device)
        sent, ms = device.sent()
        print(f"storm: {sent} events in {ms} ms; {runs} runs of the handler in {took:.3f} s, "
              f"then{row['more']}")
        assert 0 < runs <= BUDGET * (took / WINDOW + 2) and runs < sent
        assert " braked " in row["more"]
        return {"events": sent, "ms": ms, "runs": runs, "seconds": took}

    def reports(self, tests):
        """After all that was played in this guest: its own tests pass, and it ends in order."""
        assert self.played, "there was nothing before this"
        self.asked(f"test {tests}", rf"daisy: {len(tests.split())} passed, 0 failed")
        self.shell.type("poweroff\r")
        result, self.shell = self.shell.run.wait(), None
        assert result.reason == "poweroff", result.message

    def reclaim(self):
        """The grants that were set aside are looked at again for the next device."""
        device = self.attached("")
        device.detach()
        device.daisy_says(f"xenbus: {device.node} is gone")

    def others_live(self):
        """The honest disk, and the tables: nothing is lost, nothing is left."""
        self.asked(f"blk verify {HONEST} 0 {KEPT} {SEED}", f"{HONEST}: {KEPT} sectors are as written")
        now = self.belongings()
        if now[2] != self.before[2]:
            self.reclaim()
            now = self.belongings()
        assert now == self.before
        self.clean = True
        self.played += 1


@pytest.fixture(scope="module")
def arenas(bed, tmp_path_factory):
    arena = Arena(bed, tmp_path_factory.mktemp("arena"))
    yield arena
    if arena.shell:
        arena.end()


@pytest.fixture
def arena(arenas):
    """A guest at its prompt, with an honest disk."""
    return arenas.ready()

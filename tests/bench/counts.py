# SPDX-License-Identifier: MIT
"""What a guest does, counted to the digit by count.c in the QEMU that is the machine.

    counter = Counter(folder, "build/daisy.full")
    bed = Bed(Options(instance="count", qemu_append=counter.words))
    ... a run of `test=exits exits=1000` ...
    for section in counter.sections(): print(section)
"""

import collections
import dataclasses
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
BEGIN_END = (1, 2)    # peer/peer.c
# Functions of Daisy's whose calls are noted: its first instruction, each line, each further CPU.
POINTS = ("pvh_entry", "printk", "cpu_create")
ENTRIES = 256 - 0x20  # arch/x86/entry.S: of interrupts, 8 bytes each


@dataclasses.dataclass
class Section:
    """From one mark of the guest's to the next: its instructions, VM entries, hypercalls; and how many
    interrupts took how many instructions, from their entry to their IRET."""

    instructions: int
    entries: int
    hypercalls: int
    traps: collections.Counter

    def usual_trap(self):
        """(instructions, times) of most of them."""
        return self.traps.most_common(1)[0] if self.traps else (0, 0)

    def quantile_trap(self, part):
        """Instructions of the one that so many of a thousand do not exceed; None: there is none."""
        left = sum(self.traps.values()) * part // 1000
        for took in sorted(self.traps):
            left -= self.traps[took]
            if left < 0:
                return took
        return max(self.traps, default=None)


def symbols(kernel):
    text = subprocess.run(["nm", kernel], capture_output=True, text=True, check=True).stdout
    return {words[2]: int(words[0], 16) for line in text.splitlines()
            if len(words := line.split()) == 3}


def build_plugin(folder):
    target = os.path.join(folder, "count.so")
    subprocess.run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared",
                    "-fvisibility=hidden", os.path.join(HERE, "count.c"), "-o", target], check=True)
    return target


class Counter:
    """The addresses of one kernel of Daisy's (daisy.full has the symbols), and of other guests' entries
    of interrupts."""

    def __init__(self, folder, kernel, others=()):
        self.file = os.path.join(folder, "counts")
        self.read = 0
        with open(self.file, "w", encoding="ascii"):  # QEMU writes it; whoever looks before it runs finds it
            pass
        known = symbols(kernel)
        self.points = {known[name]: name for name in POINTS}
        traps = known["irq_entries"]
        gates = [at for name, at in known.items()
                 if "_gate_" in name and name.endswith(("_plain", "_eoi"))]
        self.words = (f"-plugin file={build_plugin(folder)},out={self.file},"
                      f"traps={traps:x}-{traps + 8 * ENTRIES:x}"
                      + "".join(f",at={at:x}" for at in [known["mark"], *self.points])
                      + "".join(f",gate={at:x}" for at in [*gates, *others]))

    def sections(self):
        """Those whose beginnings and ends have been marked since the last call."""
        marks = self.marks(lambda what, number: number in BEGIN_END
                           or what == "at" and number not in self.points)
        return [between(*pair) for pair in zip(marks[::2], marks[1::2])]

    def passed(self):
        """[(name, counts)]: the calls of POINTS since the last call."""
        return [(self.points[number], counts)
                for number, counts, _ in self.marks(lambda _, number: number in self.points)]

    def marks(self, wanted):
        """The marks since the last call that are wanted, by their kind and number or address: (number,
        counts, traps since the one before)."""
        with open(self.file, encoding="ascii") as file:
            file.seek(self.read)
            lines = [line.split() for line in file.read().splitlines()]
            self.read = file.tell()
        found, traps = [], collections.Counter()
        for what, *numbers in lines:
            if what == "trap":
                traps[int(numbers[0])] += int(numbers[1])
            elif wanted(what, number := int(numbers[0], 16)):
                found.append((number, list(map(int, numbers[1:])), traps))
                traps = collections.Counter()
        return found


def spent(before, after):
    """What lies between two points: what is counted, by name."""
    return dict(zip(("instructions", "entries", "hypercalls"), (b - a for a, b in zip(before, after))))


def between(before, after):
    return Section(**spent(before[1], after[1]), traps=after[2])

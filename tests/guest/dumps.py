# SPDX-License-Identifier: MIT
"""What Daisy prints of its state: the table of channels, and the dump that it is a part of."""

import re

CHANNEL = re.compile(r" +(?P<port>\d+) (?P<kind>\w+) +(?P<peer>\S.*?) +(?P<vcpu>\d+) +"
                     r"(?P<pending>yes|-) +(?P<masked>yes|-) +(?P<irq>\d+|-) +(?P<prio>\d+|-)")


def dump(lines, why):
    """The lines between "WHY at" and "WHY: end", which nothing else gets in between."""
    start, end = lines.index(f"{why} at"), lines.index(f"{why}: end")
    assert start < end
    return lines[start + 1:end]


def check_cpu(lines, cpu, state):
    """A CPU's own part: where it is, its local APIC, and what Xen has told it."""
    assert re.match(r"  \[[0-9a-f]{16}\] (\w+|\?)", lines[0])
    assert any(re.match(r"lapic: x2?apic id \d+ tpr 0x", line) for line in lines)
    assert [m[1] for line in lines if (m := re.match(r"evtchn: cpu (\d+) upcall_pending \d " +
                                                     state, line))] == [str(cpu)]


def check_dump(lines, why, first=0, vcpus=1, state="(ready|selector)"):
    """Every CPU's part, the one that was asked first, and then the channels: by port. (A line for
    each paravirtual device comes last.)"""
    own = [line for line in dump(lines, why) if not line.startswith("xenbus: device/")]
    table = next(i for i, line in enumerate(own) if re.match(r" +port kind +peer", line))
    others = [i for i, line in enumerate(own) if re.fullmatch(r"cpu \d+ at", line)]
    order = [first] + [cpu for cpu in range(vcpus) if cpu != first]
    assert [own[i] for i in others] == [f"cpu {cpu} at" for cpu in order[1:]]
    starts = [0] + [i + 1 for i in others]
    for cpu, begin, end in zip(order, starts, others + [table]):
        check_cpu(own[begin:end], cpu, state)
    rows = [m for line in own[table + 1:] if (m := CHANNEL.fullmatch(line))]
    assert len(rows) == len(own) - table - 1 > 0
    return {int(row["port"]): row for row in rows}

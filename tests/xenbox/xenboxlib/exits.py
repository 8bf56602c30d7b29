# SPDX-License-Identifier: MIT
"""VM exits by cause, per vCPU and between the marks that a guest makes.

A guest marks with HVMOP_xentrace, whose data is text: "+NAME STEPS" where a section of so many
equal steps begins, "-NAME" where it ends, both on one vCPU. Each mark is a hypercall and so costs
an exit: that of the end mark is the section's last and is left out, with the entry that follows
the mark at the beginning.
"""

import collections
import re

from . import trace

BEGIN = re.compile(r"\+(\S+) (\d+)")
END = re.compile(r"-(\S+)")

# SVM's exit codes (AMD64 Architecture Programmer's Manual, volume 2, appendix C).
RANGES = ((0x00, 16, "CR{}_READ"), (0x10, 16, "CR{}_WRITE"), (0x20, 16, "DR{}_READ"),
          (0x30, 16, "DR{}_WRITE"), (0x40, 32, "EXCEPTION_{}"))
NAMES = dict(enumerate(
    "INTR NMI SMI INIT VINTR CR0_SEL_WRITE IDTR_READ GDTR_READ LDTR_READ TR_READ IDTR_WRITE "
    "GDTR_WRITE LDTR_WRITE TR_WRITE RDTSC RDPMC PUSHF POPF CPUID RSM IRET SWINT INVD PAUSE HLT "
    "INVLPG INVLPGA IOIO MSR TASK_SWITCH FERR_FREEZE SHUTDOWN VMRUN VMMCALL VMLOAD VMSAVE STGI "
    "CLGI SKINIT RDTSCP ICEBP WBINVD MONITOR MWAIT MWAIT_CONDITIONAL XSETBV".split(), 0x60))
NAMES |= {0x400: "NPF", 0x401: "AVIC_INCOMPLETE_IPI", 0x402: "AVIC_NOACCEL"}

MEANINGS = {
    "VMMCALL": "a hypercall", "VINTR": "the guest can take an interrupt now",
    "INTR": "an interrupt of the host's", "NMI": "an NMI of the host's",
    "IOIO": "an I/O port", "MSR": "a model-specific register, so the x2APIC",
    "NPF": "memory that is not there, so a device or the xAPIC", "HLT": "the guest sleeps",
    "CPUID": "CPUID", "PAUSE": "a spin loop",
}
OUTSIDE = ("INTR", "NMI", "SMI")  # not the guest's doing: Xen's own timer, dom0's devices
MARK_CAUSE = "VMMCALL"


def cause(code):
    """The exit code's name."""
    for start, count, name in RANGES:
        if start <= code < start + count:
            return name.format(code - start)
    return NAMES.get(code, f"code_{code:#x}")


def count(data):
    """The object `host.exits` of the results: see docs/results.md."""
    events = trace.events(data)
    losses = [(event.value[1], event.time) for event in events if event.kind == "lost"]
    vcpus = collections.defaultdict(list)
    for event in events:
        if event.kind != "lost" and event.vcpu:
            vcpus[event.vcpu].append(event)
    vcpus = {vcpu: own for vcpu, own in sorted(vcpus.items())
             if any(event.kind == "entry" for event in own)}
    sections, problems = [], []
    for vcpu, own in vcpus.items():
        find_sections(vcpu, own, losses, sections, problems)
    return {"lost": sum(e.value[0] for e in events if e.kind == "lost"),
            "vcpus": [totals(vcpu, own) for vcpu, own in vcpus.items()],
            "sections": sections, "problems": problems}


def totals(vcpu, events):
    return {"domain": vcpu[0], "vcpu": vcpu[1],
            "entries": sum(event.kind == "entry" for event in events),
            "exits": by_cause(events)}


def by_cause(events):
    """Cause to number, the most frequent first."""
    return dict(collections.Counter(cause(e.value) for e in events
                                    if e.kind == "exit").most_common())


def find_sections(vcpu, events, losses, sections, problems):
    begun = None  # (name, steps, where)
    for at, event in enumerate(events):
        text = event.value.rstrip(b"\0").decode("ascii", "replace") if event.kind == "mark" else ""
        begin, end = BEGIN.fullmatch(text), END.fullmatch(text)
        if begin:
            if begun:
                problems.append(f"{begun[0]}: {begin[1]} begins before it has ended")
            begun = begin[1], int(begin[2]), at
        elif end and (not begun or begun[0] != end[1]):
            problems.append(f"{end[1]}: its end is marked, its beginning is not")
        elif end:
            add_section(vcpu, begun, events[begun[2]:at + 1], losses, sections, problems)
            begun = None
    if begun:
        problems.append(f"{begun[0]}: its beginning is marked, its end is not")


def add_section(vcpu, begun, events, losses, sections, problems):
    name, steps, _ = begun
    why = refusal(events, losses, steps)
    if why:
        problems.append(f"{name}: {why}")
        return
    exits = by_cause(events[:-2])
    outside = sum(exits.get(name, 0) for name in OUTSIDE)
    total = sum(exits.values())
    sections.append({"name": name, "domain": vcpu[0], "vcpu": vcpu[1], "steps": steps,
                     "entries": total, "exits": exits, "outside": outside,
                     "per_step": round((total - outside) / steps, 3)})


def refusal(events, losses, steps):
    """Why a section's count would be wrong; None when it is right."""
    first, last = events[0].time, events[-1].time
    if any(since <= last and first <= until for since, until in losses):
        return "Xen lost records of the trace meanwhile"
    kinds = [event.kind for event in events[1:-1] if event.kind != "mark"]
    if not kinds or kinds != ["entry", "exit"] * (len(kinds) // 2):
        return "VM entries and VM exits do not take turns"
    if events[-2].kind != "exit" or cause(events[-2].value) != MARK_CAUSE:
        return "its end mark does not follow a hypercall's exit"
    return None if steps else "it has no steps"


def explained(name):
    return f"{name} ({MEANINGS[name]})" if name in MEANINGS else name


def table(counted):
    """The sections as lines for people."""
    for s in counted["sections"]:
        causes = ", ".join(f"{n} {explained(cause)}" for cause, n in s["exits"].items())
        yield (f"exits: {s['name']}: {s['per_step']:g} per step of the guest's own doing "
               f"({s['steps']} steps on vCPU {s['vcpu']}: {causes or 'none'})")
    for problem in counted["problems"]:
        yield f"exits: not counted: {problem}"

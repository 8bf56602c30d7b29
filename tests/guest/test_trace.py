# SPDX-License-Identifier: MIT
"""The decoder of Xen's traces, on traces made here: good ones are counted, others are refused."""

import struct

import pytest
from conftest import HERE  # noqa: F401  (it makes xenboxlib's place known)
from xenboxlib import exits, trace

VMMCALL, MSR, INTR, VINTR = 0x81, 0x7c, 0x60, 0x64
MARK = 0x0800fda1


def rec(event, *words, time=None):
    """One record as Xen writes it."""
    head = event | len(words) << 28 | (0 if time is None else 1 << 31)
    stamp = b"" if time is None else struct.pack("<Q", time)
    return struct.pack("<I", head) + stamp + struct.pack(f"<{len(words)}I", *words)


class Maker:
    """Records of one pCPU whose clock ticks once per record."""

    def __init__(self, time=1000):
        self.time = time
        self.data = b""

    def put(self, event, *words, timed=True):
        self.time += 1
        self.data += rec(event, *words, time=self.time if timed else None)
        return self

    def runs(self, domain, vcpu):
        return self.put(trace.RUNSTATE | 1 << 8, domain << 16 | vcpu)

    def stops(self, domain, vcpu):
        return self.put(trace.RUNSTATE | 2 << 4, domain << 16 | vcpu)

    def entry(self):
        return self.put(trace.VMENTRY, 0, 0)

    def exit(self, code, event=trace.VMEXIT64):
        return self.put(event, code, 0x100000, 0)

    def trips(self, *codes):
        """Entered already: an exit for each code, and in again."""
        for code in codes:
            self.exit(code).entry()
        return self

    def mark(self, text):
        padded = text.encode() + bytes(-len(text) % 4)
        self.exit(VMMCALL)
        self.put(MARK, *struct.unpack(f"<{len(padded) // 4}I", padded), timed=False)
        return self.entry()

    def loses(self, number, since, domain=1, vcpu=0):
        return self.put(trace.LOST, number, vcpu << 16 | domain, since & 0xffffffff, since >> 32)


def window(data, cpu=0):
    return rec(trace.CPU_CHANGE, cpu, len(data)) + data


def section(name="send", codes=(VMMCALL, MSR) * 3, steps=3):
    return (Maker().runs(1, 0).entry().trips(MSR).mark(f"+{name} {steps}")
            .trips(*codes).mark(f"-{name}").trips(VMMCALL))


def test_a_section_is_counted_without_its_marks():
    counted = exits.count(window(section().data))
    assert counted["problems"] == [] and counted["lost"] == 0
    assert counted["sections"] == [
        {"name": "send", "domain": 1, "vcpu": 0, "steps": 3, "entries": 6, "outside": 0,
         "exits": {"VMMCALL": 3, "MSR": 3}, "per_step": 2.0}]
    # in the section 6, the marks 2, before and after 1 each; and the first entry
    assert counted["vcpus"] == [
        {"domain": 1, "vcpu": 0, "entries": 11, "exits": {"VMMCALL": 6, "MSR": 4}}]


def test_interrupts_from_outside_are_not_the_guests_doing():
    made = section(codes=(VMMCALL, INTR, VINTR, VMMCALL, VINTR, INTR), steps=2)
    found, = exits.count(window(made.data))["sections"]
    assert (found["entries"], found["outside"], found["per_step"]) == (6, 2, 2.0)
    assert found["exits"] == {"VMMCALL": 2, "INTR": 2, "VINTR": 2}


def test_a_section_in_which_nothing_exits():
    found, = exits.count(window(section(codes=(), steps=5).data))["sections"]
    assert (found["entries"], found["exits"], found["per_step"]) == (0, {}, 0)


def test_who_runs_is_who_is_counted():
    """Another domain's vCPU gets the processor in the middle; one more exit ends its turn."""
    made = Maker().runs(0, 0).stops(0, 0).runs(1, 1).entry().mark("+a 1").exit(INTR)
    made.stops(1, 1).runs(2, 0).entry().trips(MSR, MSR).exit(INTR).stops(2, 0)
    made.runs(1, 1).entry().trips(VMMCALL).mark("-a")
    counted = exits.count(window(made.data))
    found, = counted["sections"]
    assert (found["domain"], found["vcpu"]) == (1, 1)
    assert found["exits"] == {"INTR": 1, "VMMCALL": 1}
    assert [(v["domain"], v["vcpu"], v["entries"]) for v in counted["vcpus"]] == [
        (1, 1, 5), (2, 0, 3)]


def test_a_vcpu_that_moves_between_processors():
    """Windows of two pCPUs: what is earlier by the clock comes first."""
    first = Maker(1000).runs(1, 0).entry().mark("+a 2").exit(VMMCALL).stops(1, 0)
    then = Maker(2000).runs(1, 0).entry().trips(VMMCALL).mark("-a")
    data = window(then.data, 1) + window(first.data, 0)
    found, = exits.count(data)["sections"]
    assert found["exits"] == {"VMMCALL": 2} and found["per_step"] == 1


def test_a_record_that_two_windows_share():
    data = section().data
    cut = len(data) // 2 + 2
    assert exits.count(window(data[:cut]) + window(data[cut:]))["sections"][0]["steps"] == 3


def test_32_bit_exits_nested_flags_and_strangers():
    made = Maker().runs(1, 0).entry().mark("+a 1").exit(0x7b, trace.VMEXIT).entry()
    made.put(0x82001, 1).put(trace.WRAP, timed=False).exit(0x400, trace.VMEXIT64 | trace.NESTED)
    made.put(trace.VMENTRY | trace.NESTED, 0).mark("-a")
    found, = exits.count(window(made.data))["sections"]
    assert found["exits"] == {"IOIO": 1, "NPF": 1}


def test_names_of_causes():
    assert [exits.cause(c) for c in (0x00, 0x13, 0x2f, 0x4e, 0x60, 0x64, 0x72, 0x77, 0x78, 0x7b,
                                     0x7c, 0x81, 0x8d, 0x400, 0x7777)] == [
        "CR0_READ", "CR3_WRITE", "DR15_READ", "EXCEPTION_14", "INTR", "VINTR", "CPUID", "PAUSE",
        "HLT", "IOIO", "MSR", "VMMCALL", "XSETBV", "NPF", "code_0x7777"]


# -- what is refused -----------------------------------------------------------------------

def refused(made, words):
    counted = exits.count(window(made.data))
    assert not any(s["name"] == "send" for s in counted["sections"])
    assert any(words in problem for problem in counted["problems"]), counted["problems"]


def half(codes=(VMMCALL, MSR)):
    return Maker().runs(1, 0).entry().mark("+send 1").trips(*codes)


def test_lost_records_in_a_section():
    made = half()
    made.loses(7, made.time).runs(1, 0).entry().trips(VMMCALL).mark("-send")
    assert exits.count(window(made.data))["lost"] == 7
    refused(made, "send: Xen lost records")


def test_lost_records_on_another_processor_at_that_time():
    made, other = section(), Maker(1009).loses(1, 1008)
    counted = exits.count(window(made.data) + window(other.data, 1))
    assert counted["sections"] == [] and counted["lost"] == 1
    assert counted["problems"] == ["send: Xen lost records of the trace meanwhile"]


def test_lost_records_before_a_section_do_it_no_harm():
    made = Maker(10)
    made.loses(9, 5)
    later = section()
    counted = exits.count(window(made.data + later.data))
    assert counted["lost"] == 9 and len(counted["sections"]) == 1


def test_nothing_is_told_of_whom_the_records_are():
    """After a loss until the next change: such entries are nobody's."""
    made = Maker().runs(1, 0).entry()
    made.loses(1, made.time).trips(MSR)
    assert exits.count(window(made.data))["vcpus"][0]["exits"] == {}


def test_an_exit_that_is_missing():
    made = half()
    refused(made.entry().mark("-send"), "do not take turns")


def test_marks_without_their_other_half():
    refused(half(), "its end is not")
    refused(Maker().runs(1, 0).entry().mark("-send"), "its beginning is not")
    refused(half().mark("+more 1").mark("-more"), "more begins before it has ended")
    refused(half().mark("-other"), "other: its end is marked")


def test_a_section_of_no_steps():
    refused(section(steps=0), "it has no steps")


def test_marks_on_two_vcpus():
    made = half().exit(INTR).stops(1, 0).runs(1, 1).entry().mark("-send")
    refused(made, "its beginning is not")


def test_an_end_mark_by_something_else_than_a_hypercall():
    made = half().exit(MSR)
    made.put(MARK, *struct.unpack("<2I", b"-send\0\0\0"), timed=False).entry()
    refused(made, "does not follow a hypercall")


def test_other_marks_are_not_ours():
    made = section(codes=(VMMCALL,), steps=1)
    foreign = Maker(10).runs(1, 0).entry().mark("hello").mark("+no-number").mark("")
    counted = exits.count(window(foreign.data + made.data))
    assert counted["problems"] == [] and len(counted["sections"]) == 1


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_truncated_file_is_refused(cut):
    data = window(section().data)
    with pytest.raises(trace.BadTrace, match="truncated"):
        exits.count(data[:-cut])


def test_a_record_that_reaches_over_its_window():
    with pytest.raises(trace.BadTrace, match="truncated in the record"):
        exits.count(window(section().data + rec(trace.VMENTRY, 1, 2, time=9)[:-4]))


@pytest.mark.parametrize("data", [b"\0" * 64, b"xentrace: cannot", section().data])
def test_not_a_trace(data):
    with pytest.raises(trace.BadTrace, match="not a trace|truncated"):
        exits.count(data)


def test_an_empty_file_has_nothing():
    assert exits.count(b"") == {"lost": 0, "vcpus": [], "sections": [], "problems": []}


def test_lines_for_people():
    lines = list(exits.table(exits.count(window(section().data))))
    assert lines == ["exits: send: 2 per step of the guest's own doing (3 steps on vCPU 0: "
                     "3 VMMCALL (a hypercall), 3 MSR (a model-specific register, so the x2APIC))"]
    lines = list(exits.table(exits.count(window(half().data))))
    assert lines == ["exits: not counted: send: its beginning is marked, its end is not"]

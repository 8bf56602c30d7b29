# SPDX-License-Identifier: MIT
"""The page of make report: a section for each measure, and what has changed between two runs. The answers
are made up, in the form that bench.py's have."""

import json
import os
import sys

import pytest
from conftest import HERE

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "bench"))

import bench  # noqa: E402  (needs the path)
import report  # noqa: E402
import report_change  # noqa: E402


def spent(n):
    return {"instructions": 1000 * n, "entries": 10 * n, "hypercalls": n}


def pairs(median):
    return {"median": median, "least": median / 2, "most": median * 2, "pairs": [[median, 1.0]]}


GUESTS = ("daisy", "linux")
EVENT = {"type": "pvh", "steps": 1000, "instructions": {"least": 64, "p10": 64, "usual": 64, "p90": 65},
         "whole": 90, "per_event": 2.0, "exits": {"hlt": 1}}
DOCUMENT = {
    "schema": report.SCHEMA, "configuration": {"daisy": "v1", "xen": "4.17"},
    "events": [{"guest": "daisy", "route": "vector", "abi": "2l", **EVENT},
               {"guest": "linux", "route": "percpu", "abi": "fifo", **EVENT}],
    "starts": [{"guest": "daisy", "until": "first line", **spent(4)},
               {"guest": "daisy", "until": "devices connected", **spent(400), "lines": [4000, 400000]},
               {"guest": "linux", "until": "user space", **spent(400000)}],
    "crowds": [{"guest": guest, "abi": abi, "bound": bound, "way": "own irq",
                **{of: {"instructions": 60.0, "shortest": 60, "entries": 2.0} for of in ("one", "all")}}
               for guest in GUESTS for abi in ("2l", "fifo") for bound in (1, 64)],
    "nets": {"timed": [{"what": "udp out", "size": 64, "ratio": pairs(4.0)}],
             "counted": [{"guest": guest, "how": how, "window": window, "size": 64, **spent(2)}
                         for guest in GUESTS for how, window in (("udp", 1), ("udp out", None))]},
    "resumes": {"counted": [{"guest": guest, "vcpus": 1, "channels": 10, "bound": spent(2),
                             "worked": spent(2), "connected": spent(3)} for guest in GUESTS], "timed": pairs(0.1)},
    "idle": [{"guest": guest, "seconds": 5, "entries": [0, 0, 0], "instructions": [0, 0, 0]}
             for guest in GUESTS],
    "vcpus": [{"vcpu": vcpu, **spent(76)} for vcpu in (1, 2, 3)],
    "walls": [{"vcpus": 1, **pairs(0.01)}],
    "disks": [{"setup": "reads", "pattern": "random", "kib": 4, "depth": 32, "count": 640,
               "throughput": pairs(2.0), "each": {"daisy": {**spent(1), "sends": 0.05, "irqs": 0.1},
                                                 "linux": spent(5)}}],
}


def test_every_measure_has_its_section(tmp_path):
    assert set(bench.MEASURES) == {*DOCUMENT} - {"schema", "configuration"}
    page = report.page(DOCUMENT, None)
    assert page.count("<svg") >= 10 and page.count("<h2>") == len(bench.MEASURES)
    assert "Before and after" not in page
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(DOCUMENT))
    assert report.load(path) == DOCUMENT


@pytest.mark.parametrize("measure", bench.MEASURES)
def test_what_was_not_measured_is_left_out(measure):
    one = {key: DOCUMENT[key] for key in ("configuration", measure)}
    assert report.page(one, one).count("<h2>") == 2


def changed(change):
    after = json.loads(json.dumps(DOCUMENT))
    change(after)
    return report_change.changes(DOCUMENT, after)


@pytest.mark.parametrize("change, row", [
    (lambda new: new["events"][0]["instructions"].update(usual=66),
     ("events", "daisy, pvh, vector, 2l", "instructions.usual", 64, 66)),
    (lambda new: new["starts"][1].update(entries=4001),
     ("starts", "daisy, devices connected", "entries", 4000, 4001)),
    (lambda new: new["crowds"][1]["all"].update(instructions=15.5),
     ("crowds", "daisy, 2l, own irq, 64 bound", "all.instructions", 60.0, 15.5)),
    (lambda new: new["nets"]["timed"][0]["ratio"].update(median=5.0),
     ("nets", "udp out, 64 size", "ratio.median", 4.0, 5.0)),
    (lambda new: new["nets"]["counted"][1].update(hypercalls=1),
     ("nets", "daisy, udp out, 64 size", "hypercalls", 2, 1)),
    (lambda new: new["resumes"]["counted"][1]["connected"].update(entries=1),
     ("resumes", "linux, 1 vcpus, 10 channels", "connected.entries", 30, 1)),
    (lambda new: new["resumes"]["timed"].update(median=0.2), ("resumes", "", "median", 0.1, 0.2)),
    (lambda new: new["idle"][0]["entries"].insert(0, 7), ("idle", "daisy", "entries.0", 0, 7)),
    (lambda new: [vcpu.update(hypercalls=77) for vcpu in new["vcpus"][1:]],
     ("vcpus", "", "hypercalls", 76, 77)),
    (lambda new: new["walls"][0].update(median=0.02), ("walls", "1 vcpus", "median", 0.01, 0.02)),
    (lambda new: new["disks"][0]["each"]["daisy"].update(sends=0.06),
     ("disks", "reads, random, 4 kib, 32 depth", "each.daisy.sends", 0.05, 0.06)),
], ids=[measure for measure, *_ in report_change.FIGURES])
def test_one_change_is_one_row(change, row):
    figures = len(report_change.figures(DOCUMENT))
    assert changed(change) == ([row], figures - 1)


def test_nothing_has_changed():
    assert changed(lambda new: None) == ([], len(report_change.figures(DOCUMENT)))


def test_only_what_both_have_measured():
    assert changed(lambda new: (new.pop("disks"), new["nets"]["counted"].pop())) == (
        [], len(report_change.figures(DOCUMENT)) - len(report_change.FIGURES[-1][3]) - 3)


def test_how_a_change_is_written():
    rows, _ = changed(lambda new: (new["starts"][0].update(instructions=3000),
                                   new["idle"][1].update(entries=[1, 0, 0])))
    written = [[str(get(row)) for get in report_change.COLUMNS.values()] for row in rows]
    assert written == [["starts", "daisy, first line", "instructions", "4,000", "3,000", "-25.0%"],
                       ["idle", "linux", "entries.0", "0", "1", ""]]

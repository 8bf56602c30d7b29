# SPDX-License-Identifier: MIT
"""What a run is remembered by: one JSON document. docs/results.md says what is in it.

A guest may print a document of its own, one JSON object with a "schema", in pieces: the lines
"# json: PIECE", put together in their order. To it (or to an empty one) comes what only the
host knows, under "host", and what the console's KTAP report says, under "tests".
"""

import json
import os
import re

from . import ktap, verdict
from .errors import FAILED, UsageError

VERSION = "1.0"                 # of xenbox, and of what it adds: see docs/results.md
OWN_SCHEMA = "xenbox-results-1"  # of a document whose guest printed none
PIECE = "# json: "


def open_file(option, path):
    """Opened before anything is started: a run whose results go nowhere is not begun."""
    try:
        return open(path, "w", encoding="utf-8") if path else None
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}") from None


def from_guest(lines):
    """(the guest's document or None, what is wrong with it or None)."""
    pieces = [line.removeprefix(PIECE) for line in lines if line.startswith(PIECE)]
    if not pieces:
        return None, None
    text = "".join(pieces)
    try:
        document = json.loads(text)
    except ValueError as error:
        return None, (f"the guest's results are not JSON: {error}, in {len(pieces)} pieces, "
                      f"{len(text)} bytes, that end in {text[-30:]!r}")
    if not isinstance(document, dict) or not isinstance(document.get("schema"), str):
        return None, 'the guest\'s results are not an object with a "schema"'
    if "host" in document:
        return None, 'the guest\'s results have a "host" of their own, which is xenbox\'s'
    return document, None


def document(result, guest, version):
    """The whole document of a run, and the report's outcomes. Whatever the guest did, there is
    one."""
    whole, problem = from_guest(result.lines)
    # A last line without an end may be half of one: no result.
    cut = 0 if result.console.endswith("\n") else 1
    report = ktap.read(result.lines[:len(result.lines) - cut])
    whole = whole or {"schema": OWN_SCHEMA}
    whole.setdefault("tests", report.tests)
    whole["host"] = host(result, guest, version)
    whole["host"]["problems"] = [text for text in (problem, *report.problems) if text]
    return whole, report.tests


def host(result, guest, version):
    facts = {"xenbox": VERSION, "xen": version, "image": os.path.basename(guest.image),
             "type": guest.type, "boot": guest.boot if guest.type == "hvm" else "direct",
             "vcpus": guest.vcpus, "memory_mib": guest.memory, "cmdline": guest.cmdline,
             "settings": list(guest.settings), "code": result.code, "message": result.message,
             "verdict": result.verdict, "ended_by": result.reason,
             "seconds": result.timings, "xen_lost_events": result.xen_lost_events}
    if result.exits is not None:
        facts["exits"] = result.exits
    return facts


def save(file, whole):
    with file:
        json.dump(whole, file, indent=1)
        file.write("\n")


def settle(result):
    """Results that are broken, where they were asked for: not a pass."""
    _, problem = from_guest(result.lines)
    if problem and result.passed:
        verdict.settle(result, FAILED, problem)


XEN_VERSION = "xl info | sed -n 's/^xen_version *: *//p'"


def xen_version(bed):
    status, text = bed.execute(XEN_VERSION, timeout=30)
    return text.strip() if status == 0 and re.match(r"\d", text) else None

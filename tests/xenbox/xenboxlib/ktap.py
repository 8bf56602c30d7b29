# SPDX-License-Identifier: MIT
"""The outcomes of a KTAP (or TAP) report on a console, also of one that was cut off.

This reads any guest's report as well as it can and says what is missing.
"""

import dataclasses
import re

VERSION = re.compile(r"K?TAP version \d+")
PLAN = re.compile(r"1\.\.(\d+)( *# *(?P<skip>.*))?")
RESULT = re.compile(r"(?P<word>ok|not ok) (?P<number>\d+)(?: -)?(?: (?P<name>[^#]*?))?"
                    r"(?: *# *(?P<more>.*))?")
SKIP = re.compile(r"SKIP\b:? *(.*)", re.I)
NOTE = re.compile(r"# (?!json: )(.*)")


@dataclasses.dataclass
class Report:
    tests: list     # {"name", "state": pass, fail or skip, "reason", "diagnostic": lines}
    problems: list  # what keeps the report from being a whole one


def read(lines):
    start = next((i for i, line in enumerate(lines) if VERSION.fullmatch(line)), None)
    if start is None:
        return Report([], ["the console has no KTAP report"])
    tests, notes, plan = [], [], None
    for line in lines[start + 1:]:
        if found := RESULT.fullmatch(line):
            tests.append(test(found, notes))
            notes = []
        elif found := PLAN.fullmatch(line):
            plan = int(found[1])
        elif found := NOTE.fullmatch(line):
            notes.append(found[1])
    add_earlier_notes(lines[:start], tests)
    return Report(tests, problems(tests, plan))


def test(found, notes):
    more = found["more"] or ""
    skip = SKIP.fullmatch(more)
    failed = found["word"] == "not ok"
    return {"name": found["name"] or found["number"],
            "state": "fail" if failed else "skip" if skip else "pass",
            "reason": skip[1] if skip else more, "diagnostic": notes}


def add_earlier_notes(lines, tests):
    """What was said on a test while it ran, before the report: "# NAME: ..."."""
    by_name = {test["name"]: test for test in tests}
    for line in lines:
        name, colon, rest = line.removeprefix("# ").partition(": ")
        if line.startswith("# ") and colon and name in by_name:
            by_name[name]["diagnostic"].append(rest)


def problems(tests, plan):
    if plan is None:
        return [f"the report has no plan, and {len(tests)} results"]
    if len(tests) != plan:
        return [f"the report is cut off: {len(tests)} results, the plan promises {plan}"]
    return []

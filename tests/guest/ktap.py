# SPDX-License-Identifier: MIT
"""Judges what Daisy wrote on a console: a report is either whole and consistent, or refused.

    report = ktap.parse(text)          # raises BadLog
    report.check_end("poweroff")       # the shutdown reason must fit, raises BadLog

The order of a good log: one line that names the boot protocol, a `# running NAME` line for
each test, `KTAP version 1`, the plan, a result line for each test in the order in which they
ran, and the verdict as the last line of all.
"""

import dataclasses
import re

BOOTED = re.compile(r"daisy: booted by (\w+), on (.+)")
RUNNING = re.compile(r"# running (\w+)")
VERSION = "KTAP version 1"
PLAN = re.compile(r"1\.\.(\d+)")
COUNTS = re.compile(r"\w+ \d+( \w+ \d+)*")  # behind the # of a pass: words and numbers
RESULT = re.compile(r"(ok|not ok) (\d+) (\w+)(?: # (.*))?")
VERDICT = re.compile(r"daisy: (\d+) passed, (\d+) failed")


class BadLog(Exception):
    """The log cannot be believed; says why."""


@dataclasses.dataclass
class Outcome:
    name: str
    state: str      # "pass", "fail", "skip"
    why: str = ""   # the reason of a skip or a failure
    counts: dict = dataclasses.field(default_factory=dict)  # what a pass says about itself


@dataclasses.dataclass
class Report:
    protocol: str   # how it was booted
    under: str      # the hypervisor, in Daisy's words
    lines: list
    outcomes: dict  # name: Outcome, in the order of the report
    passed: int     # these two as the verdict line says
    failed: int

    def names(self, state):
        return {o.name for o in self.outcomes.values() if o.state == state}

    @property
    def skips(self):
        return {o.name: o.why for o in self.outcomes.values() if o.state == "skip"}

    @property
    def warnings(self):
        return warnings(self.lines)

    def find(self, pattern):
        """The match of the one line that matches as a whole."""
        found = [m for line in self.lines if (m := re.fullmatch(pattern, line))]
        if len(found) != 1:
            raise BadLog(f"{len(found)} lines match {pattern!r}, not one")
        return found[0]

    def check_end(self, reason):
        """A domain that has passed powers off, any other crashes."""
        wanted = "poweroff" if self.passed and not self.failed else "crash"
        if reason != wanted:
            raise BadLog(f"ended by {reason} after {self.passed} passed, "
                         f"{self.failed} failed: that is {wanted}")


def warnings(lines):
    """The texts behind `warning: `."""
    return [line.removeprefix("warning: ") for line in lines
            if line.startswith("warning: ")]


def split(text):
    """The lines without carriage returns. The last one must have ended."""
    if not text.endswith("\n"):
        raise BadLog("truncated: the last line has no end" if text else "the log is empty")
    return text.replace("\r", "").splitlines()


def parse(text):
    lines = split(text)
    booted = one(lines, BOOTED, "line that names the boot protocol")
    start = only_index(lines, VERSION)
    body = lines[start + 1:]
    if not body:
        raise BadLog("truncated: nothing follows the KTAP version")
    count = read_plan(lines, body[0])
    verdict = one(lines, VERDICT, "verdict")
    if body[-1] != verdict.group(0):
        raise BadLog(f"the verdict is not the last line, that is: {body[-1]}")
    outcomes = read_results(body[1:-1], count)
    check_running(lines[:start], outcomes)
    check_no_strays(lines[:start])
    report = Report(booted.group(1), booted.group(2), lines, outcomes,
                    int(verdict.group(1)), int(verdict.group(2)))
    check_sums(report)
    return report


def one(lines, pattern, what):
    found = [m for line in lines if (m := pattern.fullmatch(line))]
    if not found:
        raise BadLog(f"truncated: no {what}")
    if len(found) > 1:
        raise BadLog(f"more than one {what}")
    return found[0]


def only_index(lines, wanted):
    if wanted not in lines:
        raise BadLog(f"truncated: no line {wanted!r}")
    if lines.count(wanted) > 1:
        raise BadLog(f"more than one line {wanted!r}")
    return lines.index(wanted)


def read_plan(lines, line):
    if not PLAN.fullmatch(line):
        raise BadLog(f"the plan is missing: {line!r} follows the KTAP version")
    one(lines, PLAN, "plan")
    count = int(PLAN.fullmatch(line).group(1))
    if not count:
        raise BadLog("no test ran: the plan is empty")
    return count


def read_results(lines, count):
    outcomes = {}
    for line in lines:
        if line.startswith("# "):
            continue
        found = RESULT.fullmatch(line)
        if not found:
            raise BadLog(f"between plan and verdict: {line!r}")
        word, number, name, more = found.groups()
        if int(number) != len(outcomes) + 1:
            raise BadLog(f"result {number} where {len(outcomes) + 1} is due: {line}")
        if name in outcomes:
            raise BadLog(f"{name} is reported twice")
        outcomes[name] = outcome(name, word, more)
    if len(outcomes) != count:
        raise BadLog(f"{len(outcomes)} results, but the plan promises {count}")
    return outcomes


def outcome(name, word, more):
    if word == "not ok":
        return Outcome(name, "fail", more or "")
    if more is None:
        return Outcome(name, "pass")
    if COUNTS.fullmatch(more):
        return Outcome(name, "pass", counts=read_counts(name, more.split()))
    directive, _, reason = more.partition(" ")
    if directive != "SKIP":
        raise BadLog(f"{name}: an ok result with {more!r} behind it")
    if not reason:
        raise BadLog(f"{name}: skipped without a reason")
    return Outcome(name, "skip", reason)


def read_counts(name, words):
    keys = words[::2]
    if len(set(keys)) != len(keys):
        raise BadLog(f"{name}: a count twice: {' '.join(words)}")
    return dict(zip(keys, map(int, words[1::2])))


def check_running(lines, outcomes):
    ran = [m.group(1) for line in lines if (m := RUNNING.fullmatch(line))]
    if ran != list(outcomes):
        odd = set(ran) ^ set(outcomes)
        raise BadLog("the tests that ran are not those reported: "
                     + (", ".join(sorted(odd)) or "another order or number"))


def check_no_strays(lines):
    for line in lines:
        if RESULT.fullmatch(line):
            raise BadLog(f"a result before the plan: {line}")


def check_sums(report):
    passed, failed = len(report.names("pass")), len(report.names("fail"))
    if (passed, failed) != (report.passed, report.failed):
        raise BadLog(f"the verdict says {report.passed} passed, {report.failed} failed; "
                     f"the results are {passed} and {failed}")
    if not passed and not failed:
        raise BadLog("no test ran: every one was skipped")

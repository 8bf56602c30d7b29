# SPDX-License-Identifier: MIT
"""Judging a run: the verdict line, how the domain ended, and the exit code of both."""

import dataclasses
import re

from . import errors

DEFAULT = r"^(\w+: )?(?P<passed>\d+) passed, (?P<failed>\d+) failed$"
REASONS = {0: "poweroff", 1: "reboot", 2: "suspend", 3: "crash", 4: "watchdog",
           5: "soft_reset"}
XEN_LOST = "lost event (too many queue changes)"  # xen/common/event_fifo.c


@dataclasses.dataclass
class Result:
    """Everything that is known about one run."""

    code: int = errors.BED_FAILED  # the exit code, see errors.MEANING
    message: str = ""              # one sentence: why that code
    verdict: str = None            # the verdict line, if there was one
    passing: bool = None           # whether it is a passing one
    shutdown: int = None           # Xen's shutdown code; None: did not shut down
    reason: str = "none"           # its name; "destroyed", "none"
    console: str = ""              # the primary console, as the guest sent it
    pv_console: str = ""           # the PV console (the primary one of a pvh guest)
    xl_output: str = ""            # what `xl create` said
    xen_log: str = ""              # the part of Xen's console that belongs to this run
    registers: str = ""            # where its vCPUs were, if its time was up
    exits: dict = None             # VM exits, if they were counted: exits.count()
    timings: dict = dataclasses.field(default_factory=dict)  # seconds since the start

    @property
    def passed(self):
        return self.code == errors.PASSED

    @property
    def xen_lost_events(self):
        """What Xen's FIFO code says of events that it dropped itself: no guest's fault."""
        return [line.strip() for line in self.xen_log.splitlines()
                if "(XEN)" in line and XEN_LOST in line]

    @property
    def lines(self):
        return self.console.replace("\r", "").splitlines()


def find(console, pattern=DEFAULT):
    """The last verdict line and whether it passes: (None, None) when there is none.

    A group called `failed` decides: a nonempty match other than a zero fails. So does a
    group `passed` that is zero: a run in which nothing was tested has shown nothing.
    Without such groups every match is a passing verdict.
    """
    last = None
    for last in re.finditer(pattern, console.replace("\r", ""), re.M):
        pass
    if last is None:
        return None, None
    groups = last.groupdict(default="")
    failed = groups.get("failed", "").strip("0")
    nothing = "passed" in groups and not groups["passed"].strip("0")
    return last.group(0), not failed and not nothing


def judge(result, timed_out, created, timeout):
    """Fill in code and message. The order of the questions is the tool's contract."""
    if not created:
        return settle(result, errors.NOT_CREATED, "the domain could not be created")
    if timed_out:
        return settle(result, errors.TIMED_OUT, why_timed_out(result, timeout))
    if result.passing is False:
        return settle(result, errors.FAILED, f"failing verdict: {result.verdict}")
    if result.reason != "poweroff":
        return settle(result, errors.CRASHED, why_crashed(result))
    if result.passing is None:
        return settle(result, errors.FAILED, "the guest powered off without a verdict")
    return settle(result, errors.PASSED, result.verdict)


def settle(result, code, message):
    result.code, result.message = code, message
    return result


def why_timed_out(result, timeout):
    if not result.console.strip() and not result.pv_console.strip():
        return (f"the guest never printed anything in {timeout:g} s: does it get as far "
                "as its console? (xenbox log shows what Xen saw)")
    return f"the guest was still running after {timeout:g} s; its last line is above"


def why_crashed(result):
    told = {"crash": "the guest crashed",
            "reboot": "the guest rebooted (a triple fault looks the same)",
            "watchdog": "the guest's watchdog fired",
            "destroyed": "the domain was destroyed from outside"}
    what = told.get(result.reason, f"the guest ended by {result.reason}")
    return f"{what}, " + (f"after: {result.verdict}" if result.verdict
                          else "without a verdict")

# SPDX-License-Identifier: MIT
"""Exit codes, and the one exception that carries such a code to the command line.

The codes are the tool's contract with scripts and CI: each names one reason.
"""

PASSED = 0       # powered off after a passing verdict
FAILED = 1       # a failing verdict, or powered off without any verdict
USAGE = 2        # the command line makes no sense
CRASHED = 3      # ended otherwise than by power-off, without a failing verdict
TIMED_OUT = 4    # still running when the time was up
NOT_CREATED = 5  # xl refused to create the domain
BED_FAILED = 6   # the test bed itself: host packages, image, Xen, dom0

MEANING = {
    PASSED: "passed: the guest powered off after a passing verdict",
    FAILED: "verdict failed: a failing verdict line, or power-off without one",
    USAGE: "usage error",
    CRASHED: "guest crashed: it ended otherwise than by power-off (crash, triple\n"
             "      fault and reboot, watchdog), without a failing verdict",
    TIMED_OUT: "guest timed out (the message says whether it ever printed)",
    NOT_CREATED: "domain could not be created (xl's own words are shown)",
    BED_FAILED: "the test bed failed: host packages, dom0 image, Xen or dom0",
}


class XenboxError(Exception):
    """Something the user has to act on; `hint` says how."""

    code = BED_FAILED

    def __init__(self, message, hint=""):
        super().__init__(message)
        self.hint = hint


class UsageError(XenboxError):
    """The command line or an option's value makes no sense."""

    code = USAGE


class BedError(XenboxError):
    """The test bed could not do its part; says nothing about the guest."""

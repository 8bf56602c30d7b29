# SPDX-License-Identifier: MIT
"""The date that Daisy prints, against dom0's around it."""

import calendar
import re
import time

import pytest
from shells import shell  # noqa: F401  (a fixture)

LINE = r"\d+\.\d{6} s since boot; .+; (\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d) UTC"
ROUNDING = 1    # second: both clocks show whole ones


def dom0_now(sh):
    return int(sh.run.execute("date +%s")[1])


def daisy_now(sh):
    found = re.fullmatch(LINE, sh.one("time"))
    return calendar.timegm(time.strptime(found[1], "%Y-%m-%d %H:%M:%S"))


# Xen adds the domain's time offset, for every type of domain, and tells the domain nothing of it.
@pytest.mark.parametrize("kind, offset", [("pvh", 0), ("pvh", 7200), ("hvm", 3600)])
def test_the_date_is_dom0s(shell, kind, offset):  # noqa: F811
    settings = (f"rtc_timeoffset={offset}",) if offset else ()
    sh = shell(type=kind, settings=settings)
    early = dom0_now(sh)
    now = daisy_now(sh) - offset
    assert early - ROUNDING <= now <= dom0_now(sh) + ROUNDING

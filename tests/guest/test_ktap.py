# SPDX-License-Identifier: MIT
"""The judge itself: good logs are read rightly, and every kind of bad one is refused."""

import ktap
import pytest

GOOD = """\
daisy: booted by linux, on Xen 4.17.7
command line: route=intx
warning: command line: x: no such option
# running alpha
# running beta
# beta: selftest/beta.c:3: false
# running gamma
  irq        CPU0  chip    hardware               flow   name
KTAP version 1
1..3
ok 1 alpha
not ok 2 beta # selftest/beta.c:3: false
ok 3 gamma # SKIP no PIC
daisy: 1 passed, 1 failed
"""
PASSING = GOOD.replace("not ok 2 beta # selftest/beta.c:3: false", "ok 2 beta").replace(
    "1 passed, 1 failed", "2 passed, 0 failed")


def test_a_good_log_is_read():
    report = ktap.parse(GOOD)
    assert (report.protocol, report.under) == ("linux", "Xen 4.17.7")
    assert (report.passed, report.failed) == (1, 1)
    assert list(report.outcomes) == ["alpha", "beta", "gamma"]
    assert report.names("pass") == {"alpha"} and report.names("fail") == {"beta"}
    assert report.outcomes["beta"].why == "selftest/beta.c:3: false"
    assert report.skips == {"gamma": "no PIC"}
    assert report.warnings == ["command line: x: no such option"]
    assert report.find(r"command line: (.*)").group(1) == "route=intx"


def test_carriage_returns_do_not_matter():
    assert ktap.parse(GOOD.replace("\n", "\r\n")).failed == 1


def test_remarks_between_the_results_do_not_matter():
    assert ktap.parse(GOOD.replace("ok 3", "# a remark\nok 3")).failed == 1


def test_the_counts_of_a_pass_are_read():
    report = ktap.parse(GOOD.replace("ok 1 alpha", "ok 1 alpha # runs 20000 sends 21034"))
    assert report.outcomes["alpha"].counts == {"runs": 20000, "sends": 21034}
    assert report.outcomes["beta"].counts == report.outcomes["gamma"].counts == {}


@pytest.mark.parametrize("text, reason", [(GOOD, "crash"), (PASSING, "poweroff")])
def test_the_end_that_fits(text, reason):
    ktap.parse(text).check_end(reason)


@pytest.mark.parametrize("text, reason", [
    (GOOD, "poweroff"), (PASSING, "crash"), (PASSING, "reboot"), (PASSING, "none"),
    (GOOD, "watchdog"), (PASSING, "destroyed")])
def test_the_end_that_does_not_fit(text, reason):
    with pytest.raises(ktap.BadLog, match=f"ended by {reason}"):
        ktap.parse(text).check_end(reason)


def test_every_truncation_is_refused():
    """Wherever the log is cut, except behind its very last byte."""
    for end in range(len(GOOD)):
        with pytest.raises(ktap.BadLog):
            ktap.parse(GOOD[:end])


def test_every_lost_line_of_the_report_is_refused():
    lines = GOOD.splitlines(keepends=True)
    start = lines.index("KTAP version 1\n")
    needed = [0, 3, 4, 6, *range(start, len(lines))]
    for lost in needed:
        with pytest.raises(ktap.BadLog):
            ktap.parse("".join(lines[:lost] + lines[lost + 1:]))


def test_every_doubled_line_of_the_report_is_refused():
    lines = GOOD.splitlines(keepends=True)
    start = lines.index("KTAP version 1\n")
    for twice in [0, 3, 4, 6, *range(start, len(lines))]:
        with pytest.raises(ktap.BadLog):
            ktap.parse("".join(lines[:twice] + [lines[twice]] + lines[twice:]))


CHANGES = {
    "plan too small": ("1..3", "1..2", "the plan promises 2"),
    "plan too large": ("1..3", "1..4", "the plan promises 4"),
    "no plan": ("1..3\n", "", "plan is missing"),
    "plan not a number": ("1..3", "1..x", "plan is missing"),
    "a second plan": ("ok 3", "1..3\nok 3", "more than one plan"),
    "not ok, and 0 failed": ("1 passed, 1 failed", "1 passed, 0 failed", "verdict says"),
    "skips counted as passed": ("1 passed, 1 failed", "2 passed, 1 failed", "verdict says"),
    "numbers out of order": ("ok 3 gamma", "ok 4 gamma", "where 3 is due"),
    "a number twice": ("ok 3 gamma", "ok 2 gamma", "where 3 is due"),
    "a name twice": ("ok 3 gamma", "ok 3 alpha", "reported twice"),
    "a test that never ran": ("# running gamma\n", "", "not those reported: gamma"),
    "a test that is not reported": ("# running gamma", "# running gamma\n# running delta",
                                    "not those reported: delta"),
    "a test that ran twice": ("# running gamma", "# running gamma\n# running gamma",
                              "another order or number"),
    "ran in another order": ("# running alpha\n# running beta",
                             "# running beta\n# running alpha", "another order"),
    "a skip without a reason": ("SKIP no PIC", "SKIP", "without a reason"),
    "an ok with a remark": ("ok 1 alpha", "ok 1 alpha # fine", "behind it"),
    "a number without a word": ("ok 1 alpha", "ok 1 alpha # runs 5 7", "behind it"),
    "a word without a number": ("ok 1 alpha", "ok 1 alpha # runs 5 sends", "behind it"),
    "a count twice": ("ok 1 alpha", "ok 1 alpha # runs 5 runs 5", "a count twice"),
    "text among the results": ("ok 3 gamma", "panic: gamma\nok 3 gamma", "between plan"),
    "a result before the plan": ("KTAP version 1", "ok 1 alpha\nKTAP version 1",
                                 "before the plan"),
    "text behind the verdict": ("1 passed, 1 failed\n", "1 passed, 1 failed\nmore\n",
                                "not the last line"),
    "two verdicts": ("daisy: 1 passed, 1 failed\n", "daisy: 1 passed, 1 failed\n" * 2,
                     "more than one verdict"),
    "two boots": ("# running alpha",
                  "daisy: booted by linux, on Xen 4.17.7\n# running alpha", "more than one"),
    "another program's verdict": ("daisy: 1 passed", "guest: 1 passed", "no verdict"),
}


@pytest.mark.parametrize("old, new, why", CHANGES.values(), ids=CHANGES)
def test_a_changed_log_is_refused(old, new, why):
    assert GOOD.count(old) == 1, "the change must hit one place"
    with pytest.raises(ktap.BadLog, match=why):
        ktap.parse(GOOD.replace(old, new))


NOTHING_RAN = """\
daisy: booted by pvh, on Xen 4.17.7
KTAP version 1
1..0
# no test ran
daisy: 0 passed, 0 failed
"""
ALL_SKIPPED = """\
daisy: booted by pvh, on Xen 4.17.7
# running alpha
KTAP version 1
1..1
ok 1 alpha # SKIP no Xen
daisy: 0 passed, 0 failed
"""


@pytest.mark.parametrize("text", [NOTHING_RAN, ALL_SKIPPED])
def test_nothing_is_not_a_pass(text):
    with pytest.raises(ktap.BadLog, match="no test ran"):
        ktap.parse(text)


def test_one_line_is_found_once():
    report = ktap.parse(GOOD)
    for pattern in ("nowhere", r"# running \w+"):
        with pytest.raises(ktap.BadLog, match="lines match"):
            report.find(pattern)

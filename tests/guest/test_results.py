# SPDX-License-Identifier: MIT
"""What is made of a console: results, reports and JUnit files, on consoles made here."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import HERE  # noqa: F401  (it makes xenboxlib's place known)
from xenboxlib import Guest, Result, errors, junit, results
from xenboxlib import ktap as reports
from xenboxlib.show import Hider

GUEST = Guest("/somewhere/kernel.elf", type="pvh", cmdline="quick")
REPORT = """KTAP version 1
1..4
ok 1 one
# said on two
not ok 2 two # file.c:7: got 1, expected 2
ok 3 three # SKIP no such device
ok 4 - four
"""


def ended(console, code=errors.PASSED, **more):
    return Result(code=code, message="because", console=console, reason="poweroff", **more)


def made(console, code=errors.PASSED, **more):
    return results.document(ended(console, code, **more), GUEST, "4.17.7")


def suite_of(console, code=errors.PASSED, **more):
    whole, tests = made(console, code, **more)
    text = ElementTree.tostring(junit.tree(whole["host"], tests, console).getroot())
    return ElementTree.fromstring(text).find("testsuite")


# -- the guest's document ------------------------------------------------------------------

def pieces(text, size):
    return "".join(f"# json: {text[i:i + size]}\r\n" for i in range(0, len(text), size))


@pytest.mark.parametrize("size", [1, 2, 7, 200])
def test_pieces_are_put_together_in_order(size):
    text = json.dumps({"schema": "daisy-results-1", "cells": [{"name": "a  b", "runs": 3}] * 3})
    console = "hello\n" + pieces(text, size) + "other text\n" + REPORT
    whole, _ = made(console)
    assert whole["cells"][2] == {"name": "a  b", "runs": 3} and whole["host"]["problems"] == []
    assert whole["schema"] == "daisy-results-1" and len(whole["tests"]) == 4


def test_other_lines_may_come_in_between():
    console = '# json: {"schema"\n# json no piece\nwarning: x\n# json: : "s"}\n' + REPORT
    assert made(console)[0]["schema"] == "s"


def test_tests_of_the_guests_own_are_left_alone():
    whole, tests = made('# json: {"schema": "s", "tests": {"a": 1}}\n' + REPORT)
    assert whole["tests"] == {"a": 1} and len(tests) == 4


@pytest.mark.parametrize("text, why", [
    ('{"schema": "s", "x": [1', "not JSON"), ('{"schema": "s"}}', "not JSON"),
    ("", "not JSON"), ("[1, 2]", 'no object|not an object with a "schema"'),
    ('{"x": 1}', 'with a "schema"'), ('{"schema": 1}', 'with a "schema"'),
    ('{"schema": "s", "host": {}}', '"host" of their own')])
def test_documents_that_are_refused(text, why):
    result = ended(f"# json: {text}\n" + REPORT)
    whole, _ = results.document(result, GUEST, None)
    assert whole["schema"] == "xenbox-results-1" and len(whole["tests"]) == 4
    problem, = whole["host"]["problems"]
    assert any(part in problem for part in why.split("|"))
    results.settle(result)
    assert (result.code, result.message) == (errors.FAILED, problem)


def test_a_broken_document_does_not_hide_a_worse_end():
    result = ended("# json: {\n", errors.CRASHED)
    results.settle(result)
    assert result.code == errors.CRASHED


def test_a_good_or_no_document_settles_nothing():
    for console in (REPORT, '# json: {"schema": "s"}\n'):
        result = ended(console)
        results.settle(result)
        assert result.passed


def test_what_the_host_adds():
    exits = {"lost": 0, "vcpus": [], "sections": [], "problems": []}
    log = ("(XEN) [  12.5] d1v0 d1 port 7 lost event (too many queue changes)\n"
           "(d1) lost event (too many queue changes)\n(XEN) other\n")
    host = made(REPORT, exits=exits, xen_log=log)[0]["host"]
    assert (host["image"], host["type"], host["cmdline"]) == ("kernel.elf", "pvh", "quick")
    assert (host["xen"], host["code"], host["exits"]) == ("4.17.7", 0, exits)
    assert host["xen_lost_events"] == [log.splitlines()[0]], "Xen's words, not the guest's"


# -- the report ----------------------------------------------------------------------------

def test_a_report_is_read():
    report = reports.read(("# four: told early\n# five: nobody\n" + REPORT).splitlines())
    assert report.problems == []
    assert report.tests == [
        {"name": "one", "state": "pass", "reason": "", "diagnostic": []},
        {"name": "two", "state": "fail", "reason": "file.c:7: got 1, expected 2",
         "diagnostic": ["said on two"]},
        {"name": "three", "state": "skip", "reason": "no such device", "diagnostic": []},
        {"name": "four", "state": "pass", "reason": "", "diagnostic": ["told early"]}]


@pytest.mark.parametrize("console, why", [
    ("", "no KTAP report"), ("ok 1 one\n1..1\n", "no KTAP report"),
    ("KTAP version 1\n", "no plan, and 0 results"),
    ("KTAP version 1\nok 1 one\n", "no plan, and 1 results"),
    ("KTAP version 1\n1..2\nok 1 one\nok 2", "cut off: 1 results, the plan promises 2")])
def test_a_report_that_is_not_whole(console, why):
    whole, _ = made(console)
    found, = whole["host"]["problems"]
    assert why in found
    assert int(suite_of(console).get("errors")) == 1


# -- JUnit ----------------------------------------------------------------------------------

def test_a_case_for_each_line():
    suite = suite_of(REPORT, errors.FAILED)
    assert {key: suite.get(key) for key in ("name", "tests", "failures", "skipped", "errors")} == {
        "name": "kernel.elf", "tests": "4", "failures": "1", "skipped": "1", "errors": "0"}
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert list(cases) == ["one", "two", "three", "four"]
    assert len(cases["one"]) == 0 and cases["one"].get("time") is None
    failure = cases["two"].find("failure")
    assert failure.get("message") == "file.c:7: got 1, expected 2"
    assert failure.text == "said on two"
    assert cases["three"].find("skipped").get("message") == "no such device"


@pytest.mark.parametrize("code", [errors.CRASHED, errors.TIMED_OUT, errors.NOT_CREATED,
                                  errors.BED_FAILED])
def test_a_run_that_did_not_pass_has_an_error(code):
    """Also when every line of its report is good, and when there is a failing one as well."""
    for console in (REPORT, REPORT.replace("not ok", "ok")):
        case, = suite_of(console, code).findall("testcase[@name='(run)']")
        assert case.find("error").get("message") == "because"


def test_a_failing_verdict_with_good_lines_only():
    suite = suite_of(REPORT.replace("not ok", "ok"), errors.FAILED)
    assert (suite.get("failures"), suite.get("errors"), suite.get("tests")) == ("0", "1", "5")


def test_what_xml_cannot_carry():
    console = REPORT.replace("file.c", "<&\"\0\x1b\ufffe>") + "]]>\x08\n"
    suite = suite_of(console, errors.FAILED)
    assert suite.find("testcase/failure").get("message").startswith('<&"\ufffd\ufffd\ufffd>')
    assert suite.find("system-out").text.endswith("]]>\ufffd\n")


# -- what is not shown -----------------------------------------------------------------------

SHOWN = b"# jso\nhello\n\r# json: stays\n# json:stays\n #json: stays\n\n"
CONSOLE = SHOWN.replace(b"hello", b"# json: a\r\nhello\n# json: b\n# json: ")


@pytest.mark.parametrize("size", [1, 2, 3, 8, 9, 50, 1000])
def test_pieces_are_hidden_however_they_arrive(size):
    hide = Hider(b"# json: ")
    shown = b"".join(hide(CONSOLE[i:i + size]) for i in range(0, len(CONSOLE), size))
    assert shown + hide.rest() == SHOWN


def test_what_is_held_back_comes_in_the_end():
    hide = Hider(b"# json: ")
    assert hide(b"a\n# js") == b"a\n" and hide.rest() == b"# js"

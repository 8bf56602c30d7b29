# SPDX-License-Identifier: MIT
"""JUnit XML of a run: one test case for each line of the report, and one for each thing that kept
the report from being whole. Nobody timed the single tests, so no case has a time.
"""

import re
import xml.etree.ElementTree as ElementTree

from . import errors

# What XML 1.0 cannot carry, not even escaped.
UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tree(host, tests, console=""):
    """The element tree of what results.document() returns (the "host" of the first), and of a
    console."""
    broken = errors_of(host, tests)
    counts = {"tests": len(tests) + len(broken), "errors": len(broken),
              "failures": number(tests, "fail"), "skipped": number(tests, "skip")}
    attributes = {key: str(value) for key, value in counts.items()}
    root = ElementTree.Element("testsuites", attributes)
    suite = ElementTree.SubElement(root, "testsuite", {"name": fit(host["image"])} | attributes)
    properties = ElementTree.SubElement(suite, "properties")
    for key in ("xenbox", "xen", "type", "boot", "vcpus", "cmdline", "message"):
        ElementTree.SubElement(properties, "property", name=key, value=fit(str(host[key])))
    for test in tests:
        add_case(suite, host["image"], test)
    for name, why in broken:
        case = ElementTree.SubElement(suite, "testcase", classname=fit(host["image"]), name=name)
        ElementTree.SubElement(case, "error", message=fit(why))
    ElementTree.SubElement(suite, "system-out").text = fit(console)
    return ElementTree.ElementTree(root)


def number(tests, state):
    return sum(test["state"] == state for test in tests)


def errors_of(host, tests):
    """A run that did not pass has a failing case or an error: never only good lines."""
    found = [("(report)", why) for why in host["problems"]]
    explained = host["code"] == errors.FAILED and number(tests, "fail")
    if host["code"] != errors.PASSED and not explained:
        found.append(("(run)", host["message"]))
    return found


def add_case(suite, classname, test):
    case = ElementTree.SubElement(suite, "testcase", classname=fit(classname),
                                  name=fit(test["name"]))
    said = fit("\n".join(test.get("diagnostic", ())))
    reason = fit(test.get("reason", ""))
    if test["state"] == "fail":
        ElementTree.SubElement(case, "failure", message=reason).text = said
    elif test["state"] == "skip":
        ElementTree.SubElement(case, "skipped", message=reason)
    elif said:
        ElementTree.SubElement(case, "system-out").text = said


def fit(text):
    return UNFIT.sub("\ufffd", text)


def save(file, host, tests, console):
    with file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n')
        tree(host, tests, console).write(file, encoding="unicode")
        file.write("\n")

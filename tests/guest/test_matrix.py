# SPDX-License-Identifier: MIT
"""Daisy on the real Xen: every configuration of the matrix, and the same words on every console.

DAISY_BUILD is the build directory to take daisy.elf from (default: build).
"""

import fnmatch
import os
import re

import ktap
import matrix
import pytest
import rules
import storms
from conftest import HERE, rare

REPO = os.path.dirname(os.path.dirname(HERE))
IMAGE = os.path.join(os.environ.get("DAISY_BUILD", os.path.join(REPO, "build")), "daisy.elf")
PATIENCE = 1200          # seconds for any guest: a limit, not an expectation


def declared_tests():
    """The names of all SELFTEST(...)s: a test that got lost in the link is noticed."""
    names = set()
    for root, _, files in os.walk(os.path.join(REPO, "selftest")):
        for file in filter(lambda name: name.endswith(".c"), files):
            with open(os.path.join(root, file), encoding="utf-8") as source:
                names |= set(re.findall(r"^SELFTEST(?:_LAST)?\((\w+)\)", source.read(), re.M))
    return names


def judged(result):
    """The report of a run that passed; every mark of a pass must agree."""
    report = ktap.parse(result.console)
    report.check_end(result.reason)
    assert {name: report.outcomes[name].why for name in report.names("fail")} == {}
    assert result.passed, result.message
    return report


def check_outcomes(report, machine):
    """Every test, and the cells of the storm that this machine has; those skip that must."""
    cells, declared = storms.here(machine), declared_tests()
    assert set(report.outcomes) == declared | {cell.name for cell in cells}
    assert report.skips == rules.skips(machine) | {c.name: c.skip for c in cells if c.skip} | {
        test: "skip=" for test in declared
        if any(fnmatch.fnmatch(test, word) for word in machine.option("skip", "").split(","))}
    storms.check(report, cells)


def check_warnings(found, wanted):
    assert len(found) == len(wanted), found
    for text, pattern in zip(found, wanted):
        assert re.fullmatch(pattern, text)


# -- the matrix ---------------------------------------------------------------------------

@pytest.mark.parametrize("domain", [
    rare(domain, id=str(domain), when=domain.name in matrix.RARE)
    for domain in matrix.ALL])
def test_domain(boot, domain):
    report = judged(boot(IMAGE, timeout=PATIENCE, **domain.guest))
    check_outcomes(report, domain)
    assert report.protocol == domain.protocol
    assert report.under.startswith("Xen ")
    check_route(report, domain)
    for pattern in domain.words:
        report.find(pattern)
    check_warnings(report.warnings, domain.warnings)


def check_route(report, domain):
    """The route that the configuration demands, and the reason when it is another one."""
    found = report.find(r"upcall: route (\w+) \(irq (\d+), (\w+)\)")
    route, irq, chip = found.groups()
    assert (route, chip) == (domain.route, domain.chip)
    assert domain.irq_fits(int(irq)), found.group(0)
    denied = [m.groups() for line in report.lines
              if (m := re.fullmatch(r"upcall: not (\w+): (.+)", line))]
    assert denied == ([(domain.asked, domain.why_not)] if domain.why_not else [])


# -- all consoles say the same ----------------------------------------------------------------

def from_hello(lines):
    """Without what ran before Daisy."""
    return lines[next(i for i, line in enumerate(lines) if line.startswith("daisy: booted")):]


def said_on_debug_port(result):
    """Xen prints a guest's line as `(dN) line`."""
    text = result.xen_log.replace("\r", "")
    return from_hello(re.findall(r"^\(d\d+\) ?(.*)$", text, re.M))


def pv_lines(result):
    return from_hello(result.pv_console.replace("\r", "").splitlines())


def test_three_consoles_agree(boot):
    result = boot(IMAGE, cmdline="route=intx", timeout=PATIENCE)
    lines = from_hello(judged(result).lines)
    assert pv_lines(result) == lines
    assert said_on_debug_port(result) == lines


def test_a_panic_is_on_every_console(boot):
    result = boot(IMAGE, cmdline="provoke=fault", timeout=PATIENCE)
    lines = from_hello(result.lines)
    assert result.reason == "crash" and lines[-1] == "panic: end"
    assert pv_lines(result) == lines
    assert said_on_debug_port(result) == lines


def test_the_verdict_is_in_xenstore(start):
    """Preserved when it powers off, so that dom0 can still read what it wrote."""
    run = start(IMAGE, type="pvh", timeout=PATIENCE, settings=('on_poweroff="preserve"',))
    verdict = run.expect(ktap.VERDICT.pattern)
    assert verdict
    status, text = run.execute(
        "until xl list guest | grep -q -e '---s--'; do sleep 0.2; done;"
        " xenstore-read /local/domain/$(xl domid guest)/data/daisy", timeout=PATIENCE)
    run.destroy()
    assert (status, text.strip()) == (0, verdict.group(0).removeprefix("daisy: "))
